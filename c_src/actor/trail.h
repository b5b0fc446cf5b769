/* Which calls led to what an actor works on. */
#ifndef REBEAM_ACTOR_TRAIL_H
#define REBEAM_ACTOR_TRAIL_H

#include <erl_nif.h>

struct actor_job;

/* [{Pid, Work | nil, Subject}]: who called, and what that works on itself, then who called there,
 * and so on, as far as they are of this VM and still wait; the last one may be of another. Any
 * thread. */
ERL_NIF_TERM trail_make(ErlNifEnv *env, const struct actor_job *job);

#endif
