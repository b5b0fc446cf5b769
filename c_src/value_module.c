/* The codec as Python sees it: `_rebeam.pack` and `_rebeam.unpack`. */
#include "value.h"
#include "value_object.h"

static PyObject *pack(PyObject *module, PyObject *args) {
    PyObject *object;
    const char *root = "value";
    struct buffer out = {0};
    PyObject *packed = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "O|s:pack", &object, &root))
        return NULL;
    if (value_pack(object, root, &out) == 0)
        packed = PyBytes_FromStringAndSize((const char *)out.bytes, (Py_ssize_t)out.length);
    buffer_free(&out);
    return packed;
}

static PyObject *unpack(PyObject *module, PyObject *packed) {
    char *bytes;
    Py_ssize_t length;
    (void)module;
    if (PyBytes_AsStringAndSize(packed, &bytes, &length) < 0)
        return NULL;
    return value_unpack((const unsigned char *)bytes, (size_t)length);
}

static PyMethodDef functions[] = {
    {"pack", pack, METH_VARARGS,
     "pack(object, root='value') -> bytes: the packed form that messages travel in. Errors name "
     "the path to what cannot be sent, from `root` on."},
    {"unpack", unpack, METH_O, "unpack(bytes) -> object: what pack was given, equal and new."},
    {NULL, NULL, 0, NULL}};

int value_add_functions(PyObject *module) {
    return PyModule_AddFunctions(module, functions);
}

int value_init(struct interpreter *interpreter) {
    interpreter->value = value_state_new();
    return interpreter->value == NULL ? -1 : 0;
}
