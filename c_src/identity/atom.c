#include "identity/atom.h"

#include "identity/bytes.h"
#include "identity/private.h"

enum { ATOM_CHARACTERS_MAX = 255 };

PyObject *identity_atom(const unsigned char *text, size_t length) {
    PyObject *decoded = PyUnicode_DecodeUTF8((const char *)text, (Py_ssize_t)length, NULL);
    if (decoded == NULL)
        return NULL;
    Py_ssize_t characters = PyUnicode_GetLength(decoded);
    Py_DECREF(decoded);
    if (characters > ATOM_CHARACTERS_MAX) {
        PyErr_Format(PyExc_ValueError, "an atom has at most %d characters", ATOM_CHARACTERS_MAX);
        return NULL;
    }
    return (PyObject *)identity_new(identity_state_get()->atom, text, length);
}

static PyObject *atom_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    char *keywords[] = {(char *)"text", NULL};
    PyObject *given;
    Py_ssize_t length;
    (void)type;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "U:Atom", keywords, &given))
        return NULL;
    const char *text = PyUnicode_AsUTF8AndSize(given, &length);
    if (text == NULL)
        return NULL;
    return identity_atom((const unsigned char *)text, (size_t)length);
}

static PyObject *atom_str(PyObject *self) {
    return PyUnicode_DecodeUTF8((const char *)((struct identity *)self)->bytes, Py_SIZE(self),
                                NULL);
}

static PyObject *atom_text(PyObject *self, void *ignored) {
    (void)ignored;
    return atom_str(self);
}

static PyObject *atom_repr(PyObject *self) {
    PyObject *text = atom_str(self);
    PyObject *repr = text ? PyUnicode_FromFormat("Atom(%R)", text) : NULL;
    Py_XDECREF(text);
    return repr;
}

static PyObject *atom_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return identity_reduce(self, "_atom");
}

static PyMethodDef atom_methods[] = {
    {"__reduce__", atom_reduce, METH_NOARGS, NULL}, IDENTITY_COPY_METHODS, {NULL, NULL, 0, NULL}};

static PyGetSetDef atom_attributes[] = {{"text", atom_text, NULL, "The atom's text.", NULL},
                                        {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot atom_slots[] = {
    {Py_tp_doc, (void *)"Atom(text): an Erlang atom. Sending it makes no new atom in the BEAM."},
    {Py_tp_new, atom_new},
    {Py_tp_dealloc, identity_dealloc},
    {Py_tp_hash, identity_hash},
    {Py_tp_richcompare, identity_ordered_compare},
    {Py_tp_repr, atom_repr},
    {Py_tp_str, atom_str},
    {Py_tp_methods, atom_methods},
    {Py_tp_getset, atom_attributes},
    {0, NULL}};

static PyObject *rebuild_atom(PyObject *module, PyObject *bytes) {
    (void)module;
    return identity_rebuild(bytes, identity_atom);
}

int identity_atom_init(struct identity_state *state, PyObject *module) {
    static PyMethodDef functions[] = {{"_atom", rebuild_atom, METH_O, NULL}, {NULL, NULL, 0, NULL}};
    if (identity_add_type(module, "rebeam.Atom", atom_slots, &state->atom) < 0)
        return -1;
    return PyModule_AddFunctions(module, functions);
}
