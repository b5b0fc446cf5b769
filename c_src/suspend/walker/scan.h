/* What one module contributes to the set of suspendable names: its summary. */
#ifndef REBEAM_SUSPEND_WALKER_SCAN_H
#define REBEAM_SUSPEND_WALKER_SCAN_H

#include "base/python.h"

/* A function of `_rebeam`: see suspend/suspend.h. A new reference, or NULL with an exception. GIL
 * held. */
PyObject *suspend_scan(PyObject *module, PyObject *tree);

#endif
