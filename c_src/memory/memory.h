/* Memory that messages share instead of copying it.
 *
 *   exporter (bytes, array...) --memory_of_view--> struct memory <--- {Ref, Binary} terms
 *                                                       ^
 *                                          rebeam.Memory objects (read-only views)
 *
 * A struct memory is a resource: messages in mailboxes, Elixir's binaries and Python's
 * rebeam.Memory objects each hold a reference. The last one to go may go on any thread
 * and without the GIL; what the memory was borrowed from is then given back by a job
 * on the executor of its interpreter.
 *
 * Nobody writes to it: the Python side hands out read-only views, and what could be
 * changed by who sent it was copied or frozen before (value/python/buffer.c). The objects are
 * in memory/object.h, what other OS processes map in memory/file.h.
 */
#ifndef REBEAM_MEMORY_MEMORY_H
#define REBEAM_MEMORY_MEMORY_H

#include "base/interpreter.h"

#include <erl_nif.h>
#include <stdbool.h>

struct memory;

/* A run of bytes in it. Owns a reference to `memory`. */
struct memory_part {
    struct memory *memory;
    const unsigned char *data;
    size_t size;
};

/* ---- any thread, no GIL ------------------------------------------------------- */

bool memory_load(ErlNifEnv *env);
/* How many there are. */
unsigned long memory_count(void);
void memory_keep(struct memory *self);
void memory_release(struct memory *self);
/* Takes what mmap gave. The caller owns the result; NULL without memory, it is unmapped then. */
struct memory *memory_of_mapping(void *data, size_t size);
/* {Ref, Binary}: the binary is the part; by the reference the memory is found again in this OS
 * process. On another node it is a plain reference, and the binary a copy. */
ERL_NIF_TERM memory_term(ErlNifEnv *env, const struct memory_part *part);
/* A part of a message: {Ref, Binary}, or a binary. Returns false for anything else. */
bool memory_inspect(ErlNifEnv *env, ERL_NIF_TERM term, ERL_NIF_TERM *binary);

/* ---- GIL held ----------------------------------------------------------------- */

/* Takes the view, which must be contiguous. The caller owns the result; NULL without memory, the
 * view is released then. No exceptions. */
struct memory *memory_of_view(const Py_buffer *view);
/* A copy of `size` bytes, to be filled at *data. NULL without memory. */
struct memory *memory_new(size_t size, unsigned char **data);
/* What memory_term made, or a binary, which is kept; the part owns its reference. False without
 * memory, or if the term is neither. */
bool memory_from_term(ErlNifEnv *env, ERL_NIF_TERM term, struct memory_part *part);
/* The bytes object whose whole memory the part is: borrowed. NULL if it is none, or one of another
 * interpreter. */
PyObject *memory_bytes(const struct memory_part *part);

#endif
