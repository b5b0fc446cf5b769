/* What the codec needs of Python's library: names and types, found when they are first needed.
 *
 * One per interpreter, which owns all; GIL held in every function. */
#ifndef REBEAM_VALUE_PYTHON_STATE_H
#define REBEAM_VALUE_PYTHON_STATE_H

#include "base/interpreter.h"

#include <stdbool.h>

/* Types of modules that are imported only when the program, or a message, has them. */
enum value_type {
    VALUE_TYPE_DATETIME, /* and what else datetime has */
    VALUE_TYPE_DECIMAL,
    VALUE_TYPE_ZONEINFO,
    VALUE_TYPE_NDARRAY,
    VALUE_TYPE_ARRAY,
    VALUE_TYPES
};

/* The names that the codec needs from Python's library. All owned. */
struct value_state {
    PyObject *pickling_error;       /* _pickle.PicklingError */
    PyObject *unpickling_error;     /* _pickle.UnpicklingError */
    PyTypeObject *pickle_buffer;    /* _pickle.PickleBuffer */
    PyObject *dispatch_table;       /* copyreg.dispatch_table */
    PyObject *new_object;           /* copyreg.__newobj__ */
    PyTypeObject *packed;           /* rebeam.Packed */
    PyObject *modules[VALUE_TYPES]; /* their names */
    PyObject *find_global, *make_exception,
        *reduce_own; /* rebeam._engine.reduce; NULL until needed */
    /* NULL until their module is imported */
    PyTypeObject *date, *time, *datetime, *timedelta, *timezone, *tzinfo;
    PyTypeObject *zoneinfo;
    PyObject *utc; /* datetime.timezone.utc */
    PyTypeObject *decimal;
    PyTypeObject *ndarray;
    PyObject *dtype; /* numpy.dtype */
    PyTypeObject *array;
};

/* Returns NULL with an exception set. */
struct value_state *value_state_new(void);
/* Whether `type` is that one. No exceptions. */
bool value_state_is(struct value_state *self, enum value_type which, const PyTypeObject *type);
/* Imports rebeam._engine.reduce. 0, or -1 with an exception. */
int value_state_reduce(struct value_state *self);
/* Imports its module. 0, or -1 with an exception. */
int value_state_need(struct value_state *self, enum value_type which);

#endif
