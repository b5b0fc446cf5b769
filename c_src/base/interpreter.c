/* One struct per Python interpreter, found again from any of its threads. */
#include "base/interpreter.h"

#include <stdlib.h>

static const char *const capsule_name = "rebeam.interpreter";

/* A thread belongs to one interpreter for as long as it runs Python. */
static _Thread_local struct interpreter *cached;

struct interpreter *interpreter_switch(struct interpreter *to) {
    struct interpreter *before = cached;
    cached = to; /* NULL is found out again */
    return before;
}

static _Thread_local bool admitted;

void interpreter_admit(void) {
    admitted = true;
}

bool interpreter_is_admitted(void) {
    if (admitted || PyInterpreterState_GetID(PyInterpreterState_Get()) == 0) {
        admitted = false; /* that one: its program may make others on this thread */
        return true;
    }
    PyErr_SetString(PyExc_ImportError,
                    "rebeam cannot be used in an interpreter that the program makes: "
                    "start an actor with isolation=\"interpreter\"");
    return false;
}

struct interpreter *interpreter_new(void) {
    PyObject *dict = PyInterpreterState_GetDict(PyInterpreterState_Get()); /* borrowed */
    PyObject *capsule = NULL;
    struct interpreter *self = calloc(1, sizeof *self);
    if (self == NULL || dict == NULL) {
        PyErr_NoMemory();
        goto failed;
    }
    capsule = PyCapsule_New(self, capsule_name, NULL);
    if (capsule == NULL || PyDict_SetItemString(dict, capsule_name, capsule) < 0)
        goto failed;
    Py_DECREF(capsule);
    cached = self;
    return self;
failed:
    Py_XDECREF(capsule);
    free(self);
    return NULL;
}

struct interpreter *interpreter_get(void) {
    if (cached == NULL) {
        PyObject *dict = PyInterpreterState_GetDict(PyInterpreterState_Get()); /* borrowed */
        PyObject *capsule = dict ? PyDict_GetItemString(dict, capsule_name) : NULL;
        if (capsule != NULL)
            cached = PyCapsule_GetPointer(capsule, capsule_name);
    }
    return cached;
}
