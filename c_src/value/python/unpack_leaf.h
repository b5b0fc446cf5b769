/* The part of value/python/unpack.c that reads values which contain no others. GIL held. */
#ifndef REBEAM_VALUE_PYTHON_UNPACK_LEAF_H
#define REBEAM_VALUE_PYTHON_UNPACK_LEAF_H

#include "base/interpreter.h"
#include "value/format.h"
#include "value/parts.h"

/* Reads what follows the tag. A new reference, or NULL with an exception: malformed, for tags of
 * values that contain others. */
PyObject *value_unpack_leaf(struct interpreter *interpreter, const struct value_source *source,
                            struct value_reader *reader, enum value_tag tag);

#endif
