/* Casts to other nodes. Only processes send there, so the owner does it for its code, in the order
 * of all that it sends; the code does not wait for that. Now and then it does, as with every other
 * operation, so that a node that takes nothing stops who sends to it.
 *
 * GIL held. */
#ifndef REBEAM_ACTOR_RELAY_H
#define REBEAM_ACTOR_RELAY_H

#include "base/python.h"

#include <erl_nif.h>
#include <stdbool.h>

struct actor;

/* Has the owner cast {Subject, Payload, Sender | nil}, terms of `env` like the target, a pid.
 * False: nothing was sent, and the code is to wait. */
bool actor_relay_cast(struct actor *self, ErlNifEnv *env, ERL_NIF_TERM target,
                      const ERL_NIF_TERM parts[3]);

#endif
