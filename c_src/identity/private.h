/* The layout of identities, for the files of that topic alone. */
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

/* The calling thread's. */
static inline struct identity_state *identity_state_get(void) {
    return interpreter_get()->identity;
}

#endif
