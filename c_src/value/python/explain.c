#include "value/python/explain.h"

#include "value/python/state.h"

#include <stdbool.h>

const char *const value_malformed_text = "malformed packed value";

void *value_malformed(void) {
    PyErr_SetString(PyExc_ValueError, value_malformed_text);
    return NULL;
}

/* ---- packing -------------------------------------------------------------------------- */

void value_explain(const char *root, PyObject *steps, PyObject *object) {
    PyObject *kind, *error, *trace;
    PyErr_Fetch(&kind, &error, &trace);
    PyErr_NormalizeException(&kind, &error, &trace);
    if (trace != NULL)
        PyException_SetTraceback(error, trace);
    PyObject *explained = NULL, *module = NULL;
    if (PyErr_GivenExceptionMatches(error, PyExc_Exception) &&
        (module = PyImport_ImportModule("rebeam._engine.diagnose")) != NULL)
        explained = PyObject_CallMethod(module, "explain", "sOOO", root, steps, object, error);
    if (explained != NULL && PyExceptionInstance_Check(explained)) {
        PyErr_SetObject((PyObject *)Py_TYPE(explained), explained);
    } else { /* not about the value, or no diagnosis to be had: as it was */
        PyErr_Clear();
        PyErr_Restore(Py_XNewRef(kind), Py_XNewRef(error), Py_XNewRef(trace));
    }
    Py_XDECREF(module);
    Py_XDECREF(explained);
    Py_XDECREF(kind);
    Py_XDECREF(error);
    Py_XDECREF(trace);
}

/* ---- unpacking ------------------------------------------------------------------------ */

int value_refuse_object(const unsigned char *type, size_t length) {
    PyObject *name = PyUnicode_DecodeUTF8((const char *)type, (Py_ssize_t)length, "replace");
    if (name != NULL)
        PyErr_Format(PyExc_ValueError,
                     "the message has a %U object: only builtin values are taken here", name);
    Py_XDECREF(name);
    return -1;
}

static bool is_told(struct value_state *self, PyObject *error) {
    PyObject *text = PyObject_Str(error);
    bool malformed = Py_IS_TYPE(error, (PyTypeObject *)PyExc_ValueError) && text != NULL &&
                     PyUnicode_CompareWithASCIIString(text, value_malformed_text) == 0;
    PyErr_Clear();
    Py_XDECREF(text);
    return malformed || !PyErr_GivenExceptionMatches(error, PyExc_Exception) ||
           PyErr_GivenExceptionMatches(error, PyExc_MemoryError) ||
           PyErr_GivenExceptionMatches(error, self->unpickling_error);
}

void value_explain_object(struct value_state *self, const unsigned char *type, size_t length) {
    PyObject *kind, *error, *trace;
    PyErr_Fetch(&kind, &error, &trace);
    PyErr_NormalizeException(&kind, &error, &trace);
    if (is_told(self, error)) {
        PyErr_Restore(kind, error, trace);
        return;
    }
    PyObject *name = PyUnicode_DecodeUTF8((const char *)type, (Py_ssize_t)length, "replace");
    PyObject *kind_name = PyType_GetName((PyTypeObject *)kind);
    PyObject *text = NULL;
    if (name != NULL && kind_name != NULL)
        text = PyUnicode_FromFormat("cannot rebuild a %U object: %U: %S", name, kind_name, error);
    PyObject *wrapped =
        text ? PyObject_CallFunctionObjArgs(self->unpickling_error, text, NULL) : NULL;
    if (wrapped != NULL) {
        if (trace != NULL)
            PyException_SetTraceback(error, trace);
        PyException_SetCause(wrapped, Py_NewRef(error));
        PyErr_SetObject(self->unpickling_error, wrapped);
    }
    Py_XDECREF(name);
    Py_XDECREF(kind_name);
    Py_XDECREF(text);
    Py_XDECREF(wrapped);
    Py_XDECREF(kind);
    Py_XDECREF(error);
    Py_XDECREF(trace);
}

/* What ends programs (SystemExit) says little by itself: here its class tells. */
PyObject *value_unpack_reason(void) {
    PyObject *kind, *error, *trace, *text = NULL;
    PyErr_Fetch(&kind, &error, &trace);
    PyErr_NormalizeException(&kind, &error, &trace);
    PyObject *name = kind ? PyType_GetName((PyTypeObject *)kind) : NULL;
    if (error != NULL && PyErr_GivenExceptionMatches(error, PyExc_Exception))
        text = PyObject_Str(error);
    else if (error != NULL && name != NULL)
        text = PyUnicode_FromFormat("cannot rebuild the value: %U: %S", name, error);
    if (text == NULL && name != NULL) {
        PyErr_Clear();
        text = PyUnicode_FromFormat("cannot rebuild the value: %U", name);
    }
    PyErr_Clear();
    Py_XDECREF(name);
    Py_XDECREF(kind);
    Py_XDECREF(error);
    Py_XDECREF(trace);
    return text;
}
