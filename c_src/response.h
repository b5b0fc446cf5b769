/* response_ok(x), response_error(x): what a handler answers.
 *
 * A plain return value x means response_ok(x), so most answers need no object.
 */
#ifndef REBEAM_RESPONSE_H
#define REBEAM_RESPONSE_H

#include "interpreter.h"

#include <stdbool.h>

/* Makes rebeam.Response and adds it and the two functions to the module. 0, or -1. */
int response_init(struct interpreter *interpreter, PyObject *module);
/* What `result` stands for: borrowed value, true for OK. */
PyObject *response_value(PyObject *result, bool *ok);

#endif
