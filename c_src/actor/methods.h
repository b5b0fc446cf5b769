/* Methods of CPython's types that are replaced by functions of the runtime. */
#ifndef REBEAM_ACTOR_METHODS_H
#define REBEAM_ACTOR_METHODS_H

#include "base/python.h"

/* The type's own method of that name is `function` from now on, for the life of the process, with
 * the original's text and signature. It stays as it is where that fails, with an exception. GIL
 * held. */
void methods_replace(PyObject *type, const char *name, PyObject *original,
                     PyCFunctionWithKeywords function);

#endif
