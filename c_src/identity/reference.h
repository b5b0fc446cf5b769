/* rebeam.Reference: a unique reference of the BEAM. GIL held. */
#ifndef REBEAM_IDENTITY_REFERENCE_H
#define REBEAM_IDENTITY_REFERENCE_H

#include "identity/identity.h"

/* A new reference, or NULL with an exception. The bytes are external term format. */
PyObject *identity_reference(const unsigned char *external, size_t length);

/* Makes rebeam.Reference and the function that rebuilds one. 0, or -1. */
int identity_reference_init(struct identity_state *state, PyObject *module);

#endif
