/* The life of an actor's native half, and the NIFs of its owner. */
#include "actor_struct.h"

#include "atoms.h"
#include "handle.h"

#include <stdlib.h>
#include <string.h>

/* Payloads up to here are copied into the job; larger ones are kept by reference. */
enum { COPY_MAX = 1024 };

static ErlNifResourceType *actor_type;
static atomic_ulong actor_count;
atomic_ulong actor_suspended_count, actor_blocked_count;

static ErlNifPid clients; /* written once, before any Python runs */
static atomic_bool has_clients;

static _Thread_local struct actor *current;

/* ---- life ------------------------------------------------------------------ */

static void release(struct actor *self, PyObject **slot) {
    if (*slot != NULL)
        handle_release(self->executor, *slot);
    *slot = NULL;
}

static void destroy(ErlNifEnv *env, void *resource) {
    struct actor *self = resource;
    (void)env;
    if (self->run != NULL)
        atomic_fetch_sub(&actor_suspended_count, 1);
    release(self, &self->run);
    release(self, &self->waiting);
    release(self, &self->instance);
    atomic_fetch_sub(&actor_count, 1);
}

/* The owner died. Marks, wakes, queues; blocks on nothing. */
static void owner_down(ErlNifEnv *env, void *resource, ErlNifPid *pid, ErlNifMonitor *monitor) {
    struct actor *self = resource;
    (void)env, (void)pid, (void)monitor;
    atomic_store(&self->dead, true);
    actor_wait_abandon(self);
    struct actor_job *job = calloc(1, sizeof *job);
    if (job == NULL)
        return; /* the destructor will do it */
    job->base.run = actor_work_run;
    job->work = WORK_RELEASE;
    job->actor = self;
    enif_keep_resource(self);
    executor_submit(self->executor, &job->base);
}

bool actor_load(ErlNifEnv *env) {
    ErlNifResourceTypeInit callbacks = {.dtor = destroy, .down = owner_down};
    actor_type = enif_open_resource_type_x(env, "rebeam_actor", &callbacks,
                                           ERL_NIF_RT_CREATE | ERL_NIF_RT_TAKEOVER, NULL);
    return actor_type != NULL;
}

struct actor *actor_new(struct executor *executor, const ErlNifPid *owner) {
    struct actor *self = enif_alloc_resource(actor_type, sizeof *self);
    memset(self, 0, sizeof *self);
    self->executor = executor;
    if (owner != NULL) {
        self->owner = *owner;
        self->has_owner = true;
    }
    atomic_fetch_add(&actor_count, 1);
    return self;
}

ERL_NIF_TERM actor_term(ErlNifEnv *env, struct actor *self) {
    return enif_make_resource(env, self);
}

void actor_release(struct actor *self) {
    enif_release_resource(self);
}

struct actor_counts actor_counts(void) {
    return (struct actor_counts){
        .actors = atomic_load(&actor_count),
        .suspended = atomic_load(&actor_suspended_count),
        .blocked = atomic_load(&actor_blocked_count),
    };
}

/* ---- whose code runs --------------------------------------------------------- */

struct actor *actor_current(void) {
    return current;
}

struct actor *actor_enter(struct actor *self) {
    struct actor *before = current;
    current = self;
    return before;
}

bool actor_owner(struct actor *self, ErlNifPid *pid) {
    if (self->has_owner)
        *pid = self->owner;
    return self->has_owner;
}

bool actor_is_dead(struct actor *self) {
    return atomic_load(&self->dead);
}

void actor_set_clients(const ErlNifPid *pid) {
    clients = *pid;
    atomic_store(&has_clients, true);
}

bool actor_clients(ErlNifPid *pid) {
    if (!atomic_load(&has_clients))
        return false;
    *pid = clients;
    return true;
}

/* ---- jobs ---------------------------------------------------------------------- */

void actor_job_free(struct actor_job *job) {
    if (job->env != NULL)
        enif_free_env(job->env);
    enif_release_resource(job->actor);
    free(job);
}

static const unsigned char *append(struct actor_job *job, size_t *used, const ErlNifBinary *part) {
    unsigned char *place = job->bytes + *used;
    memcpy(place, part->data, part->size);
    *used += part->size;
    return place;
}

/* A job with copies of, or references to, the binaries. NULL without memory. */
static struct actor_job *job_new(struct actor *actor, const ErlNifBinary *subject,
                                 const ErlNifBinary *external, const ErlNifBinary *payload,
                                 ERL_NIF_TERM payload_term) {
    bool copy = payload->size <= COPY_MAX;
    size_t used = 0;
    struct actor_job *job = malloc(sizeof *job + subject->size + external->size +
                                   (copy ? payload->size : 0));
    if (job == NULL)
        return NULL;
    memset(job, 0, sizeof *job);
    job->base.run = actor_work_run;
    job->subject = append(job, &used, subject);
    job->subject_length = subject->size;
    job->external = append(job, &used, external);
    job->external_length = external->size;
    job->payload_length = payload->size;
    if (copy) {
        job->payload = append(job, &used, payload);
    } else {
        ErlNifBinary kept;
        job->env = enif_alloc_env();
        if (!enif_inspect_binary(job->env, enif_make_copy(job->env, payload_term), &kept)) {
            enif_free_env(job->env);
            free(job);
            return NULL;
        }
        job->payload = kept.data;
    }
    job->actor = actor;
    enif_keep_resource(actor);
    return job;
}

