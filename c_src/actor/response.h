/* response_ok(x), response_error(x), no_reply(): what a handler answers.
 *
 * A plain return value x means response_ok(x), so most answers need no object. GIL held.
 */
#ifndef REBEAM_ACTOR_RESPONSE_H
#define REBEAM_ACTOR_RESPONSE_H

#include "base/interpreter.h"

enum response_kind { RESPONSE_OK, RESPONSE_ERROR, RESPONSE_NONE };

/* Makes rebeam.Response and adds it and the functions to the module. 0, or -1. */
int response_init(struct interpreter *interpreter, PyObject *module);
/* What `result` stands for; the value is borrowed. */
PyObject *response_value(PyObject *result, enum response_kind *kind);

#endif
