#include "actor/asked.h"

#include "actor/answer.h"
#include "actor/life.h"
#include "actor/private.h"
#include "base/atoms.h"
#include "value/erlang/from_term.h"

#include <stdlib.h>
#include <string.h>

struct states {
    unsigned long count;
    atomic_uint each[];
};

struct actor_asked {
    struct states *states; /* kept, as is the asker */
    unsigned long place;
    unsigned underway, started;
    struct actor *asker;
    uint64_t sequence;
};

static ErlNifResourceType *states_type;

bool actor_asked_load(ErlNifEnv *env) {
    states_type = enif_open_resource_type(env, NULL, "rebeam_states", NULL,
                                          ERL_NIF_RT_CREATE | ERL_NIF_RT_TAKEOVER, NULL);
    return states_type != NULL;
}

void actor_asked_drop(struct actor *self) {
    struct actor_asked *asked = self->asked;
    self->asked = NULL;
    if (asked == NULL)
        return;
    enif_release_resource(asked->states);
    actor_release(asked->asker);
    free(asked);
}

static void answer(const struct actor_asked *asked, const ErlNifPid *pid) {
    ErlNifEnv *env = enif_alloc_env();
    struct value_of_term packed = {.flat = true};
    if (value_from_term(env, enif_make_pid(env, pid), &packed) == NULL)
        actor_answer_value(asked->asker, asked->sequence, packed.bytes.bytes, packed.bytes.length);
    value_of_term_free(&packed);
    enif_free_env(env);
}

void actor_asked_tell(struct actor *self) {
    struct actor_asked *asked = self->asked;
    if (asked == NULL || actor_is_dead(self))
        return;
    unsigned state = asked->underway;
    if (atomic_compare_exchange_strong(&asked->states->each[asked->place], &state, asked->started))
        answer(asked, &self->owner);
    actor_asked_drop(self);
}

/* The state at that place, from 1 on; or NULL. */
static atomic_uint *get_state(ErlNifEnv *env, ERL_NIF_TERM term, ERL_NIF_TERM place,
                              struct states **states, unsigned long *index) {
    if (!enif_get_resource(env, term, states_type, (void **)states) ||
        !enif_get_ulong(env, place, index) || *index < 1 || *index > (*states)->count)
        return NULL;
    (*index)--;
    return &(*states)->each[*index];
}

ERL_NIF_TERM actor_nif_states_new(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    unsigned long count;
    (void)argc;
    if (!enif_get_ulong(env, argv[0], &count) || count > 1000000000)
        return enif_make_badarg(env);
    struct states *self =
        enif_alloc_resource(states_type, sizeof *self + count * sizeof self->each[0]);
    self->count = count;
    for (unsigned long i = 0; i < count; i++)
        atomic_init(&self->each[i], 0);
    ERL_NIF_TERM term = enif_make_resource(env, self);
    enif_release_resource(self);
    return term;
}

ERL_NIF_TERM actor_nif_states_exchange(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct states *states;
    unsigned long index;
    unsigned expected, new;
    (void)argc;
    atomic_uint *state = get_state(env, argv[0], argv[1], &states, &index);
    if (state == NULL || !enif_get_uint(env, argv[2], &expected) ||
        !enif_get_uint(env, argv[3], &new))
        return enif_make_badarg(env);
    atomic_compare_exchange_strong(state, &expected, new);
    return enif_make_uint(env, expected);
}

ERL_NIF_TERM actor_nif_asked(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = actor_get(env, argv[0]), *asker = actor_get(env, argv[2]);
    struct actor_asked asked = {.asker = asker};
    const ERL_NIF_TERM *parts;
    ErlNifUInt64 sequence;
    int arity;
    (void)argc;
    if (self == NULL || self->asked != NULL || asker == NULL ||
        !enif_get_tuple(env, argv[1], &arity, &parts) || arity != 4 ||
        get_state(env, parts[0], parts[1], &asked.states, &asked.place) == NULL ||
        !enif_get_uint(env, parts[2], &asked.underway) ||
        !enif_get_uint(env, parts[3], &asked.started) || !enif_get_uint64(env, argv[3], &sequence))
        return enif_make_badarg(env);
    asked.sequence = sequence;
    self->asked = malloc(sizeof asked);
    if (self->asked == NULL)
        return enif_raise_exception(env, atoms.system_limit);
    memcpy(self->asked, &asked, sizeof asked);
    enif_keep_resource(asked.states);
    actor_keep(asker);
    return atoms.ok;
}
