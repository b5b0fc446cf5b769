/* The primitives: what Python code awaits, and how each becomes a request.
 *
 * call, cast and sleep are here because they are the message path. Every other
 * primitive is `_op("topic.verb", *args)`: a clause in lib/rebeam/operation/<topic>.ex, and a
 * Python function over it in python/rebeam/_<topic>.py. So a new one needs nothing in C. Only one
 * that has to be faster than that is a function and a row of the table here, and a name in
 * python/rebeam/_native.py and _native.pyi.
 *
 * `begin` of each is called with the GIL, and fails with a Python exception.
 */
#ifndef REBEAM_PRIMITIVE_PRIMITIVE_H
#define REBEAM_PRIMITIVE_PRIMITIVE_H

#include "base/interpreter.h"

/* Adds the primitives to the `_rebeam` module. 0, or -1 with an exception. */
int primitive_init(PyObject *module);

#endif
