#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

static bool reserve(struct buffer *self, size_t more) {
    if (more <= self->capacity - self->length)
        return true;
    if (more > SIZE_MAX / 2 - self->length)
        return false;
    size_t capacity = self->capacity < 64 ? 64 : self->capacity;
    while (capacity - self->length < more)
        capacity *= 2;
    unsigned char *bytes = realloc(self->bytes, capacity);
    if (bytes == NULL)
        return false;
    self->bytes = bytes;
    self->capacity = capacity;
    return true;
}

bool buffer_append(struct buffer *self, const void *bytes, size_t length) {
    if (!reserve(self, length))
        return false;
    if (length > 0)
        memcpy(self->bytes + self->length, bytes, length);
    self->length += length;
    return true;
}

bool buffer_append_byte(struct buffer *self, uint8_t byte) {
    return buffer_append(self, &byte, 1);
}

void buffer_free(struct buffer *self) {
    free(self->bytes);
    *self = (struct buffer){0};
}
