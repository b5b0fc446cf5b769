/* What went wrong: the texts of the codec's exceptions. GIL held; none of these can fail but for
 * memory. */
#ifndef REBEAM_VALUE_PYTHON_EXPLAIN_H
#define REBEAM_VALUE_PYTHON_EXPLAIN_H

#include "base/python.h"

struct value_state;

/* Sets ValueError for malformed bytes, with this text; returns NULL. */
extern const char *const value_malformed_text;
void *value_malformed(void);
/* Replaces the exception that is set, which packing `object` raised, by one that
 * names the path: `root` and then `steps`, a list of (kind, key) (see
 * rebeam._engine.diagnose). Interrupts and exits stay as they are. */
void value_explain(const char *root, PyObject *steps, PyObject *object);

/* Only builtin values are taken: sets the exception, returns -1. */
int value_refuse_object(const unsigned char *type, size_t length);
/* Replaces the exception that is set by one which says that an object of this class cannot be
 * rebuilt, and why. Interrupts, exits and a lack of memory stay as they are. */
void value_explain_object(struct value_state *self, const unsigned char *type, size_t length);
/* Why value_unpack failed: the exception that is set, which is cleared, as a text. NULL without
 * memory. */
PyObject *value_unpack_reason(void);

#endif
