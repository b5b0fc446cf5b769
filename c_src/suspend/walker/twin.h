/* A function's twin: found through the code object that the function has *now*. The walker ties it
 * there, the runtime looks it up. GIL held. */
#ifndef REBEAM_SUSPEND_WALKER_TWIN_H
#define REBEAM_SUSPEND_WALKER_TWIN_H

#include "base/python.h"

#include <stdbool.h>

struct suspend_state;

/* The second code of a function; belongs to the first one, which keeps it alive. */
struct suspend_twin {
    PyObject *code;
    bool lambda; /* a generator, and needs a delegate around it */
};

/* 0, or -1 with an exception. */
int suspend_twin_init(struct suspend_state *state);
/* Ties `twin_code` to `code`, in place of an older one. 0, or -1. */
int suspend_twin_set(struct suspend_state *state, PyObject *code, PyObject *twin_code, bool lambda);
/* The twin of the code that `function` has now; NULL (no exception) without one. */
struct suspend_twin *suspend_twin_get(const struct suspend_state *state, PyObject *function);
/* suspend_twin(code, /): the code of its twin, or None; see suspend/suspend.h. */
PyObject *suspend_twin(PyObject *module, PyObject *code);

#endif
