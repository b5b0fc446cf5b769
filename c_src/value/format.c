/* Reading and writing the pieces of a packed value. */
#include "value/format.h"

#include <stdlib.h>
#include <string.h>

/* ---- writing ---------------------------------------------------------- */

static size_t varint_encode(unsigned char *bytes, uint64_t number) {
    size_t length = 0;
    for (; number >= 0x80; number >>= 7)
        bytes[length++] = (unsigned char)(number | 0x80);
    bytes[length++] = (unsigned char)number;
    return length;
}

/* Small numbers near zero become small numbers, whatever their sign. */
static uint64_t zigzag(int64_t number) {
    return ((uint64_t)number << 1) ^ (number < 0 ? UINT64_MAX : 0);
}

bool value_put_tag(struct buffer *out, enum value_tag tag) {
    return buffer_append_byte(out, (uint8_t)tag);
}

bool value_put_count(struct buffer *out, uint64_t count) {
    unsigned char bytes[VALUE_VARINT_MAX];
    return buffer_append(out, bytes, varint_encode(bytes, count));
}

bool value_put_tag_count(struct buffer *out, enum value_tag tag, uint64_t count) {
    unsigned char bytes[1 + VALUE_VARINT_MAX] = {(unsigned char)tag};
    return buffer_append(out, bytes, 1 + varint_encode(bytes + 1, count));
}

bool value_put_int(struct buffer *out, int64_t number) {
    return value_put_count(out, zigzag(number));
}

bool value_put_tag_int(struct buffer *out, int64_t number) {
    return value_put_tag_count(out, VALUE_INT, zigzag(number));
}

bool value_put_data(struct buffer *out, const void *bytes, size_t length) {
    return value_put_count(out, length) && buffer_append(out, bytes, length);
}

bool value_put_float(struct buffer *out, double number) {
    uint64_t bits;
    unsigned char bytes[sizeof bits];
    memcpy(&bits, &number, sizeof bits);
    for (size_t i = 0; i < sizeof bits; i++)
        bytes[i] = (unsigned char)(bits >> (8 * (sizeof bits - 1 - i)));
    return buffer_append(out, bytes, sizeof bytes);
}

unsigned value_object_count(unsigned flags) {
    unsigned count = 2;
    for (flags >>= 1; flags != 0; flags >>= 1)
        count += flags & 1;
    return count;
}

/* ---- reading ---------------------------------------------------------- */

static size_t left(const struct value_reader *reader) {
    return (size_t)(reader->end - reader->at);
}

bool value_read_byte(struct value_reader *reader, uint8_t *byte) {
    if (left(reader) == 0)
        return false;
    *byte = *reader->at++;
    return true;
}

bool value_read_tag(struct value_reader *reader, enum value_tag *tag) {
    uint8_t byte;
    if (!value_read_byte(reader, &byte) || byte >= VALUE_TAG_COUNT)
        return false;
    *tag = (enum value_tag)byte;
    return true;
}

bool value_read_varint(struct value_reader *reader, uint64_t *number) {
    uint64_t result = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte;
        if (!value_read_byte(reader, &byte))
            return false;
        if (shift == 63 && byte > 1)
            return false; /* more than 64 bits */
        result |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *number = result;
            return true;
        }
    }
    return false;
}

bool value_read_count(struct value_reader *reader, size_t each, size_t *count) {
    uint64_t number;
    if (!value_read_varint(reader, &number) || number > left(reader) / each)
        return false;
    *count = (size_t)number;
    return true;
}

bool value_read_int(struct value_reader *reader, int64_t *number) {
    uint64_t coded;
    if (!value_read_varint(reader, &coded))
        return false;
    uint64_t bits = (coded >> 1) ^ (coded & 1 ? UINT64_MAX : 0);
    memcpy(number, &bits, sizeof bits);
    return true;
}

bool value_read_fixed(struct value_reader *reader, size_t length, const unsigned char **bytes) {
    if (length > left(reader))
        return false;
    *bytes = reader->at;
    reader->at += length;
    return true;
}

bool value_read_data(struct value_reader *reader, const unsigned char **bytes, size_t *length) {
    return value_read_count(reader, 1, length) && value_read_fixed(reader, *length, bytes);
}

bool value_read_float(struct value_reader *reader, double *number) {
    const unsigned char *bytes;
    uint64_t bits = 0;
    if (!value_read_fixed(reader, sizeof bits, &bytes))
        return false;
    for (size_t i = 0; i < sizeof bits; i++)
        bits = bits << 8 | bytes[i];
    memcpy(number, &bits, sizeof bits);
    return true;
}

