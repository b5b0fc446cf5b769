#include "base/external.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

size_t external_normalize(const unsigned char *bytes, size_t length, int tag,
                          unsigned char *plain) {
    size_t head = tag == EXTERNAL_REFERENCE ? 4 : 2; /* a reference has a count of its words */
    if (length < head + 3 || length > EXTERNAL_NAME_MAX / 2 || bytes[0] != EXTERNAL_VERSION ||
        bytes[1] != tag)
        return 0;
    bool latin = bytes[head] == EXTERNAL_LATIN || bytes[head] == EXTERNAL_SMALL_LATIN;
    bool wide_size = bytes[head] == EXTERNAL_LATIN || bytes[head] == EXTERNAL_LONG_ATOM;
    if (!latin && !wide_size && bytes[head] != EXTERNAL_ATOM)
        return 0;
    size_t at = head + (wide_size ? 3 : 2);
    size_t end =
        at + (wide_size ? (size_t)(bytes[head + 1] << 8 | bytes[head + 2]) : bytes[head + 1]);
    size_t to = head + 2;
    if (end > length)
        return 0;
    for (; at < end; at++) {
        if (latin && bytes[at] >= 0x80)
            plain[to++] = (unsigned char)(0xc0 | bytes[at] >> 6);
        plain[to++] =
            latin && bytes[at] >= 0x80 ? (unsigned char)(0x80 | (bytes[at] & 0x3f)) : bytes[at];
    }
    if (to - head - 2 > UINT8_MAX)
        return 0;
    memcpy(plain, bytes, head);
    plain[head] = EXTERNAL_ATOM;
    plain[head + 1] = (unsigned char)(to - head - 2);
    memcpy(plain + to, bytes + end, length - end);
    return to + length - end;
}
