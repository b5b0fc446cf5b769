/* Objects of any class, as pickle has them (copyreg, __reduce_ex__(5)): what they are made from,
 * and their state. Each of these parts is a value that is packed in its turn. GIL held. */
#ifndef REBEAM_VALUE_PYTHON_REDUCE_H
#define REBEAM_VALUE_PYTHON_REDUCE_H

#include "value/format.h"
#include "value/python/object.h"

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
/* An object of this class, without its state. `arguments` is a tuple. A new reference, or NULL. */
PyObject *value_make(PyObject *callable, PyObject *arguments, unsigned flags);
/* The last type whose objects' state was set: whether they may have a __setstate__. */
struct value_maker {
    PyObject *type; /* owned, or NULL */
    bool setstate;
};
/* What comes after it: items, pairs or state (one of the flags). 0, or -1 with an exception. */
int value_make_part(struct value_maker *self, PyObject *object, unsigned flag, PyObject *part);
/* The same by a SETTER. */
int value_make_state(PyObject *object, PyObject *state, PyObject *setter);

#endif
