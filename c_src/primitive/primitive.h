/* The primitives: what Python code awaits, and how each becomes a request.
 *
 * call, cast and sleep are here because they are the message path. Every other
 * primitive is `_op(name, *args)`: a name that lib/rebeam/operation.ex knows, and a
 * Python function over it in python/rebeam. So a new one is a clause there and a
 * function in Python, and nothing in C. Only one that has to be faster than that is a
 * function and a row of the table here, and a name in python/rebeam/_native.py.
 *
 * `begin` of each is called with the GIL, and fails with a Python exception.
 */
#ifndef REBEAM_PRIMITIVE_PRIMITIVE_H
#define REBEAM_PRIMITIVE_PRIMITIVE_H

#include "base/interpreter.h"

/* Adds the primitives to the `_rebeam` module. 0, or -1 with an exception. */
int primitive_init(PyObject *module);

#endif
