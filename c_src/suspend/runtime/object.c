/* Calls of what is no function but comes down to one: classes, instances, partials.
 *
 * Each is taken apart as CPython itself would do it, up to the Python function that
 * has a twin. Where anything is out of the ordinary (a metaclass with a __call__, an
 * __init__ in C) the call is a plain one.
 */
#include "suspend/private.h"

/* ---- arguments as objects ----------------------------------------------*/

static PyObject *tuple_of(PyObject *const *args, Py_ssize_t nargs) {
    PyObject *tuple = PyTuple_New(nargs);
    for (Py_ssize_t i = 0; tuple != NULL && i < nargs; i++)
        PyTuple_SetItem(tuple, i, Py_NewRef(args[i]));
    return tuple;
}

/* Adds the named arguments to `dict`, which they override. */
static int add_named(PyObject *dict, PyObject *const *values, PyObject *kwnames) {
    Py_ssize_t count = kwnames ? PyTuple_Size(kwnames) : 0;
    for (Py_ssize_t i = 0; i < count; i++)
        if (PyDict_SetItem(dict, PyTuple_GetItem(kwnames, i), values[i]) < 0)
            return -1;
    return 0;
}

/* New reference to a dict, or to nothing (*failed tells which). */
static PyObject *dict_of(PyObject *const *values, PyObject *kwnames, bool *failed) {
    *failed = false;
    if (kwnames == NULL || PyTuple_Size(kwnames) == 0)
        return NULL;
    PyObject *dict = PyDict_New();
    if (dict != NULL && add_named(dict, values, kwnames) < 0)
        Py_CLEAR(dict);
    *failed = dict == NULL;
    return dict;
}

/* ---- classes -----------------------------------------------------------*/

static bool has_twin(const struct suspend_state *state, PyObject *function) {
    return PYTHON_IS_FUNCTION(function) && suspend_twin_get(state, function) != NULL;
}

/* New reference to the function `name` of a class if it has a twin; else NULL. */
static PyObject *method_of(const struct suspend_state *state, PyTypeObject *type,
                           const char *name) {
    PyObject *method = PyObject_GetAttrString((PyObject *)type, name);
    if (method == NULL)
        PyErr_Clear();
    else if (!has_twin(state, method))
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
    PyObject *tuple = make ? tuple_of(args, nargs) : NULL;
    PyObject *dict = dict_of(args + nargs, kwnames, &failed);
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
    PyObject *tuple = tuple_of(args, nargs);
    PyObject *dict = dict_of(args + nargs, kwnames, &failed);
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
        started = suspend_call_bound(state, init, instance, args, nargs, kwnames);
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

/* functools.partial(f, ...)(...) */
static PyObject *call_partial(const struct suspend_state *state, PyObject *partial,
                              PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *started = NULL;
    PyObject *function = PyObject_GetAttrString(partial, "func");
    PyObject *first = PyObject_GetAttrString(partial, "args");
    PyObject *keywords = PyObject_GetAttrString(partial, "keywords");
    PyObject *given = tuple_of(args, nargs);
    PyObject *all_args = first && given ? PySequence_Concat(first, given) : NULL;
    PyObject *all_named = keywords ? PyDict_Copy(keywords) : NULL;
    if (function != NULL && all_args != NULL && all_named != NULL &&
        add_named(all_named, args + nargs, kwnames) == 0)
        started = suspend_call_object(state, function, all_args, all_named);
    Py_XDECREF(all_named);
    Py_XDECREF(all_args);
    Py_XDECREF(given);
    Py_XDECREF(keywords);
    Py_XDECREF(first);
    Py_XDECREF(function);
    return started;
}

static PyObject *call_instance(const struct suspend_state *state, PyObject *callable,
                               PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *method = method_of(state, Py_TYPE(callable), "__call__");
    PyObject *started =
        method ? suspend_call_bound(state, method, callable, args, nargs, kwnames) : NULL;
    Py_XDECREF(method);
    return started;
}

PyObject *suspend_object_call(const struct suspend_state *state, PyObject *callable,
                              PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    if (PyType_Check(callable))
        return call_class(state, callable, args, nargs, kwnames);
    if ((PyObject *)Py_TYPE(callable) == state->partial_type)
        return call_partial(state, callable, args, nargs, kwnames);
    if ((PyType_GetFlags(Py_TYPE(callable)) & Py_TPFLAGS_HEAPTYPE) == 0)
        return NULL;
    return call_instance(state, callable, args, nargs, kwnames);
}

int suspend_object_init(struct suspend_state *state) {
    PyObject *functools = PyImport_ImportModule("_functools");
    state->partial_type = functools ? PyObject_GetAttrString(functools, "partial") : NULL;
    Py_XDECREF(functools);
    return state->partial_type ? 0 : -1;
}
