/* The primitives: what Python code awaits, and how each becomes a request.
 *
 * call, cast and sleep are here because they are the message path. Every other
 * primitive is `operation(name, *args)`: a name that lib/rebeam/operation.ex
 * knows, and Python functions over it in python/rebeam. To add one, add a clause
 * there and a function here or in Python; nothing else.
 */
#ifndef REBEAM_PRIMITIVE_H
#define REBEAM_PRIMITIVE_H

#include "base/interpreter.h"

/* Adds the primitives to the `_rebeam` module. 0, or -1. */
int primitive_init(PyObject *module);

#endif
