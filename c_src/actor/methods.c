#include "actor/methods.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The dict of the type, which as such is read only: a new reference, or NULL. */
static PyObject *dict_of(PyObject *type) {
    PyObject *gc = PyImport_ImportModule("gc");
    PyObject *proxy = PyObject_GetAttrString(type, "__dict__");
    PyObject *found = gc && proxy ? PyObject_CallMethod(gc, "get_referents", "O", proxy) : NULL;
    PyObject *dict = found && PyList_Size(found) == 1 ? PyList_GetItem(found, 0) : NULL;
    dict = dict != NULL && PyDict_Check(dict) ? Py_NewRef(dict) : NULL;
    Py_XDECREF(found);
    Py_XDECREF(proxy);
    Py_XDECREF(gc);
    return dict;
}

/* A string's UTF-8, to be freed; NULL if the method has none of that name. */
static char *text_of(PyObject *method, const char *name) {
    PyObject *found = PyObject_GetAttrString(method, name);
    PyObject *bytes = found && PyUnicode_Check(found) ? PyUnicode_AsUTF8String(found) : NULL;
    char *text = bytes ? PyBytes_AsString(bytes) : NULL;
    text = text ? strdup(text) : NULL;
    PyErr_Clear();
    Py_XDECREF(bytes);
    Py_XDECREF(found);
    return text;
}

/* As it is written in C: CPython takes the signature from its begin. To be freed, or NULL. */
static char *written_doc(PyObject *method, const char *name) {
    char *text = text_of(method, "__doc__"), *signature = text_of(method, "__text_signature__");
    char *both = NULL;
    if (signature == NULL)
        return text;
    if (asprintf(&both, "%s%s\n--\n\n%s", name, signature, text ? text : "") < 0)
        both = NULL;
    free(signature);
    free(text);
    return both;
}

/* Of a method that takes any arguments. Lives as long as the process, as do such of C's. */
static PyMethodDef *definition(const char *name, PyObject *original,
                               PyCFunctionWithKeywords function) {
    PyMethodDef *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->ml_name = name;
    self->ml_meth = (PyCFunction)(void (*)(void))function;
    self->ml_flags = METH_VARARGS | METH_KEYWORDS;
    self->ml_doc = written_doc(original, name);
    return self;
}

void methods_replace(PyObject *type, const char *name, PyObject *original,
                     PyCFunctionWithKeywords function) {
    PyObject *dict = dict_of(type);
    PyMethodDef *made = dict ? definition(name, original, function) : NULL;
    PyObject *method = made ? PyDescr_NewMethod((PyTypeObject *)type, made) : NULL;
    if (method != NULL && PyDict_SetItemString(dict, name, method) == 0)
        PyType_Modified((PyTypeObject *)type);
    Py_XDECREF(method);
    Py_XDECREF(dict);
}
