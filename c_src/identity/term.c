#include "identity/term.h"

#include "base/external.h"
#include "identity/bytes.h"
#include "identity/private.h"

PyObject *identity_term(const unsigned char *external, size_t length) {
    if (length < 2 || external[0] != EXTERNAL_VERSION)
        return identity_malformed("Term");
    return (PyObject *)identity_new(identity_state_get()->term, external, length);
}

static PyObject *term_repr(PyObject *self) {
    char text[IDENTITY_TEXT_MAX];
    identity_text(((struct identity *)self)->bytes, (size_t)Py_SIZE(self), text, sizeof text);
    return PyUnicode_FromFormat("<Term %s>", text);
}

static PyObject *term_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return identity_reduce(self, "_term");
}

static PyMethodDef term_methods[] = {
    {"__reduce__", term_reduce, METH_NOARGS, NULL}, IDENTITY_COPY_METHODS, {NULL, NULL, 0, NULL}};

static PyType_Slot term_slots[] = {
    {Py_tp_doc, (void *)"An Erlang term that Python has no word for. It goes back unchanged."},
    {Py_tp_new, identity_not_constructed},
    {Py_tp_dealloc, identity_dealloc},
    {Py_tp_hash, identity_hash},
    {Py_tp_richcompare, identity_unordered_compare},
    {Py_tp_repr, term_repr},
    {Py_tp_methods, term_methods},
    {0, NULL}};

static PyObject *rebuild_term(PyObject *module, PyObject *bytes) {
    (void)module;
    return identity_rebuild(bytes, identity_term);
}

int identity_term_init(struct identity_state *state, PyObject *module) {
    static PyMethodDef functions[] = {{"_term", rebuild_term, METH_O, NULL}, {NULL, NULL, 0, NULL}};
    if (identity_add_type(module, "rebeam.Term", term_slots, &state->term) < 0)
        return -1;
    return PyModule_AddFunctions(module, functions);
}
