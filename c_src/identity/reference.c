#include "identity/reference.h"

#include "base/external.h"
#include "identity/bytes.h"
#include "identity/private.h"

PyObject *identity_reference(const unsigned char *external, size_t length) {
    unsigned char plain[EXTERNAL_NAME_MAX];
    const struct identity_state *state = identity_state_get();
    ERL_NIF_TERM term;
    length = external_normalize(external, length, EXTERNAL_REFERENCE, plain);
    bool is_reference =
        identity_decode(state->env, plain, length, &term) && enif_is_ref(state->env, term);
    enif_clear_env(state->env);
    if (!is_reference)
        return identity_malformed("Reference");
    return (PyObject *)identity_new(state->reference, plain, length);
}

static PyObject *reference_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return identity_reduce(self, "_reference");
}

static PyMethodDef reference_methods[] = {{"__reduce__", reference_reduce, METH_NOARGS, NULL},
                                          IDENTITY_COPY_METHODS,
                                          {NULL, NULL, 0, NULL}};

static PyType_Slot reference_slots[] = {{Py_tp_doc, (void *)"A unique reference of the BEAM."},
                                        {Py_tp_new, identity_not_constructed},
                                        {Py_tp_dealloc, identity_dealloc},
                                        {Py_tp_hash, identity_hash},
                                        {Py_tp_richcompare, identity_ordered_compare},
                                        {Py_tp_repr, identity_external_repr},
                                        {Py_tp_methods, reference_methods},
                                        {0, NULL}};

static PyObject *rebuild_reference(PyObject *module, PyObject *bytes) {
    (void)module;
    return identity_rebuild(bytes, identity_reference);
}

int identity_reference_init(struct identity_state *state, PyObject *module) {
    static PyMethodDef functions[] = {{"_reference", rebuild_reference, METH_O, NULL},
                                      {NULL, NULL, 0, NULL}};
    if (identity_add_type(module, "rebeam.Reference", reference_slots, &state->reference) < 0)
        return -1;
    return PyModule_AddFunctions(module, functions);
}
