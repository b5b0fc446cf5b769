#include "request.h"

#include "atoms.h"

#include <stdlib.h>

struct request *request_new(void) {
    struct request *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->env = enif_alloc_env();
    if (self->env == NULL) {
        free(self);
        return NULL;
    }
    return self;
}

void request_free(void *request) {
    struct request *self = request;
    enif_free_env(self->env);
    free(self);
}

static ERL_NIF_TERM suspend_message(ErlNifEnv *env, uint64_t sequence, ERL_NIF_TERM operation) {
    return enif_make_tuple4(env, atoms.protocol, atoms.suspend, enif_make_uint64(env, sequence),
                            operation);
}

/* The tag of a call: its reply comes as {[`$rebeam` | Sequence], {Status, Payload}}. */
static ERL_NIF_TERM call_message(struct request *self, const ErlNifPid *owner, uint64_t sequence) {
    ErlNifEnv *env = self->env;
    ERL_NIF_TERM tag =
        enif_make_list_cell(env, atoms.protocol, enif_make_uint64(env, sequence));
    ERL_NIF_TERM from = enif_make_tuple2(env, enif_make_pid(env, owner), tag);
    return enif_make_tuple3(env, atoms.gen_call, from, self->message);
}

static bool send_direct(struct request *self, const ErlNifPid *owner, uint64_t sequence) {
    ErlNifEnv *env = enif_alloc_env();
    if (env == NULL)
        return false;
    ERL_NIF_TERM sent = enif_make_tuple3(env, atoms.sent, enif_make_pid(env, &self->target),
                                         enif_make_copy(env, self->timeout));
    bool alive = enif_send(NULL, owner, env, suspend_message(env, sequence, sent));
    enif_free_env(env);
    /* A target that died meanwhile needs no care here: the owner's monitor tells. */
    if (alive)
        enif_send(NULL, &self->target, self->env, call_message(self, owner, sequence));
    return alive;
}

bool request_send(struct request *self, const ErlNifPid *owner, uint64_t sequence) {
    if (self->direct)
        return send_direct(self, owner, sequence);
    ERL_NIF_TERM message = suspend_message(self->env, sequence, self->operation);
    return enif_send(NULL, owner, self->env, message);
}

bool request_send_client(struct request *self, const ErlNifPid *clients, ERL_NIF_TERM actor,
                         uint64_t sequence) {
    ERL_NIF_TERM message = enif_make_tuple5(self->env, atoms.protocol, atoms.client, actor,
                                            enif_make_uint64(self->env, sequence), self->operation);
    return enif_send(NULL, clients, self->env, message);
}
