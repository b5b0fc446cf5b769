/* Calls of Python functions and methods through their twins. GIL held.
 *
 * NULL without an exception says that there is no twin, or that it refuses the arguments: then the
 * plain call is to tell, under the function's own name. */
#ifndef REBEAM_SUSPEND_RUNTIME_FUNCTION_H
#define REBEAM_SUSPEND_RUNTIME_FUNCTION_H

#include "base/python.h"

struct suspend_state;

/* A new reference to what there is to await. `callable` may be anything. */
PyObject *suspend_function_call(const struct suspend_state *state, PyObject *callable,
                                PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
/* The same of `function`, with `self` before the arguments. */
PyObject *suspend_function_call_bound(const struct suspend_state *state, PyObject *function,
                                      PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                      PyObject *kwnames);

#endif