bool value_nested_read(struct value_reader *reader, const struct value_parts_range *outer,
                       struct value_nested *nested) {
    uint64_t first, count;
    if (!value_read_varint(reader, &first) || !value_read_varint(reader, &count) ||
        !value_read_data(reader, &nested->bytes, &nested->length))
        return false;
    if (first > outer->count || count > outer->count - first)
        return false;
    nested->range.first = outer->first + (size_t)first;
    nested->range.count = (size_t)count;
    return nested->length >= 2 && nested->bytes[0] == VALUE_VERSION;
}

/* ---- calendar --------------------------------------------------------- */

static int days_in_month(int year, int month) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool within(int number, int low, int high) {
    return low <= number && number <= high;
}

static bool clock_is_valid(const struct value_clock *clock) {
    return within(clock->year, 1, 9999) && within(clock->month, 1, 12) &&
           within(clock->day, 1, days_in_month(clock->year, clock->month)) &&
           within(clock->hour, 0, 23) && within(clock->minute, 0, 59) &&
           within(clock->second, 0, 59) && within(clock->microsecond, 0, 999999);
}

bool value_clock_read(const unsigned char *bytes, size_t size, struct value_clock *clock) {
    *clock = (struct value_clock){.year = 1, .month = 1, .day = 1};
    if (size != VALUE_TIME_SIZE) {
        int month = size == VALUE_DATETIME_SIZE ? bytes[2] & 0x7f : bytes[2];
        clock->year = bytes[0] << 8 | bytes[1];
        clock->month = month;
        clock->day = bytes[3];
        bytes += VALUE_DATE_SIZE;
    }
    if (size != VALUE_DATE_SIZE) {
        clock->hour = size == VALUE_TIME_SIZE ? bytes[0] & 0x7f : bytes[0];
        clock->minute = bytes[1];
        clock->second = bytes[2];
        clock->microsecond = bytes[3] << 16 | bytes[4] << 8 | bytes[5];
    }
    return clock_is_valid(clock);
}

bool value_clock_write(const struct value_clock *clock, size_t size, unsigned char *bytes) {
    if (!clock_is_valid(clock))
        return false;
    if (size != VALUE_TIME_SIZE) {
        *bytes++ = (unsigned char)(clock->year >> 8);
        *bytes++ = (unsigned char)clock->year;
        *bytes++ = (unsigned char)clock->month;
        *bytes++ = (unsigned char)clock->day;
    }
    if (size != VALUE_DATE_SIZE) {
        *bytes++ = (unsigned char)clock->hour;
        *bytes++ = (unsigned char)clock->minute;
        *bytes++ = (unsigned char)clock->second;
        *bytes++ = (unsigned char)(clock->microsecond >> 16);
        *bytes++ = (unsigned char)(clock->microsecond >> 8);
        *bytes++ = (unsigned char)clock->microsecond;
    }
    return true;
}

/* ---- text ------------------------------------------------------------- */

/* The length of the character that starts at `at`, or 0 if there is none. */
static size_t utf8_character(const unsigned char *at, size_t left_over) {
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = at[0];
    size_t length = first < 0x80                     ? 1
                    : first >= 0xc2 && first <= 0xdf ? 2
                    : first >= 0xe0 && first <= 0xef ? 3
                    : first >= 0xf0 && first <= 0xf4 ? 4
                                                     : 0;
    if (length == 0 || length > left_over)
        return 0;
    uint32_t point = length == 1 ? first : first & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (at[i] & 0x3f);
    }
    bool surrogate = point >= 0xd800 && point <= 0xdfff;
    return point < lowest[length] || point > 0x10ffff || surrogate ? 0 : length;
}

bool value_is_utf8(const unsigned char *bytes, size_t length) {
    const uint64_t high_bits = UINT64_C(0x8080808080808080);
    size_t i = 0;
    while (i < length) {
        uint64_t eight;
        if (length - i >= sizeof eight) { /* most text is ASCII: eight at once */
            memcpy(&eight, bytes + i, sizeof eight);
            if ((eight & high_bits) == 0) {
                i += sizeof eight;
                continue;
            }
        }
        size_t step = utf8_character(bytes + i, length - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

/* ---- arrays ----------------------------------------------------------- */

bool value_grow(void **items, size_t *capacity, size_t element, const void *first) {
    if (*capacity > SIZE_MAX / 2 / element)
        return false;
    size_t old = *capacity * element;
    void *grown = realloc(*items == first ? NULL : *items, old * 2);
    if (grown == NULL)
        return false;
    if (*items == first)
        memcpy(grown, first, old);
    *items = grown;
    *capacity *= 2;
    return true;
}
