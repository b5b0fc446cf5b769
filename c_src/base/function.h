/* A function that becomes another one in place: whoever holds it calls the new code. */
#ifndef REBEAM_BASE_FUNCTION_H
#define REBEAM_BASE_FUNCTION_H

#include "base/python.h"

/* _function_become(function, globals, code, closure, /): closure is a tuple of cells or None.
 *
 * All three at once: CPython itself refuses a code with other free variables than the function has
 * cells, one of another kind (a generator's, say) from 3.13 on with a warning, and other globals.
 * Frames that run keep what they began with; only their globals they borrow from the function that
 * was called, so whoever changes those keeps the ones before.
 * RuntimeError, and nothing is changed, where functions are laid out otherwise. GIL held. */
PyObject *function_become(PyObject *module, PyObject *args);

#endif
