#include "suspend/runtime/call.h"

#include "suspend/private.h"
#include "suspend/runtime/arguments.h"
#include "suspend/runtime/await.h"
#include "suspend/runtime/function.h"
#include "suspend/runtime/object.h"
#include "suspend/runtime/primitive.h"

#include <stdlib.h>

static bool are_names(PyObject *kwnames) {
    Py_ssize_t count = kwnames ? PyTuple_Size(kwnames) : 0;
    for (Py_ssize_t i = 0; i < count; i++)
        if (!PyUnicode_Check(PyTuple_GetItem(kwnames, i)))
            return false;
    return true;
}

/* For CPython to say what is wrong with the names. */
static PyObject *call_plainly(PyObject *callable, PyObject *args, PyObject *kwargs) {
    PyObject *value = PyObject_Call(callable, args, kwargs);
    return value ? suspension_ready(value) : NULL;
}

PyObject *suspend_call_object(const struct suspend_state *state, PyObject *callable, PyObject *args,
                              PyObject *kwargs) {
    PyObject *started = NULL;
    PyObject *kwnames = NULL;
    PyObject **flat = suspend_arguments_flatten(args, kwargs, &kwnames);
    if (flat != NULL)
        started = are_names(kwnames)
                      ? suspend_call(state, callable, flat, PyTuple_Size(args), kwnames)
                      : call_plainly(callable, args, kwargs);
    free(flat);
    Py_XDECREF(kwnames);
    return started;
}

/* functools.partial(f, ...)(...) */
static PyObject *call_partial(const struct suspend_state *state, PyObject *partial,
                              PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *started = NULL;
    if ((PyObject *)Py_TYPE(partial) != state->partial_type)
        return NULL;
    PyObject *function = PyObject_GetAttrString(partial, "func");
    PyObject *first = PyObject_GetAttrString(partial, "args");
    PyObject *keywords = PyObject_GetAttrString(partial, "keywords");
    PyObject *given = suspend_arguments_tuple(args, nargs);
    PyObject *all_args = first && given ? PySequence_Concat(first, given) : NULL;
    PyObject *all_named = keywords ? PyDict_Copy(keywords) : NULL;
    if (function != NULL && all_args != NULL && all_named != NULL &&
        suspend_arguments_add(all_named, args + nargs, kwnames) == 0)
        started = suspend_call_object(state, function, all_args, all_named);
    Py_XDECREF(all_named);
    Py_XDECREF(all_args);
    Py_XDECREF(given);
    Py_XDECREF(keywords);
    Py_XDECREF(first);
    Py_XDECREF(function);
    return started;
}

PyObject *suspend_call(const struct suspend_state *state, PyObject *callable, PyObject *const *args,
                       Py_ssize_t nargs, PyObject *kwnames) {
    typedef PyObject *(*way)(const struct suspend_state *, PyObject *, PyObject *const *,
                             Py_ssize_t, PyObject *);
    static const way ways[] = {suspend_function_call, suspend_primitive_begin, call_partial,
                               suspend_object_call};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        PyObject *started = ways[i](state, callable, args, nargs, kwnames);
        if (started != NULL || PyErr_Occurred())
            return started;
    }
    PyObject *value = python_extra.vectorcall(callable, args, (size_t)nargs, kwnames);
    return value ? suspension_ready(value) : NULL;
}

int suspend_call_init(struct suspend_state *state) {
    PyObject *functools = PyImport_ImportModule("_functools");
    state->partial_type = functools ? PyObject_GetAttrString(functools, "partial") : NULL;
    Py_XDECREF(functools);
    return state->partial_type ? 0 : -1;
}
