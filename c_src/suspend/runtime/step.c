/* Runs: starting a callable so that it may suspend, and stepping it on. */
#include "suspend/runtime/step.h"

#include "suspend/private.h"
#include "suspend/runtime/await.h"
#include "suspend/runtime/call.h"
#include "suspend/runtime/mark.h"

static enum suspend_outcome finished(const struct suspend_state *state, PyObject **out) {
    *out = suspend_mark_resolve(state, *out);
    return *out ? SUSPEND_DONE : SUSPEND_RAISED;
}

enum suspend_outcome suspend_step(PyObject *run, PyObject **out) {
    struct suspend_state *state = suspend_state_get();
    for (;;) {
        *out = NULL;
        PySendResult sent = PyIter_Send(run, Py_None, out);
        if (sent == PYGEN_ERROR)
            return SUSPEND_RAISED;
        if (sent == PYGEN_RETURN)
            return finished(state, out);
        state->suspensions++;
        if (Py_TYPE(*out) != state->suspension_type) {
            Py_CLEAR(*out);
            PyErr_SetString(PyExc_RuntimeError, "a run may only wait for a suspension");
            return SUSPEND_RAISED;
        }
        if (suspension_state(*out) == SUSPENSION_PENDING)
            return SUSPEND_PENDING;
        Py_CLEAR(*out); /* has its result already: REBEAM_SUSPEND=all */
    }
}

enum suspend_outcome suspend_start(PyObject *callable, PyObject *const *args, Py_ssize_t nargs,
                                   PyObject *kwnames, PyObject **run, PyObject **out) {
    *out = NULL;
    *run = suspend_call(suspend_state_get(), callable, args, nargs, kwnames);
    if (*run == NULL)
        return SUSPEND_RAISED;
    enum suspend_outcome outcome = suspend_step(*run, out);
    if (outcome != SUSPEND_PENDING)
        Py_CLEAR(*run);
    return outcome;
}

/* suspend_run(f, /, *args, **kwargs) -> f(...), through twins, waiting on this thread. */
PyObject *suspend_run(PyObject *module, PyObject *const *args, Py_ssize_t nargs,
                      PyObject *kwnames) {
    PyObject *run = NULL;
    PyObject *out = NULL;
    (void)module;
    if (nargs < 1) {
        PyErr_SetString(PyExc_TypeError, "suspend_run() needs a callable");
        return NULL;
    }
    enum suspend_outcome outcome = suspend_start(args[0], args + 1, nargs - 1, kwnames, &run, &out);
    while (outcome == SUSPEND_PENDING) {
        int status = suspend_await_here(out);
        Py_CLEAR(out);
        if (status < 0)
            break;
        outcome = suspend_step(run, &out);
    }
    Py_XDECREF(run);
    return out;
}

/* suspend_count() -> how often runs of this interpreter have stopped. */
PyObject *suspend_count(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    return PyLong_FromSize_t(suspend_state_get()->suspensions);
}
