/* Values that are memory: numpy arrays, memoryview, array.array, PickleBuffer. GIL held.
 *
 * What is sent must not change under its receiver's eyes. From VALUE_PART_MIN bytes on:
 *
 *   immutable (bytes, read-only arrays that own their memory or come
 *   from such, Arrow's buffers, memory of another message)          shared
 *   a writable numpy array that alone owns its memory               frozen, shared
 *   everything else (views into somebody's writable memory,
 *   Arrow's too; bytearray, mmap, array.array...)                   copied, once
 *
 * Frozen: its `flags.writeable` is set to False; numpy then refuses to change it. What
 * is smaller is copied into the message and stays as it was.
 *
 * What arrives is read-only, however large: a view of a rebeam.Memory. (Not so
 * bytearray and array.array, which cannot be: they arrive as copies.)
 */
#ifndef REBEAM_VALUE_PYTHON_BUFFER_H
#define REBEAM_VALUE_PYTHON_BUFFER_H

#include "value/format.h"
#include "value/parts.h"
#include "value/python/object.h"

/* Appends `object`. 0, -1 with an exception, or 1 if it is no such value: nothing is written. What
 * is to be frozen is noted in `out`. */
int value_buffer_pack(struct value_state *self, struct value_packed *out, PyObject *object);
/* All is packed: freezes what was noted. What could not be sent stays as it was. 0, or -1. */
int value_buffer_freeze(struct value_packed *out);

/* The head of a BUFFER, which is followed by its data. Slices are borrowed from the reader. */
struct value_buffer_head {
    enum value_buffer_kind kind;
    const unsigned char *format; /* `format_length` bytes, no NUL at the end */
    size_t format_length;
    bool columns; /* column-major */
    uint64_t itemsize;
    size_t ndim;
    uint64_t shape[VALUE_BUFFER_DIMENSIONS_MAX];
};
/* Reads what follows the tag, up to the data. No GIL. False if it is malformed. */
bool value_buffer_read(struct value_reader *reader, struct value_buffer_head *head);
/* Appends it, tag and all. No GIL. False without memory. */
bool value_buffer_put(struct buffer *out, const struct value_buffer_head *head);
/* The number of bytes that it must have. No GIL. False if that is too large, or if a format of
 * Python's own does not have items of that size. */
bool value_buffer_size(const struct value_buffer_head *head, uint64_t *size);

/* Takes the part's reference. A new reference, or NULL with an exception. */
PyObject *value_buffer_build(struct value_state *self, const struct value_buffer_head *head,
                             struct memory_part part);

#endif
