/* bytes -> Python object: putting parts into what contains them. GIL held. */
#ifndef REBEAM_VALUE_PYTHON_UNPACK_FILL_H
#define REBEAM_VALUE_PYTHON_UNPACK_FILL_H

#include "base/python.h"

struct value_unpacker;
struct value_unpack_frame;

/* 0, or -1 with an exception. */
/* Puts `part` into the frame's container. Takes `part`. */
int value_unpack_fill(struct value_unpacker *self, struct value_unpack_frame *frame,
                      PyObject *part);

#endif
