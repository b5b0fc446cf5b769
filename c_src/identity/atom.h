/* rebeam.Atom: Atom("ok").text == "ok". No atom of the BEAM is made of one. GIL held. */
#ifndef REBEAM_IDENTITY_ATOM_H
#define REBEAM_IDENTITY_ATOM_H

#include "identity/identity.h"

/* A new reference, or NULL with an exception. The bytes are UTF-8 text. */
PyObject *identity_atom(const unsigned char *text, size_t length);

/* Makes rebeam.Atom and the function that rebuilds one. 0, or -1. */
int identity_atom_init(struct identity_state *state, PyObject *module);

#endif
