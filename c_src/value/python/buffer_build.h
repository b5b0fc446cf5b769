/* Bytes -> values that are memory. GIL held. */
#ifndef REBEAM_VALUE_PYTHON_BUFFER_BUILD_H
#define REBEAM_VALUE_PYTHON_BUFFER_BUILD_H

#include "value/buffer_head.h"
#include "value/parts.h"

struct value_state;

/* Takes the part's reference. A new reference, or NULL with an exception. */
PyObject *value_buffer_build(struct value_state *self, const struct value_buffer_head *head,
                             struct memory_part part);

#endif