static bool parse_work(ERL_NIF_TERM atom, enum actor_work *work) {
    const struct {
        ERL_NIF_TERM atom;
        enum actor_work work;
    } table[] = {
        {atoms.call, WORK_CALL}, {atoms.cast, WORK_CAST},   {atoms.info, WORK_INFO},
        {atoms.stop, WORK_STOP}, {atoms.start, WORK_START}, {atoms.construct, WORK_CONSTRUCT},
        {atoms.run, WORK_RUN},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].atom == atom) {
            *work = table[i].work;
            return true;
        }
    }
    return false;
}

/* The source: nil, a pid, or a caller {Pid, Tag}. A tag of ours, from this node,
 * can be answered directly. A remote pid is kept in external format. */
static bool parse_source(ErlNifEnv *env, ERL_NIF_TERM term, struct actor_job *job,
                         ErlNifBinary *external) {
    const ERL_NIF_TERM *from;
    ERL_NIF_TERM head, tail, pid = term;
    int arity;
    if (term == atoms.nil)
        return true;
    if (enif_get_tuple(env, term, &arity, &from)) {
        if (arity != 2)
            return false;
        pid = from[0];
    }
    if (!enif_is_pid(env, pid))
        return false;
    if (!enif_get_local_pid(env, pid, &job->source))
        return enif_term_to_binary(env, pid, external);
    job->has_source = true;
    job->has_caller = pid != term && enif_get_list_cell(env, from[1], &head, &tail) &&
                      head == atoms.protocol && enif_get_uint64(env, tail, &job->caller_sequence);
    return true;
}

ERL_NIF_TERM actor_nif_new(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct executor *executor;
    ErlNifPid owner;
    (void)argc;
    PyObject *recipe = handle_get(env, argv[0], &executor);
    if (recipe == NULL || enif_self(env, &owner) == NULL)
        return enif_make_badarg(env);
    struct actor *self = actor_new(executor, &owner);
    ERL_NIF_TERM term = enif_make_resource(env, self);
    enif_monitor_process(env, self, &owner, NULL);
    enif_release_resource(self);
    return term;
}

/* Construct and run jobs call a recipe: they keep its handle, so no reference is counted here. */
static void keep_recipe(struct actor_job *job, ERL_NIF_TERM handle) {
    struct executor *executor;
    job->env = enif_alloc_env();
    job->recipe = handle_get(job->env, enif_make_copy(job->env, handle), &executor);
}

ERL_NIF_TERM actor_nif_work(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self;
    struct actor_job parsed = {0};
    ErlNifBinary subject, payload = {0}, external = {0};
    (void)argc;
    if (!enif_get_resource(env, argv[0], actor_type, (void **)&self) ||
        !parse_work(argv[1], &parsed.work) || !enif_inspect_binary(env, argv[2], &subject))
        return enif_make_badarg(env);
    bool recipe = parsed.work == WORK_CONSTRUCT || parsed.work == WORK_RUN;
    struct executor *executor;
    if (recipe ? handle_get(env, argv[3], &executor) == NULL
               : !enif_inspect_binary(env, argv[3], &payload))
        return enif_make_badarg(env);
    if (!parse_source(env, argv[4], &parsed, &external))
        return enif_make_badarg(env);
    struct actor_job *job = job_new(self, &subject, &external, &payload, argv[3]);
    if (job != NULL) {
        job->work = parsed.work;
        job->status = argv[5];
        job->has_source = parsed.has_source;
        job->source = parsed.source;
        job->has_caller = parsed.has_caller;
        job->caller_sequence = parsed.caller_sequence;
        if (recipe)
            keep_recipe(job, argv[3]);
        executor_submit(self->executor, &job->base);
    }
    if (external.data != NULL)
        enif_release_binary(&external);
    return job != NULL ? atoms.ok : enif_make_badarg(env);
}

ERL_NIF_TERM actor_nif_resume(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self;
    ErlNifBinary payload, nothing = {0};
    ErlNifUInt64 sequence;
    (void)argc;
    if (!enif_get_resource(env, argv[0], actor_type, (void **)&self) ||
        !enif_get_uint64(env, argv[1], &sequence) || !enif_inspect_binary(env, argv[4], &payload))
        return enif_make_badarg(env);
    struct actor_job *job = job_new(self, &nothing, &nothing, &payload, argv[4]);
    if (job == NULL)
        return enif_make_badarg(env);
    job->work = WORK_RESUME;
    job->sequence = sequence;
    job->status = argv[3];
    job->answer = argv[2] == atoms.reply   ? ANSWER_REPLY
                  : argv[2] == atoms.raise ? ANSWER_RAISE
                                           : ANSWER_VALUE;
    if (!actor_wait_answer(self, job))
        executor_submit(self->executor, &job->base);
    return atoms.ok;
}
