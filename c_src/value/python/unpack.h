/* bytes -> Python object. GIL held. */
#ifndef REBEAM_VALUE_PYTHON_UNPACK_H
#define REBEAM_VALUE_PYTHON_UNPACK_H

#include "value/parts.h"

/* Returns a new reference, or NULL with an exception set. All of the payload may go after the call:
 * what is still needed of its parts is kept. */
PyObject *value_unpack(const struct value_payload *payload);
PyObject *value_unpack_flat(const unsigned char *bytes, size_t length);

#endif
