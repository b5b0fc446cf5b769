#include "actor/announce.h"

#include "actor/direct.h"
#include "actor/life.h"
#include "actor/many.h"
#include "actor/private.h"
#include "actor/promise.h"
#include "actor/state.h"
#include "base/atoms.h"
#include "message/request.h"
#include "suspend/runtime/await.h"

void actor_announce_forget(struct actor *self) {
    struct actor_state *state = interpreter_get()->actor;
    if (self->silent_since == 0)
        return;
    *(self->previous_silent ? &self->previous_silent->next_silent : &state->first_silent) =
        self->next_silent;
    *(self->next_silent ? &self->next_silent->previous_silent : &state->last_silent) =
        self->previous_silent;
    self->next_silent = self->previous_silent = NULL;
    self->silent_since = 0;
}

static void remember(struct actor *self) {
    struct actor_state *state = interpreter_get()->actor;
    self->silent_since = state->ticks;
    self->previous_silent = state->last_silent;
    *(state->last_silent ? &state->last_silent->next_silent : &state->first_silent) = self;
    state->last_silent = self;
}

static void announce(struct actor *self) {
    const struct request *request = self->waiting ? suspension_request(self->waiting) : NULL;
    if (request != NULL && request->answers != NULL)
        actor_many_announce(request, &self->owner, atoms.suspend);
    else if (request != NULL)
        request_announce(request, true, &self->owner, atoms.suspend, self->run_sequence);
}

static bool asks(const struct request *request, const ErlNifPid *target) {
    if (request->answers != NULL)
        return actor_many_asks(request->answers, target);
    return request->direct && enif_compare_pids(&request->target, target) == 0;
}

bool actor_announce_tick(void) {
    struct actor_state *state = interpreter_get()->actor;
    while (state->first_silent != NULL && state->first_silent->silent_since < state->ticks) {
        struct actor *self = state->first_silent;
        actor_announce_forget(self);
        announce(self);
    }
    state->ticks++;
    return state->first_silent != NULL;
}

void actor_announce_end(const ErlNifPid *target) {
    struct actor *next;
    for (struct actor *self = interpreter_get()->actor->first_silent; self != NULL; self = next) {
        next = self->next_silent;
        const struct request *request = self->waiting ? suspension_request(self->waiting) : NULL;
        if (request != NULL && asks(request, target)) {
            actor_announce_forget(self);
            announce(self);
        }
    }
}

static ERL_NIF_TERM word_of(enum announce how) {
    return how == ANNOUNCE_BRANCH ? atoms.branch : atoms.suspend;
}

/* The owner will hear of it, unless it is over before. */
static bool be_silent(struct actor *self) {
    if (interpreter_get()->actor->first_silent == NULL)
        executor_tick(self->executor);
    remember(self);
    return true;
}

static bool begin_many(struct actor *self, struct request *request, enum announce how,
                       uint64_t sequence) {
    bool gone = false;
    if (!actor_many_send(self, request, sequence, &gone))
        return false;
    if (gone || how != ANNOUNCE_IF_LONG)
        return actor_many_announce(request, &self->owner, word_of(how));
    return be_silent(self);
}

static bool begin_direct(struct actor *self, struct request *request, enum announce how,
                         uint64_t sequence) {
    enum direct direct = actor_direct_call(self, request, sequence);
    bool sent = direct != DIRECT_CLOSED; /* one that is gone is watched, which tells why */
    if (direct == DIRECT_CLOSED)
        sent = request_send_direct(request, &self->owner, actor_term(request->env, self), sequence);
    if (!sent || direct == DIRECT_GONE || how != ANNOUNCE_IF_LONG)
        return request_announce(request, sent, &self->owner, word_of(how), sequence);
    return be_silent(self);
}

bool actor_announce_begin(struct actor *self, PyObject *suspension, enum announce how,
                          uint64_t sequence) {
    struct request *request = suspension_request(suspension);
    ErlNifPid clients;
    if (actor_is_dead(self))
        return false;
    if (request->begin != NULL) {
        actor_promise_begin(self, request, sequence);
        return true;
    }
    if (self->has_owner && request->answers != NULL)
        return begin_many(self, request, how, sequence);
    if (self->has_owner && request->direct)
        return begin_direct(self, request, how, sequence);
    if (self->has_owner)
        return request_send(request, &self->owner, word_of(how), sequence);
    return actor_clients(&clients) &&
           request_send_client(request, &clients, actor_term(request->env, self), sequence);
}
