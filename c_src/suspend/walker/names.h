/* Which names may stand for a function that suspends: a fixpoint over the summaries of all modules.
 */
#ifndef REBEAM_SUSPEND_WALKER_NAMES_H
#define REBEAM_SUSPEND_WALKER_NAMES_H

#include "base/python.h"

/* A function of `_rebeam`: see suspend/suspend.h. A new reference, or NULL with an exception. GIL
 * held. */
PyObject *suspend_names(PyObject *module, PyObject *summaries);

#endif
