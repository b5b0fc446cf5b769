/* rebeam.ProcessID: a process of the BEAM, and hidden in it the request that it came with.
 *
 * GIL held in every function here. Each that makes one returns a new reference, or NULL with an
 * exception set. The bytes are external term format (enif_term_to_binary's).
 */
#ifndef REBEAM_IDENTITY_PROCESS_ID_H
#define REBEAM_IDENTITY_PROCESS_ID_H

#include "identity/identity.h"

PyObject *identity_process_id(const unsigned char *external, size_t length);
PyObject *identity_process_id_local(const ErlNifPid *pid);
/* Takes both, of which either may be NULL: the id, which nobody else has yet, with its request. */
PyObject *identity_take_request(PyObject *fresh, PyObject *request);
struct identity_slice {
    const unsigned char *bytes;
    size_t length;
};
PyObject *identity_process_id_requested(struct identity_slice external,
                                        struct identity_slice request);

/* True if `object` is a ProcessID of this node; *pid is then its pid. */
bool identity_local_pid(PyObject *object, ErlNifPid *pid);
/* True if it is one of another node; *pid is then a term of `env`. */
bool identity_remote_pid(ErlNifEnv *env, PyObject *object, ERL_NIF_TERM *pid);
/* The request of a ProcessID, a Term, borrowed. NULL without exception if there is none. */
PyObject *identity_request(PyObject *object);

/* What `ProcessID()` without arguments means: registered from above, as only actors have one
 * (embed/module.c); returns a new reference or NULL with an exception. */
extern PyObject *(*identity_self)(void);

/* Makes rebeam.ProcessID and the function that rebuilds one. 0, or -1. */
int identity_process_id_init(struct identity_state *state, PyObject *module);

#endif
