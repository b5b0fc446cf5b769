#include "run/trace.h"

#include <stdbool.h>

/* Not imported from here: the thread that imports it first is its main thread. */
static PyObject *namespace_of_threading(void) {
    PyObject *modules = PyImport_GetModuleDict(); /* borrowed */
    PyObject *module = modules ? PyDict_GetItemString(modules, "threading") : NULL;
    PyObject *spec = module ? PyObject_GetAttrString(module, "__spec__") : NULL;
    PyObject *loading = spec ? PyObject_GetAttrString(spec, "_initializing") : NULL;
    bool ready = loading == NULL ? spec != NULL : loading != Py_True;
    PyErr_Clear();
    Py_XDECREF(spec);
    Py_XDECREF(loading);
    return ready && PyModule_Check(module) ? Py_XNewRef(PyModule_GetDict(module)) : NULL;
}

static void apply(struct trace *self, PyObject *hook) {
    PyObject *settrace = PySys_GetObject("settrace"); /* borrowed */
    PyObject *old = self->hook;
    self->hook = Py_XNewRef(hook);
    PyObject *done =
        settrace ? PyObject_CallFunctionObjArgs(settrace, hook ? hook : Py_None, NULL) : NULL;
    if (done == NULL)
        PyErr_Clear();
    Py_XDECREF(done);
    Py_XDECREF(old);
}

void trace_follow(struct trace *self) {
    if (self->name == NULL)
        self->name = PyUnicode_InternFromString("_trace_hook");
    if (self->threading == NULL)
        self->threading = namespace_of_threading();
    if (self->threading == NULL || self->name == NULL)
        return;
    PyObject *hook = PyDict_GetItem(self->threading, self->name); /* borrowed */
    if (hook == Py_None)
        hook = NULL;
    if (hook != self->hook)
        apply(self, hook);
}

void trace_free(struct trace *self) {
    Py_CLEAR(self->threading);
    Py_CLEAR(self->name);
    Py_CLEAR(self->hook);
}
