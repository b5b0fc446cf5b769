/* Spans of time and zones of Python's library: datetime.timedelta, datetime.timezone and
 * zoneinfo.ZoneInfo. GIL held in every function. */
#ifndef REBEAM_VALUE_PYTHON_ZONE_H
#define REBEAM_VALUE_PYTHON_ZONE_H

#include "base/buffer.h"
#include "base/python.h"
#include "value/format.h"

struct value_state;

/* Whether it is a zone that goes by itself, and not what a program has made of one. */
bool value_is_zone(struct value_state *self, PyObject *object);
/* Appends a timedelta or such a zone. 0, -1 with an exception, or 1 if it is none, or has a name
 * that is no text. */
int value_zone_pack(struct value_state *self, PyObject *object, struct buffer *out);
/* Appends an AWARE: `state` is the bytes of a time or datetime. As above. */
int value_zone_pack_aware(struct value_state *self, PyObject *state, PyObject *tzinfo,
                          struct buffer *out);

/* Reads what follows the tag of a TIMEDELTA, TIMEZONE, ZONEINFO or AWARE. Returns a new reference,
 * or NULL with an exception. */
PyObject *value_zone_unpack(struct value_state *self, enum value_tag tag,
                            struct value_reader *reader);

#endif
