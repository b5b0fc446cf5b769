#include "suspend/runtime/object.h"

#include "suspend/private.h"
#include "suspend/runtime/arguments.h"
#include "suspend/runtime/await.h"
#include "suspend/runtime/delegate.h"
#include "suspend/runtime/function.h"
#include "suspend/runtime/initializer.h"
#include "suspend/walker/twin.h"

/* ---- classes -----------------------------------------------------------*/

static bool has_twin(const struct suspend_state *state, PyObject *function) {
    return PYTHON_IS_FUNCTION(function) && suspend_twin_get(state, function) != NULL;
}

/* New reference to the function `name` of a class if it has a twin; else NULL. */
static PyObject *method_of(const struct suspend_state *state, PyTypeObject *type,
                           const char *name) {
    PyObject *found = PyObject_GetAttrString((PyObject *)type, name);
    if (found == NULL) {
        PyErr_Clear();
        return NULL;
    }
    PyObject *method = Py_NewRef(suspend_initializer_function(state, found));
    Py_DECREF(found);
    if (!has_twin(state, method))
        Py_CLEAR(method);
    return method;
}

/* A class written in Python whose calls mean what `type` makes of them. */
static bool is_ordinary_class(PyObject *callable) {
    PyTypeObject *type = (PyTypeObject *)callable;
    return PyType_Check(callable) && (PyType_GetFlags(type) & Py_TPFLAGS_HEAPTYPE) != 0 &&
           PyType_GetSlot(Py_TYPE(callable), Py_tp_call) ==
               PyType_GetSlot(&PyType_Type, Py_tp_call);
}

static PyObject *new_instance(PyTypeObject *type, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames) {
    bool failed;
    PyObject *instance = NULL;
    newfunc make = (newfunc)PyType_GetSlot(type, Py_tp_new);
    PyObject *tuple = make ? suspend_arguments_tuple(args, nargs) : NULL;
    PyObject *dict = suspend_arguments_dict(args + nargs, kwnames, &failed);
    if (tuple != NULL && !failed)
        instance = make(type, tuple, dict);
    Py_XDECREF(dict);
    Py_XDECREF(tuple);
    return instance;
}

/* __init__ plainly: it refuses the arguments, or is another class's. */
static PyObject *initialized(PyObject *instance, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames) {
    bool failed;
    int status = -1;
    initproc init = (initproc)PyType_GetSlot(Py_TYPE(instance), Py_tp_init);
    PyObject *tuple = suspend_arguments_tuple(args, nargs);
    PyObject *dict = suspend_arguments_dict(args + nargs, kwnames, &failed);
    if (tuple != NULL && !failed)
        status = init ? init(instance, tuple, dict) : 0;
    Py_XDECREF(dict);
    Py_XDECREF(tuple);
    return status < 0 ? NULL : suspension_ready(Py_NewRef(instance));
}

static PyObject *construct(const struct suspend_state *state, PyTypeObject *type, PyObject *init,
                           PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *started = NULL;
    PyObject *instance = new_instance(type, args, nargs, kwnames);
    if (instance == NULL)
        return NULL;
    if (!PyObject_TypeCheck(instance, type)) {
        started = suspension_ready(Py_NewRef(instance)); /* a __new__ may return anything */
        goto done;
    }
    if (Py_TYPE(instance) == type)
        started = suspend_function_call_bound(state, init, instance, args, nargs, kwnames);
    if (started != NULL)
        started = suspend_delegate_new(state, started, instance);
    else if (!PyErr_Occurred())
        started = initialized(instance, args, nargs, kwnames);
done:
    Py_DECREF(instance);
    return started;
}

static PyObject *call_class(const struct suspend_state *state, PyObject *callable,
                            PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyTypeObject *type = (PyTypeObject *)callable;
    PyObject *init = is_ordinary_class(callable) ? method_of(state, type, "__init__") : NULL;
    PyObject *started = init ? construct(state, type, init, args, nargs, kwnames) : NULL;
    Py_XDECREF(init);
    return started;
}

/* ---- instances ---------------------------------------------------------*/

static PyObject *call_instance(const struct suspend_state *state, PyObject *callable,
                               PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *method = method_of(state, Py_TYPE(callable), "__call__");
    PyObject *started =
        method ? suspend_function_call_bound(state, method, callable, args, nargs, kwnames) : NULL;
    Py_XDECREF(method);
    return started;
}

PyObject *suspend_object_call(const struct suspend_state *state, PyObject *callable,
                              PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    if (PyType_Check(callable))
        return call_class(state, callable, args, nargs, kwnames);
    if ((PyType_GetFlags(Py_TYPE(callable)) & Py_TPFLAGS_HEAPTYPE) == 0)
        return NULL;
    return call_instance(state, callable, args, nargs, kwnames);
}
