/* rebeam.Memory: what a Python object of a message keeps its memory by.
 *
 * An object owns a reference to its memory; the interpreter's table of live objects borrows them.
 * GIL held in every function here.
 */
#ifndef REBEAM_MEMORY_OBJECT_H
#define REBEAM_MEMORY_OBJECT_H

#include "memory/memory.h"

/* How the bytes are seen. */
struct memory_layout {
    const char *format; /* PEP 3118; NULL: bytes */
    Py_ssize_t itemsize;
    int ndim;                /* at most MEMORY_DIMENSIONS_MAX */
    const Py_ssize_t *shape; /* row-major */
};
enum { MEMORY_DIMENSIONS_MAX = 64 };
/* Takes the part's reference, also if it fails. `layout` may be NULL: a run of bytes. A new
 * reference, or NULL with an exception. */
PyObject *memory_object(struct memory_part part, const struct memory_layout *layout);
/* The memory that a live rebeam.Memory gives at exactly these bytes: what was received may be sent
 * on as it is. False if there is none; else the part has a reference of its own. */
bool memory_find(const void *data, size_t size, struct memory_part *part);
/* True for a rebeam.Memory. */
bool memory_is(PyObject *object);

/* Makes the type and adds it to the module. 0, or -1. */
int memory_init(struct interpreter *interpreter, PyObject *module);

#endif
