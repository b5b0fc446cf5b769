#include "actor/relay.h"

#include "actor/life.h"
#include "actor/private.h"
#include "base/atoms.h"
#include "message/origin.h"

/* So many, each of so many bytes at most, may be on their way to a node that takes nothing. */
enum { CASTS_MAX = 255, BYTES_MAX = 4096 };

/* What is large may be lent, or wait for long. */
static bool is_small(ErlNifEnv *env, ERL_NIF_TERM payload) {
    ErlNifBinary bytes, origin;
    payload = origin_detach(env, payload, &origin); /* what is sent has it */
    return enif_inspect_binary(env, payload, &bytes) && bytes.size <= BYTES_MAX;
}

bool actor_relay_cast(struct actor *self, ErlNifEnv *env, ERL_NIF_TERM target,
                      const ERL_NIF_TERM parts[3]) {
    if (self == NULL || !self->has_owner || actor_is_dead(self) || !is_small(env, parts[1]))
        return false;
    if (self->relayed == CASTS_MAX) {
        self->relayed = 0;
        return false;
    }
    self->relayed++;
    ERL_NIF_TERM message =
        enif_make_tuple6(env, atoms.protocol, atoms.cast, target, parts[0], parts[1], parts[2]);
    return enif_send(NULL, &self->owner, env, message);
}
