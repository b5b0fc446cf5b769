/* The head of a BUFFER, which is followed by its data. No GIL. */
#ifndef REBEAM_VALUE_BUFFER_HEAD_H
#define REBEAM_VALUE_BUFFER_HEAD_H

#include "value/format.h"

/* Slices are borrowed from the reader. */
struct value_buffer_head {
    enum value_buffer_kind kind;
    const unsigned char *format; /* `format_length` bytes, no NUL at the end */
    size_t format_length;
    bool columns; /* column-major */
    uint64_t itemsize;
    size_t ndim;
    uint64_t shape[VALUE_BUFFER_DIMENSIONS_MAX];
};
/* Reads what follows the tag, up to the data. False if it is malformed. */
bool value_buffer_read(struct value_reader *reader, struct value_buffer_head *head);
/* Appends it, tag and all. False without memory. */
bool value_buffer_put(struct buffer *out, const struct value_buffer_head *head);
/* The number of bytes that it must have. False if that is too large, or if a format of
 * Python's own does not have items of that size. */
bool value_buffer_size(const struct value_buffer_head *head, uint64_t *size);

#endif
