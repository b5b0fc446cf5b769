/* The values of some modules of Python's library: calendar types and Decimal. GIL held in every
 * function. */
#ifndef REBEAM_VALUE_PYTHON_OBJECT_H
#define REBEAM_VALUE_PYTHON_OBJECT_H

#include "base/buffer.h"
#include "base/python.h"
#include "value/format.h"

struct value_state;

/* Appends a date, time, datetime, timedelta, time zone or Decimal. 0, -1 with an exception, or 1 if
 * it is none, or is one that is to be packed as any other object. If *child is not NULL afterwards,
 * the caller owns it and packs it next: it is the last part. */
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

#endif
