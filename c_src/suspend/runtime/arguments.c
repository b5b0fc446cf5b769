#include "suspend/runtime/arguments.h"

#include <stdlib.h>

PyObject *suspend_arguments_tuple(PyObject *const *args, Py_ssize_t nargs) {
    PyObject *tuple = PyTuple_New(nargs);
    for (Py_ssize_t i = 0; tuple != NULL && i < nargs; i++)
        PyTuple_SetItem(tuple, i, Py_NewRef(args[i]));
    return tuple;
}

int suspend_arguments_add(PyObject *dict, PyObject *const *values, PyObject *kwnames) {
    Py_ssize_t count = kwnames ? PyTuple_Size(kwnames) : 0;
    for (Py_ssize_t i = 0; i < count; i++)
        if (PyDict_SetItem(dict, PyTuple_GetItem(kwnames, i), values[i]) < 0)
            return -1;
    return 0;
}

PyObject *suspend_arguments_dict(PyObject *const *values, PyObject *kwnames, bool *failed) {
    *failed = false;
    if (kwnames == NULL || PyTuple_Size(kwnames) == 0)
        return NULL;
    PyObject *dict = PyDict_New();
    if (dict != NULL && suspend_arguments_add(dict, values, kwnames) < 0)
        Py_CLEAR(dict);
    *failed = dict == NULL;
    return dict;
}

PyObject **suspend_arguments_flatten(PyObject *args, PyObject *kwargs, PyObject **kwnames) {
    Py_ssize_t nargs = PyTuple_Size(args);
    Py_ssize_t nkwargs = kwargs ? PyDict_Size(kwargs) : 0;
    Py_ssize_t next = 0;
    PyObject *name, *value;
    PyObject **flat = malloc((size_t)(nargs + nkwargs + 1) * sizeof *flat);
    *kwnames = flat && nkwargs ? PyTuple_New(nkwargs) : NULL;
    if (flat == NULL || (nkwargs && *kwnames == NULL)) {
        free(flat);
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < nargs; i++)
        flat[i] = PyTuple_GetItem(args, i);
    for (Py_ssize_t i = 0; nkwargs && PyDict_Next(kwargs, &next, &name, &value); i++) {
        PyTuple_SetItem(*kwnames, i, Py_NewRef(name));
        flat[nargs + i] = value;
    }
    return flat;
}
