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

/* `args` and then the values of `kwargs`, which may be NULL, as one array, which the caller frees;
 * all borrowed. Their names in *kwnames, a new reference, or NULL if there are none. NULL with an
 * exception. */
PyObject **suspend_arguments_flatten(PyObject *args, PyObject *kwargs, PyObject **kwnames);

#endif
