/* An actor that another one asked for: told natively, once it has started, past all processes.
 *
 * Whether it has is a state that others see too (lib/rebeam/child/starter.ex): its supervisor,
 * should it end; who is told first that it failed, or was cut off, wins. States are in resources of
 * so many. No GIL; any thread.
 */
#ifndef REBEAM_ACTOR_ASKED_H
#define REBEAM_ACTOR_ASKED_H

#include <erl_nif.h>
#include <stdbool.h>

struct actor;

bool actor_asked_load(ErlNifEnv *env);

/* The actor has started. Tells who asked for it, if that is still to be told. */
void actor_asked_tell(struct actor *self);
/* Nobody is told any more. */
void actor_asked_drop(struct actor *self);

/* (Count) -> States, all 0. */
ERL_NIF_TERM actor_nif_states_new(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (States, Place, Expected, New) -> the state before, which is changed if it was the expected one.
 */
ERL_NIF_TERM actor_nif_states_exchange(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, {States, Place, Underway, Started}, Asker, Sequence) -> ok. Before its start; its
 * process' id is the value of that wait of the asker's when the state goes from the one to the
 * other. */
ERL_NIF_TERM actor_nif_asked(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
