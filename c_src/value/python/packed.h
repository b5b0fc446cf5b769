/* rebeam.Packed: a message that is packed already, as Python holds it. Sent as an argument to
 * the runtime, it is there what a message's payload is: %Rebeam.Packed{}. GIL held. */
#ifndef REBEAM_VALUE_PYTHON_PACKED_H
#define REBEAM_VALUE_PYTHON_PACKED_H

#include "value/parts.h"

/* Appends `object` if it is one: 0, -1 with an exception, or 1 if it is none. */
int value_packed_pack(struct value_state *self, struct value_packed *out, PyObject *object);
/* Takes the content, also if it fails. A new reference, or NULL with an exception. */
PyObject *value_packed_object(struct value_state *self, struct value_packed *content);
/* Its payload, borrowed. False if it is none. */
bool value_packed_payload(struct value_state *self, PyObject *object, struct value_payload *out);
/* Makes the type and adds it to the module. 0, or -1. */
int value_packed_init(struct value_state *self, PyObject *module);

#endif
