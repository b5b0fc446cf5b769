/* Arguments in two forms: one array, as vectorcall has them, and a tuple with a dict. GIL held. */
#ifndef REBEAM_SUSPEND_RUNTIME_ARGUMENTS_H
#define REBEAM_SUSPEND_RUNTIME_ARGUMENTS_H

#include "base/python.h"

#include <stdbool.h>

/* A new reference, or NULL with an exception. */
PyObject *suspend_arguments_tuple(PyObject *const *args, Py_ssize_t nargs);
/* New reference to a dict of the named arguments, or to nothing (*failed tells which). */
PyObject *suspend_arguments_dict(PyObject *const *values, PyObject *kwnames, bool *failed);
/* Adds the named arguments to `dict`, which they override. 0, or -1. */
int suspend_arguments_add(PyObject *dict, PyObject *const *values, PyObject *kwnames);

/* One array of the positional and then the named values, all borrowed; the caller frees it. NULL
 * with an exception. */
PyObject **suspend_arguments_array(PyObject *args, PyObject *kwargs, PyObject *kwnames);
/* The keys as a tuple, or NULL; without an exception if one of them is no str. */
PyObject *suspend_arguments_names(PyObject *kwargs);

#endif
