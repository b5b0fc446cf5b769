/* The codec as Python sees it: `_rebeam.pack`, `packed`, `unpack` and `Packed`. */
#ifndef REBEAM_VALUE_PYTHON_MODULE_H
#define REBEAM_VALUE_PYTHON_MODULE_H

#include "base/interpreter.h"

/* Makes the types and finds the names that the codec needs; adds them to
 * `_rebeam`. 0, or -1 with an exception. GIL held. */
int value_init(struct interpreter *interpreter, PyObject *module);

#endif
