#include "base/function.h"

/* A PyFunctionObject up to its code, as in CPython 3.11 to 3.14 (Include/cpython/funcobject.h). */
struct function_head {
    PyObject base;
    PyObject *globals, *builtins, *name, *qualname, *code;
};

static void set(PyObject **slot, PyObject *value) {
    PyObject *before = *slot;
    *slot = Py_NewRef(value);
    Py_DECREF(before);
}

PyObject *function_become(PyObject *module, PyObject *args) {
    PyObject *function, *globals, *code, *closure;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!O!O!O:_function_become", python_extra.function_type, &function,
                          &PyDict_Type, &globals, python_extra.code_type, &code, &closure))
        return NULL;
    struct function_head *head = (struct function_head *)(void *)function;
    if (head->globals != python_extra.function_globals(function) ||
        head->code != python_extra.function_code(function)) {
        PyErr_SetString(PyExc_RuntimeError, "the functions of this CPython cannot be changed");
        return NULL;
    }
    /* It also has CPython forget what its callers' code knew of the function. */
    if (python_extra.function_set_closure(function, closure) < 0)
        return NULL;
    set(&head->globals, globals);
    set(&head->code, code);
    return Py_NewRef(Py_None);
}
