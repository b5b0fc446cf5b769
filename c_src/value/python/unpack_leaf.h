/* The part of value/python/unpack.c that reads values which contain no others. GIL held. */
#ifndef REBEAM_VALUE_PYTHON_UNPACK_LEAF_H
#define REBEAM_VALUE_PYTHON_UNPACK_LEAF_H

#include "base/interpreter.h"
#include "value/format.h"
#include "value/parts.h"
#include "value/python/object.h"

/* Reads what follows the tag. A new reference, or NULL with an exception: malformed, for tags of
 * values that contain others. */
PyObject *value_unpack_leaf(struct interpreter *interpreter, const struct value_source *source,
                            struct value_reader *reader, enum value_tag tag);

/* Only builtin values are taken: sets the exception, returns -1. */
int value_refuse_object(const unsigned char *type, size_t length);
/* Replaces the exception that is set by one which says that an object of this class cannot be
 * rebuilt, and why. Interrupts, exits and a lack of memory stay as they are. */
void value_explain_object(struct value_state *self, const unsigned char *type, size_t length);

#endif
