/* An actor moves to another node: lib/rebeam/actor/moving.ex.
 *
 *   open --the job that gives its state begins--> sealed --stay--> open
 *                                                    \----leave--> left
 *
 * Sealed, no job begins: what comes waits. Once it has left, what waits is the owner's to hand on,
 * and what still comes past the owner is sent to it: senders that had found the way open before.
 */
#ifndef REBEAM_ACTOR_LEAVE_H
#define REBEAM_ACTOR_LEAVE_H

#include <erl_nif.h>

struct actor;

/* Any thread. */
void actor_leave_seal(struct actor *self);
/* It stays: what waits goes on. Any thread. */
void actor_leave_unseal(struct actor *self);
/* It is gone: the messages that wait, as a list of what its process would have got. */
ERL_NIF_TERM actor_leave(ErlNifEnv *env, struct actor *self);

#endif
