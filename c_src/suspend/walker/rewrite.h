/* Makes the tree of a module asynchronous, in place. */
#ifndef REBEAM_SUSPEND_WALKER_REWRITE_H
#define REBEAM_SUSPEND_WALKER_REWRITE_H

#include "base/python.h"

/* A function of `_rebeam`: see suspend/suspend.h. A new reference, or NULL with an exception. GIL
 * held. */
PyObject *suspend_rewrite(PyObject *module, PyObject *args);

#endif
