/* What the codec needs of Python's library, and the values of two modules in it: calendar
 * types and Decimal. GIL held in every function. */
#ifndef REBEAM_VALUE_PYTHON_OBJECT_H
#define REBEAM_VALUE_PYTHON_OBJECT_H

#include "base/buffer.h"
#include "base/interpreter.h"
#include "value/format.h"

/* Types of modules that are imported only when the program, or a message, has them. */
enum value_type {
    VALUE_TYPE_DATETIME, /* and what else datetime has */
    VALUE_TYPE_DECIMAL,
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
    PyTypeObject *date, *time, *datetime;
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

/* Appends a date, time, datetime or Decimal. 0, -1 with an exception, or 1 if it is none, or is one
 * that is to be packed as any other object. If *child is not NULL afterwards, the caller owns it
 * and packs it next: it is the last part. */
int value_object_pack(struct value_state *self, PyObject *object, struct buffer *out,
                      PyObject **child);

/* Reads what follows the tag of a DATE, TIME, DATETIME, DATETIME_UTC or DECIMAL. Returns a new
 * reference, or NULL with an exception set. */
PyObject *value_object_unpack(struct value_state *self, enum value_tag tag,
                              struct value_reader *reader);
/* DATETIME_ZONED: what comes before the tzinfo, as a tuple; then, with the tzinfo,
 * the datetime. Each returns a new reference, or NULL with an exception set. */
PyObject *value_zoned_open(struct value_reader *reader);
PyObject *value_zoned_close(struct value_state *self, PyObject *opened, PyObject *tzinfo);

/* Sets ValueError for malformed bytes, with this text; returns NULL. */
extern const char *const value_malformed_text;
void *value_malformed(void);
/* Replaces the exception that is set, which packing `object` raised, by one that
 * names the path: `root` and then `steps`, a list of (kind, key) (see
 * rebeam._engine.diagnose). Interrupts and exits stay as they are. */
void value_explain(const char *root, PyObject *steps, PyObject *object);

#endif
