/* _call_many: what `call_many` (python/rebeam/_messages.py) asks for where all targets are actors
 * that are known here. */
#ifndef REBEAM_PRIMITIVE_MANY_H
#define REBEAM_PRIMITIVE_MANY_H

#include "base/python.h"

/* As suspend_begin has it: suspend/runtime/primitive.h. */
PyObject *many_begin(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

#endif
