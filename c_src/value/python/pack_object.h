/* Python object -> bytes: what is neither a builtin value nor a name of the BEAM. GIL held. */
#ifndef REBEAM_VALUE_PYTHON_PACK_OBJECT_H
#define REBEAM_VALUE_PYTHON_PACK_OBJECT_H

#include "base/python.h"

#include <stddef.h>

struct value_packer;

/* 0, or -1 with an exception. */
int value_pack_other(struct value_packer *self, PyObject *object, size_t mark);

#endif
