/* What stands in a class for its `__init__`, whose instances are made in a Context of their own.
 *
 * It calls the function that it has the place of, and to whoever looks is that function. Called for
 * the instance that was made last (suspend_made), by a class that is called, it does so in a
 * Context that `open` gives; called otherwise, as by super(), plainly. GIL held. */
#ifndef REBEAM_SUSPEND_RUNTIME_INITIALIZER_H
#define REBEAM_SUSPEND_RUNTIME_INITIALIZER_H

#include "base/python.h"

#include <stdbool.h>

struct suspend_state;

/* Registered from above (actor/context.c); without it all is plain. */
struct suspend_contexts {
    PyObject *(*open)(void); /* A new reference, or NULL with an exception. */
    /* It is over. Takes the Context; `instance` is NULL if it failed. Keeps the exception, if one
     * is set. */
    void (*close)(PyObject *context, PyObject *instance);
};
void suspend_set_contexts(const struct suspend_contexts *contexts);

/* Functions of `_rebeam`: see suspend/suspend.h. */
PyObject *suspend_initializer(PyObject *module, PyObject *function);
PyObject *suspend_made(PyObject *module, PyObject *instance);

/* ---- for the files of this folder ------------------------------------- */

int suspend_initializer_init(struct suspend_state *state);
/* The function that `callable` has the place of, or `callable` itself. Borrowed. */
PyObject *suspend_initializer_function(const struct suspend_state *state, PyObject *callable);
/* Opens a Context for the __init__ of `instance`, which begins: a new reference, or NULL; with an
 * exception, or if it has none. */
PyObject *suspend_initializer_open(PyObject *instance);
/* It is over, and the Context left. Takes `context`. */
void suspend_initializer_close(PyObject *context, PyObject *instance);
/* Leaves what was entered. The exception that is set stays. */
void suspend_initializer_leave(PyObject *context);

#endif
