/* Python object -> bytes. GIL held. */
#ifndef REBEAM_VALUE_PYTHON_PACK_H
#define REBEAM_VALUE_PYTHON_PACK_H

#include "value/parts.h"

/* Appends the packed form of `object`. 0, or -1 with a Python exception set that
 * names the path to the offending part, written from `root` (e.g. "message"; NULL: as it came):
 *   TypeError: message["rows"][3].lock: cannot pickle '_thread.lock' object */
int value_pack(PyObject *object, const char *root, struct value_packed *out);
/* The same, with nothing beside the bytes. */
int value_pack_flat(PyObject *object, const char *root, struct buffer *out);

#endif
