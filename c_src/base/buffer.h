/* A growing run of bytes, for encoders. No GIL, no Python, no exceptions. */
#ifndef REBEAM_BASE_BUFFER_H
#define REBEAM_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialised is empty and valid. Owns `bytes` (malloc); buffer_free gives it back. */
struct buffer {
    unsigned char *bytes;
    size_t length;
    size_t capacity;
};

/* False when memory ran out; the buffer is unchanged then. */
bool buffer_append(struct buffer *self, const void *bytes, size_t length);
bool buffer_append_byte(struct buffer *self, uint8_t byte);
void buffer_free(struct buffer *self);

#endif
