#include "actor/tune.h"

#include "actor/blocking.h"
#include "actor/state.h"

/* CPython's own, and what sixteen actors that compute leave others a turn with, in seconds. */
#define DEFAULT_SWITCH_INTERVAL 0.005
#define SWITCH_INTERVAL 0.0002

void actor_tune(void) {
    struct actor_state *state = interpreter_get()->actor;
    if (state->tuned)
        return;
    state->tuned = true;
    PyObject *get = PySys_GetObject("getswitchinterval"); /* borrowed, as is the next */
    PyObject *set = PySys_GetObject("setswitchinterval");
    PyObject *seconds = get ? PyObject_CallNoArgs(get) : NULL;
    if (seconds != NULL && set != NULL && PyFloat_AsDouble(seconds) == DEFAULT_SWITCH_INTERVAL)
        Py_XDECREF(PyObject_CallFunction(set, "d", SWITCH_INTERVAL));
    Py_XDECREF(seconds);
    PyErr_Clear();
    blocking_init(interpreter_get());
}
