/* Objects of any class, as pickle has them (copyreg, __reduce_ex__(5)): what they are made from,
 * and their state. Each of these parts is a value that is packed in its turn. GIL held. */
#ifndef REBEAM_VALUE_PYTHON_REDUCE_H
#define REBEAM_VALUE_PYTHON_REDUCE_H

#include "base/python.h"

struct value_state;

/* What an object comes apart into. */
struct value_reduced {
    PyObject *parts; /* owned: a tuple of the values of an OBJECT; NULL: it is a GLOBAL */
    unsigned flags;
    PyObject *module, *name; /* owned: of the GLOBAL */
};

/* 0, or -1 with the exception that says why the object cannot be taken apart. */
int value_reduce(struct value_state *self, PyObject *object, struct value_reduced *out);
void value_reduced_free(struct value_reduced *self);

/* The class or function of this name: a new reference, or NULL with an exception. */
PyObject *value_global(PyObject *module, PyObject *name);
#endif
