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

/* Appends `object`. 0, -1 with an exception, or 1 if it is no such value: nothing is written. What
 * is to be frozen is noted in `out`. */
int value_buffer_pack(struct value_state *self, struct value_packed *out, PyObject *object);
/* All is packed: freezes what was noted. What could not be sent stays as it was. 0, or -1. */
int value_buffer_freeze(struct value_packed *out);

#endif
