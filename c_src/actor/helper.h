/* Processes that work for a wait of an actor's: its process stays free meanwhile, or it has none.
 * Each is counted until it ends, whatever ends it.
 *
 * No GIL: any scheduler's thread. */
#ifndef REBEAM_ACTOR_HELPER_H
#define REBEAM_ACTOR_HELPER_H

#include <erl_nif.h>
#include <stdbool.h>

/* Opens the resource type. */
bool actor_helper_load(ErlNifEnv *env);
unsigned long actor_helper_count(void);
/* (Actor | nil) -> Ticket | over. The calling process is a helper for as long as it has the ticket.
 * With an actor, which has no owner, it hears when the wait is dropped; over: it was already. */
ERL_NIF_TERM actor_nif_help(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
