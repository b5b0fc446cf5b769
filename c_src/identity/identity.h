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
 * The interpreter's state owns the types. GIL held in every function of this folder.
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

/* Makes the types, adds them to the `_rebeam` module. 0, or -1. */
int identity_init(struct interpreter *interpreter, PyObject *module);

#endif
