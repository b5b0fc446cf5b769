/* What led to what an actor works on: whose messages, and what those worked on themselves
 * (message/origin.h). */
#ifndef REBEAM_ACTOR_TRAIL_H
#define REBEAM_ACTOR_TRAIL_H

#include "base/python.h"

#include <erl_nif.h>

struct actor;
struct actor_job;
struct origin;

/* What leads to what `self` sends now, which may be NULL; with the trace that it is part of. GIL
 * held. 0, or -1 with an exception. */
int trail_begin(const struct actor *self, struct origin *out);

/* The same of the code that runs here, as bytes that go with a payload (origin_externalize); none
 * if there is nothing. Python's `_origin`. */
PyObject *trail_bytes(PyObject *module, PyObject *nothing);

/* [{Pid, Work | nil, Subject}]: who sent it, and what that worked on itself, then who sent that,
 * and so on, also over casts and of other VMs. Any thread. */
ERL_NIF_TERM trail_make(ErlNifEnv *env, const struct actor_job *job);

#endif
