/* rebeam.Term: an Erlang term without a Python word, opaque. GIL held. */
#ifndef REBEAM_IDENTITY_TERM_H
#define REBEAM_IDENTITY_TERM_H

#include "identity/identity.h"

/* A new reference, or NULL with an exception. The bytes are external term format. */
PyObject *identity_term(const unsigned char *external, size_t length);

/* Makes rebeam.Term and the function that rebuilds one. 0, or -1. */
int identity_term_init(struct identity_state *state, PyObject *module);

#endif
