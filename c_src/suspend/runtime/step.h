/* Runs: starting a callable so that it may suspend, and stepping it on.
 *
 * A run is started, then stepped until it is done:
 *
 *   suspend_start -> DONE | RAISED | PENDING --(finish/fail)--> suspend_step -> ...
 */
#ifndef REBEAM_SUSPEND_RUNTIME_STEP_H
#define REBEAM_SUSPEND_RUNTIME_STEP_H

#include "base/python.h"

enum suspend_outcome {
    SUSPEND_DONE,    /* *out is the result, a new reference */
    SUSPEND_PENDING, /* *out is the suspension waited for, a new reference */
    SUSPEND_RAISED,  /* the Python exception is set, *out is NULL */
};

/* Calls `callable(*args, **kwargs)` so that it may suspend (vectorcall
 * convention: `args` holds nargs positional values and then those of the names
 * in `kwnames`, which may be NULL). With PENDING, *run is a new reference to
 * what suspend_step continues; otherwise it is NULL. */
enum suspend_outcome suspend_start(PyObject *callable, PyObject *const *args, Py_ssize_t nargs,
                                   PyObject *kwnames, PyObject **run, PyObject **out);
/* Goes on after the pending suspension was finished or failed. Steps over suspensions
 * that are done already (REBEAM_SUSPEND=all), so PENDING is always worth waiting for. With DONE and
 * RAISED the caller still owns `run` and drops it. */
enum suspend_outcome suspend_step(PyObject *run, PyObject **out);

/* Functions of `_rebeam`: see suspend/suspend.h. */
PyObject *suspend_run(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *suspend_count(PyObject *module, PyObject *unused);

#endif
