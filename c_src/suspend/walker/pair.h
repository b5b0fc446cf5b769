/* Ties the code objects of a module's rewritten tree to those of the plain one. */
#ifndef REBEAM_SUSPEND_WALKER_PAIR_H
#define REBEAM_SUSPEND_WALKER_PAIR_H

#include "base/python.h"

/* A function of `_rebeam`: see suspend/suspend.h. A new reference, or NULL with an exception. GIL
 * held. */
PyObject *suspend_pair(PyObject *module, PyObject *args);

#endif
