/* Objects of any class, made again of what value/python/reduce.h took them apart into. GIL held. */
#ifndef REBEAM_VALUE_PYTHON_MAKE_H
#define REBEAM_VALUE_PYTHON_MAKE_H

#include "base/python.h"

#include <stdbool.h>

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
