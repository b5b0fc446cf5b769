#include "actor/state.h"

#include <stdlib.h>

int actor_prepare(struct interpreter *interpreter) {
    struct actor_state *state = interpreter->actor = calloc(1, sizeof *state);
    if (state == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    state->ticks = 1;
    state->name_name = PyUnicode_InternFromString("name");
    return state->name_name ? 0 : -1;
}

PyObject *actor_find(const char *module_name, const char *first, const char *second) {
    PyObject *module = PyImport_ImportModule(module_name);
    PyObject *found = module ? PyObject_GetAttrString(module, first) : NULL;
    Py_XDECREF(module);
    if (found == NULL || second == NULL)
        return found;
    PyObject *inner = PyObject_GetAttrString(found, second);
    Py_DECREF(found);
    return inner;
}

int actor_init(struct interpreter *interpreter) {
    struct actor_state *state = interpreter->actor;
    const struct {
        PyObject **slot;
        const char *module, *first, *second;
    } names[] = {
        {&state->status_ok, "rebeam._status", "Status", "OK"},
        {&state->status_error, "rebeam._status", "Status", "ERROR"},
        {&state->status_timeout, "rebeam._status", "Status", "TIMEOUT"},
        {&state->status_down, "rebeam._status", "Status", "DOWN"},
        {&state->describe, "rebeam._errors", "describe", NULL},
        {&state->make_error, "rebeam._errors", "make", NULL},
        {&state->keep_context, "rebeam._kept", "keep_context", NULL},
        {&state->carry, "rebeam._kept", "carry", NULL},
        {&state->actor_exit, "rebeam._errors", "ActorExit", NULL},
        {&state->actor_kill, "rebeam._errors", "ActorKill", NULL},
        {&state->interrupted, "rebeam._errors", "CallInterrupted", NULL},
        {&state->cancellation, "rebeam._engine.endings", "cancellation", NULL},
        {&state->wake, "rebeam._engine.endings", "wake", NULL},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        *names[i].slot = actor_find(names[i].module, names[i].first, names[i].second);
        if (*names[i].slot == NULL)
            return -1;
    }
    return 0;
}

PyObject *actor_late(enum late_name name) {
    static const struct {
        const char *module, *name;
    } names[LATE_NAMES] = {
        [LATE_SETTINGS] = {"rebeam._genpy", "settings"},
        [LATE_HANDLERS] = {"rebeam._handlers", "table"},
        [LATE_DESCRIBE_HANDLER] = {"rebeam._handlers", "describe"},
        [LATE_BLAME] = {"rebeam._handlers", "blame_subject"},
        [LATE_EVENT] = {"rebeam._events", "make"},
    };
    struct actor_state *state = interpreter_get()->actor;
    if (state->late[name] != NULL)
        return state->late[name];
    PyObject *found = actor_find(names[name].module, names[name].name, NULL);
    if (state->late[name] == NULL) {
        state->late[name] = found;
    } else { /* to import gives the GIL away: it was found meanwhile */
        PyErr_Clear();
        Py_XDECREF(found);
    }
    return state->late[name];
}

PyObject *actor_exit_new(void) {
    PyObject *type = interpreter_get()->actor->actor_exit;
    return PyObject_CallFunction(type, "s", "this actor is ending");
}

PyObject *actor_interrupted_new(void) {
    PyObject *type = interpreter_get()->actor->interrupted;
    return PyObject_CallFunction(type, "s", "its caller waits no more for the answer");
}

void actor_exit_raise(void) {
    PyErr_SetString(interpreter_get()->actor->actor_exit, "this actor is ending");
}
