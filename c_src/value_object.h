/* Packing what is neither a builtin value nor an identity: calendar types,
 * Decimal, and by pickle everything else. GIL held in every function. */
#ifndef REBEAM_VALUE_OBJECT_H
#define REBEAM_VALUE_OBJECT_H

#include "buffer.h"
#include "interpreter.h"
#include "value_format.h"

/* The names that the codec needs from Python's library. All owned. */
struct value_state {
    PyObject *dumps;            /* _pickle.dumps */
    PyObject *loads;            /* _pickle.loads */
    PyObject *unpickling_error; /* _pickle.UnpicklingError */
    PyObject *protocol;         /* 5 */
    PyObject *datetime_name;    /* "datetime" */
    PyObject *decimal_name;     /* "decimal" */
    /* NULL until the program or a message has imported their module */
    PyTypeObject *date;
    PyTypeObject *time;
    PyTypeObject *datetime;
    PyObject *utc; /* datetime.timezone.utc */
    PyTypeObject *decimal;
};

/* Returns NULL with an exception set. */
struct value_state *value_state_new(void);

/* Appends `object`. 0, or -1 with the exception that pickle raised. If *child is
 * not NULL afterwards, the caller owns it and packs it next: it is the last part. */
int value_object_pack(struct value_state *self, PyObject *object, struct buffer *out,
                      PyObject **child);

/* Reads what follows the tag of a DATE, TIME, DATETIME, DATETIME_UTC, DECIMAL or
 * PICKLE. Returns a new reference, or NULL with an exception set. */
PyObject *value_object_unpack(struct value_state *self, enum value_tag tag,
                              struct value_reader *reader);
/* DATETIME_ZONED: what comes before the tzinfo, as a tuple; then, with the tzinfo,
 * the datetime. Each returns a new reference, or NULL with an exception set. */
PyObject *value_zoned_open(struct value_reader *reader);
PyObject *value_zoned_close(struct value_state *self, PyObject *opened, PyObject *tzinfo);

/* Sets ValueError for malformed bytes; returns NULL. */
void *value_malformed(void);
/* Replaces the exception that is set, which packing `object` raised, by one that
 * names the path: `root` and then `steps`, a list of (kind, key) (see
 * rebeam._diagnose). Interrupts and exits stay as they are. */
void value_explain(const char *root, PyObject *steps, PyObject *object);

#endif
