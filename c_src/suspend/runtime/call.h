/* Which way a call in a twin goes. GIL held; NULL is a failure, with an exception, if nothing else
 * is said. */
#ifndef REBEAM_SUSPEND_RUNTIME_CALL_H
#define REBEAM_SUSPEND_RUNTIME_CALL_H

#include "base/python.h"

struct suspend_state;

/* Calls `callable` so that it may suspend: a new reference to what there is to await. */
PyObject *suspend_call(const struct suspend_state *state, PyObject *callable, PyObject *const *args,
                       Py_ssize_t nargs, PyObject *kwnames);

/* The same with a tuple and a dict (or NULL) of arguments. */
PyObject *suspend_call_object(const struct suspend_state *state, PyObject *callable, PyObject *args,
                              PyObject *kwargs);
int suspend_call_init(struct suspend_state *state);

#endif
