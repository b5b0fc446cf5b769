/* Calls of what is no function but comes down to one that has a twin: a class with its __init__, an
 * instance with its __call__. GIL held.
 *
 * Each is taken apart as CPython itself would do it, up to the Python function that has a twin.
 * Where anything is out of the ordinary (a metaclass with a __call__, an __init__ in C) the call is
 * a plain one. */
#ifndef REBEAM_SUSPEND_RUNTIME_OBJECT_H
#define REBEAM_SUSPEND_RUNTIME_OBJECT_H

#include "base/python.h"

struct suspend_state;

/* A new reference to what there is to await; NULL without an exception if `callable` is none of
 * these. */
PyObject *suspend_object_call(const struct suspend_state *state, PyObject *callable,
                              PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

#endif
