#include "actor/tracing.h"

#include "actor/directory.h"
#include "actor/job.h"
#include "actor/life.h"
#include "base/atoms.h"
#include "base/term.h"
#include "message/request.h"

#include <time.h>

/* Messages up to here are told whole. */
enum { WHOLE_MAX = 4096 };

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void stop(struct actor *self) {
    pthread_mutex_lock(&self->lock);
    atomic_store(&self->traced, false);
    pthread_mutex_unlock(&self->lock);
}

/* The environment is used up. */
static void tell(struct actor *self, ErlNifEnv *env, ERL_NIF_TERM event) {
    ERL_NIF_TERM time = enif_make_int64(env, now());
    pthread_mutex_lock(&self->lock);
    ErlNifPid tracer = self->tracer;
    pthread_mutex_unlock(&self->lock);
    if (!enif_send(NULL, &tracer, env, enif_make_tuple3(env, atoms.trace, time, event)))
        stop(self);
    enif_free_env(env);
}

static ERL_NIF_TERM make_large(ErlNifEnv *env, size_t size) {
    return enif_make_tuple2(env, atoms.large, enif_make_ulong(env, size));
}

static ERL_NIF_TERM make_message(ErlNifEnv *env, const struct actor_job *job) {
    bool whole = job->payload_length <= WHOLE_MAX && job->parts == 0;
    return whole ? actor_job_payload_term(env, job) : make_large(env, job->payload_length);
}

/* A payload of another environment. */
static ERL_NIF_TERM copy_message(ErlNifEnv *env, ErlNifEnv *from, ERL_NIF_TERM payload) {
    ErlNifBinary bytes;
    if (!enif_inspect_binary(from, payload, &bytes))
        return make_large(env, 0);
    return bytes.size <= WHOLE_MAX ? enif_make_copy(env, payload) : make_large(env, bytes.size);
}

void tracing_begins(struct actor *self, const struct actor_job *job) {
    ErlNifEnv *env = enif_alloc_env();
    ERL_NIF_TERM sender = actor_job_sender(job, env);
    ERL_NIF_TERM subject = term_binary(env, job->subject, job->subject_length);
    ERL_NIF_TERM message = actor_job_is_message(job) ? make_message(env, job) : atoms.nil;
    if (actor_job_is_message(job))
        self->trace_left--;
    tell(self, env,
         enif_make_tuple4(env, actor_job_work_atom(job->work), subject, message, sender));
}

void tracing_asks(struct actor *self, const struct request *request) {
    ErlNifEnv *env = enif_alloc_env();
    ERL_NIF_TERM event;
    if (request->direct && request->env != NULL)
        event = enif_make_tuple4(env, atoms.asks, enif_make_pid(env, &request->target),
                                 enif_make_copy(env, request->subject),
                                 copy_message(env, request->env, request->payload));
    else if (request->env != NULL && request->operation != 0)
        event = enif_make_tuple2(env, atoms.asks, enif_make_copy(env, request->operation));
    else
        event = enif_make_tuple2(env, atoms.asks, atoms.python);
    tell(self, env, event);
}

void tracing_gets(struct actor *self, const struct actor_job *answer) {
    ErlNifEnv *env = enif_alloc_env();
    bool packed = answer->answer < ANSWER_OBJECT;
    ERL_NIF_TERM message = packed ? make_message(env, answer) : atoms.nil;
    ERL_NIF_TERM status = answer->answer == ANSWER_REPLY ? answer->status : atoms.nil;
    tell(self, env, enif_make_tuple3(env, atoms.gets, status, message));
}

void tracing_replies(struct actor *self, ERL_NIF_TERM status, const struct value_packed *payload) {
    ErlNifEnv *env = enif_alloc_env();
    bool whole = payload->bytes.length <= WHOLE_MAX && payload->count == 0;
    ERL_NIF_TERM message = whole ? value_parts_term(env, payload)
                                 : make_large(env, payload->bytes.length + payload->size);
    tell(self, env, enif_make_tuple3(env, atoms.reply, status, message));
}

void tracing_raised(struct actor *self) {
    tell(self, enif_alloc_env(), atoms.raised);
}

void tracing_done(struct actor *self) {
    tell(self, enif_alloc_env(), atoms.done);
    if (self->trace_left > 0)
        return;
    tell(self, enif_alloc_env(), atoms.over);
    stop(self);
}

static void replace(struct actor *self, ErlNifEnv *env) {
    pthread_mutex_lock(&self->lock);
    ErlNifPid tracer = self->tracer;
    pthread_mutex_unlock(&self->lock);
    ERL_NIF_TERM time = enif_make_int64(env, now());
    enif_send(env, &tracer, NULL, enif_make_tuple3(env, atoms.trace, time, atoms.over));
}

ERL_NIF_TERM tracing_nif_start(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid pid;
    long messages;
    (void)argc;
    if (!enif_get_long(env, argv[1], &messages))
        return enif_make_badarg(env);
    struct actor *self = enif_get_local_pid(env, argv[0], &pid) ? directory_find(&pid) : NULL;
    if (self == NULL)
        return atoms.nil;
    if (tracing_is_on(self)) /* the one before hears of it */
        replace(self, env);
    pthread_mutex_lock(&self->lock);
    enif_self(env, &self->tracer);
    atomic_store(&self->trace_left, messages);
    atomic_store(&self->traced, messages > 0);
    pthread_mutex_unlock(&self->lock);
    actor_release(self);
    return atoms.ok;
}
