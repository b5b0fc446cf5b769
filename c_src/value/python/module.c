#include "value/python/module.h"

#include "value/python/pack.h"
#include "value/python/packed.h"
#include "value/python/state.h"
#include "value/python/unpack.h"

static PyObject *pack(PyObject *module, PyObject *args) {
    PyObject *object;
    const char *root = "value";
    struct buffer out = {0};
    PyObject *packed = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "O|z:pack", &object, &root))
        return NULL;
    if (value_pack_flat(object, root, &out) == 0)
        packed = PyBytes_FromStringAndSize((const char *)out.bytes, (Py_ssize_t)out.length);
    buffer_free(&out);
    return packed;
}

static PyObject *packed(PyObject *module, PyObject *args) {
    PyObject *object;
    const char *root = "value";
    struct value_packed out = {0};
    (void)module;
    if (!PyArg_ParseTuple(args, "O|z:packed", &object, &root))
        return NULL;
    out.own = PyTuple_Size(args) == 1; /* nothing to be called by: no message */
    if (value_pack(object, root, &out) == 0)
        return value_packed_object(interpreter_get()->value, &out);
    value_parts_free(&out);
    return NULL;
}

static PyObject *unpack(PyObject *module, PyObject *given) {
    char *bytes;
    Py_ssize_t length;
    struct value_payload payload;
    (void)module;
    if (value_packed_payload(interpreter_get()->value, given, &payload))
        return value_unpack(&payload);
    if (PyBytes_AsStringAndSize(given, &bytes, &length) < 0)
        return NULL;
    return value_unpack_flat((const unsigned char *)bytes, (size_t)length);
}

static PyMethodDef functions[] = {
    {"pack", pack, METH_VARARGS,
     "pack(object, root='value') -> bytes: the packed form that messages travel in, all in one "
     "piece. Errors name the path to what cannot be sent, from `root` on; they are as they come if "
     "it is None."},
    {"packed", packed, METH_VARARGS,
     "packed(object, root='value') -> Packed: the same as a message has it, with what is large "
     "beside it and not copied."},
    {"unpack", unpack, METH_O,
     "unpack(packed) -> object: what was packed, as bytes or Packed, equal and new."},
    {NULL, NULL, 0, NULL}};

int value_init(struct interpreter *interpreter, PyObject *module) {
    interpreter->value = value_state_new();
    if (interpreter->value == NULL || value_packed_init(interpreter->value, module) < 0)
        return -1;
    return PyModule_AddFunctions(module, functions);
}
