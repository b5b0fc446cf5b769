/* What names things in the BEAM, as Python objects: ProcessID, Reference, Atom, Term.
 *
 * All are immutable, hashable, comparable, picklable. Each keeps the external
 * term format of what it stands for; a ProcessID of this node keeps the
 * ErlNifPid besides, so that sending to it costs no look-up.
 *
 * The ProcessID that a handler gets as `source` of a call also carries, hidden, the
 * request: the Term {Pid, Tag} by which `reply` answers. It is no part of what the id
 * is (==, hash, order, repr), and goes wherever Python sends or pickles the id; the
 * pid that Elixir sees is plain.
 *
 * GIL held in every function here.
 */
#ifndef REBEAM_IDENTITY_IDENTITY_H
#define REBEAM_IDENTITY_IDENTITY_H

#include "base/interpreter.h"

#include <erl_nif.h>
#include <stdbool.h>

struct identity_state {
    PyTypeObject *process_id; /* rebeam.ProcessID */
    PyTypeObject *reference;  /* rebeam.Reference */
    PyTypeObject *atom;       /* rebeam.Atom: Atom("ok").text == "ok" */
    PyTypeObject *term;       /* rebeam.Term: an Erlang term without a Python word, opaque */
    ErlNifEnv *env;           /* for one conversion at a time, empty between them */
};

/* Each returns a new reference, or NULL with an exception set. The bytes are external term format
 * (enif_term_to_binary's), the atom's are UTF-8 text. */
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
PyObject *identity_reference(const unsigned char *external, size_t length);
PyObject *identity_atom(const unsigned char *text, size_t length);
PyObject *identity_term(const unsigned char *external, size_t length);

/* True if `object` is a ProcessID of this node; *pid is then its pid. */
bool identity_local_pid(PyObject *object, ErlNifPid *pid);
/* The request of a ProcessID, a Term, borrowed. NULL without exception if there is none. */
PyObject *identity_request(PyObject *object);
/* Borrowed bytes of a ProcessID, Reference or Term (external format) or Atom (UTF-8 text).
 * False, without exception, for any other object. */
bool identity_bytes(PyObject *object, const unsigned char **bytes, size_t *length);

/* What `ProcessID()` without arguments means: set by the actor's part; returns a
 * new reference or NULL with an exception. */
extern PyObject *(*identity_self)(void);

/* Makes the types, adds them to the `_rebeam` module. 0, or -1. */
int identity_init(struct interpreter *interpreter, PyObject *module);

#endif
