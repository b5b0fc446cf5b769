/* The layout of identities, for the files of that topic alone:
 * identity/identity.c (what all four types do; Reference, Atom, Term), identity/process_id.c. */
#ifndef REBEAM_IDENTITY_PRIVATE_H
#define REBEAM_IDENTITY_PRIVATE_H

#include "identity/identity.h"

/* One layout for all four types. Two are equal if type and bytes are. */
struct identity {
    PyObject_VAR_HEAD /* the size is that of `bytes` */
        Py_hash_t hash;
    bool local; /* a ProcessID of this node: `pid` is valid */
    ErlNifPid pid;
    PyObject *request;     /* owned: of a ProcessID that came with a call, the Term {Pid, Tag} by
                              which it is answered, else NULL. No part of what the id is */
    unsigned char bytes[]; /* external term format; of an Atom its text */
};

/* ---- identity/identity.c ---------------------------------------------------------- */

struct identity_state *identity_state_get(void);
struct identity *identity_new(PyTypeObject *type, const void *bytes, size_t length);
/* Sets ValueError; returns NULL. */
PyObject *identity_malformed(const char *what);
/* The term that `plain` holds, in `env`. */
bool identity_decode(ErlNifEnv *env, const unsigned char *plain, size_t length, ERL_NIF_TERM *term);

/* Slots. Ordered: ids of one type can be sorted. */
void identity_dealloc(PyObject *self);
Py_hash_t identity_hash(PyObject *self);
PyObject *identity_ordered_compare(PyObject *left, PyObject *right, int operation);
PyObject *identity_external_repr(PyObject *self);
PyObject *identity_itself(PyObject *self, PyObject *ignored);

#define IDENTITY_COPY_METHODS                                                                      \
    {"__copy__", identity_itself, METH_NOARGS, NULL}, {                                            \
        "__deepcopy__", identity_itself, METH_O, NULL                                              \
    }

/* Adds a type to the module and to *place, which owns a reference. */
int identity_add_type(PyObject *module, const char *name, PyType_Slot *slots, PyTypeObject **place);

/* ---- identity/process_id.c ------------------------------------------------- */

/* Makes rebeam.ProcessID and the function that rebuilds one. 0, or -1. */
int identity_process_id_init(struct identity_state *state, PyObject *module);

#endif
