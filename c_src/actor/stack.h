/* Where an actor's code is, without stopping it: on a thread, suspended, or in asyncio tasks. */
#ifndef REBEAM_ACTOR_STACK_H
#define REBEAM_ACTOR_STACK_H

#include <erl_nif.h>

/* (Pid, Ref) -> ok | nil. The calling process gets {Ref, Packed} once Python can say: what
 * rebeam._engine.stacks makes of it. That needs the GIL, for which nobody waits here. */
ERL_NIF_TERM stack_nif_ask(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
