#include "actor/defer.h"

#include "actor/answer.h"
#include "actor/job.h"
#include "actor/life.h"
#include "actor/private.h"
#include "base/atoms.h"
#include "base/term.h"
#include "identity/term.h"
#include "message/request.h"

#include <stdlib.h>

enum { FIRST_ROOM = 4 };

/* In the actor, made when first needed. Guarded by the actor's lock. */
struct actor_deferred {
    size_t count, room;
    struct deferred_call {
        struct actor *caller; /* kept */
        uint64_t sequence;
    } calls[];
};

PyObject *actor_defer_request(struct actor_job *job) {
    ErlNifBinary external;
    ErlNifEnv *env = enif_alloc_env();
    ERL_NIF_TERM from = job->from;
    if (env == NULL)
        return PyErr_NoMemory();
    if (job->work == WORK_CAST) {
        ERL_NIF_TERM pid = job->has_source ? enif_make_pid(env, &job->source) : from;
        from = enif_make_tuple2(env, enif_make_copy(env, pid),
                                term_binary(env, job->subject, job->subject_length));
    } else if (job->caller != NULL) {
        ERL_NIF_TERM tag = request_tag(env, job->caller_sequence, actor_term(env, job->caller));
        from = enif_make_tuple2(env, enif_make_pid(env, &job->source), tag);
    }
    bool ok = enif_term_to_binary(env, from, &external);
    enif_free_env(env);
    if (!ok)
        return PyErr_NoMemory();
    PyObject *request = identity_term(external.data, external.size);
    enif_release_binary(&external);
    return request;
}

/* Its caller asked something else since, or is gone. */
static bool is_over(const struct deferred_call *call) {
    return actor_is_dead(call->caller) || atomic_load(&call->caller->sequence) != call->sequence;
}

static void forget_over(struct actor_deferred *self) {
    size_t kept = 0;
    for (size_t i = 0; i < self->count; i++) {
        if (is_over(&self->calls[i]))
            actor_release(self->calls[i].caller);
        else
            self->calls[kept++] = self->calls[i];
    }
    self->count = kept;
}

/* Room for one more call, under the lock. False without memory. */
static bool make_room(struct actor *self) {
    struct actor_deferred *deferred = self->deferred;
    if (deferred != NULL && deferred->count < deferred->room)
        return true;
    if (deferred != NULL)
        forget_over(deferred);
    if (deferred != NULL && deferred->count <= deferred->room / 2)
        return true;
    size_t room = deferred ? 2 * deferred->room : FIRST_ROOM;
    struct actor_deferred *grown = realloc(deferred, sizeof *grown + room * sizeof grown->calls[0]);
    if (grown == NULL)
        return deferred != NULL && deferred->count < deferred->room;
    if (deferred == NULL)
        grown->count = 0;
    grown->room = room;
    self->deferred = grown;
    return true;
}

void actor_defer(struct actor *self) {
    struct actor_job *job = self->current;
    if (actor_is_dead(self))
        return;
    job->answered = true;
    if (job->caller == NULL) /* it monitors this actor, or is no actor's */
        return;
    pthread_mutex_lock(&self->lock);
    bool kept = make_room(self); /* else its monitor will tell */
    if (kept) {
        self->deferred->calls[self->deferred->count++] =
            (struct deferred_call){.caller = job->caller, .sequence = job->caller_sequence};
        actor_keep(job->caller);
    }
    pthread_mutex_unlock(&self->lock);
}

void actor_defer_drain(struct actor_deferred *self, const struct value_packed *down) {
    for (size_t i = 0; self != NULL && i < self->count; i++) {
        struct deferred_call *call = &self->calls[i];
        if (down->bytes.length > 0)
            actor_reply(call->caller, call->sequence, atoms.down, down);
        actor_release(call->caller);
    }
    free(self);
}
