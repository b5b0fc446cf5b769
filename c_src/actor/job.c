#include "actor/job.h"

#include "actor/life.h"
#include "actor/private.h"
#include "base/atoms.h"
#include "base/term.h"
#include "message/origin.h"
#include "message/request.h"
#include "run/handle.h"

#include <stdlib.h>
#include <string.h>

static void (*run_job)(struct job *base); /* set once */

void actor_job_load(void (*run)(struct job *base)) {
    run_job = run;
}

ErlNifEnv *actor_job_env(struct actor_job *job) {
    if (job->env == NULL)
        job->env = enif_alloc_env();
    return job->env;
}

static const unsigned char *append(struct actor_job *job, size_t *used, const ErlNifBinary *part) {
    unsigned char *place = job->bytes + *used;
    if (part->size > 0)
        memcpy(place, part->data, part->size);
    *used += part->size;
    return place;
}

/* A payload that is kept in the job's environment: nothing large is copied. */
static bool keep_payload(struct actor_job *job, ERL_NIF_TERM term) {
    struct value_payload kept;
    ErlNifEnv *env = actor_job_env(job);
    if (!value_parts_inspect(env, enif_make_copy(env, term), &kept))
        return false;
    job->payload = kept.bytes;
    job->parts = kept.list;
    return true;
}

bool actor_job_inspect(ErlNifEnv *env, ERL_NIF_TERM term, struct actor_job_parts *parts) {
    struct value_payload payload;
    parts->payload_term = term;
    if (!value_parts_inspect(env, term, &payload))
        return false;
    parts->payload.data = (unsigned char *)(uintptr_t)payload.bytes;
    parts->payload.size = payload.length;
    parts->has_parts = payload.list != 0;
    return true;
}

struct value_payload actor_job_payload(const struct actor_job *job) {
    return (struct value_payload){
        .bytes = job->payload, .length = job->payload_length, .env = job->env, .list = job->parts};
}

ERL_NIF_TERM actor_job_payload_term(ErlNifEnv *env, const struct actor_job *job) {
    ERL_NIF_TERM bytes = term_binary(env, job->payload, job->payload_length);
    return job->parts ? enif_make_list_cell(env, bytes, enif_make_copy(env, job->parts)) : bytes;
}

struct actor_job *actor_job_new(struct actor *actor, enum actor_work work,
                                const struct actor_job_parts *parts) {
    bool copy = parts->payload.size <= ACTOR_JOB_COPY_MAX && !parts->has_parts;
    size_t used = 0;
    size_t size = parts->subject.size + parts->external.size + parts->origin.size +
                  (copy ? parts->payload.size : 0);
    struct actor_job *job = malloc(sizeof *job + size);
    if (job == NULL)
        return NULL;
    memset(job, 0, sizeof *job);
    job->base.run = run_job;
    job->work = work;
    job->actor = actor;
    job->status = job->from = atoms.nil;
    actor_keep(actor);
    job->subject = append(job, &used, &parts->subject);
    job->subject_length = parts->subject.size;
    job->external = append(job, &used, &parts->external);
    job->external_length = parts->external.size;
    job->origin = append(job, &used, &parts->origin);
    job->origin_length = parts->origin.size;
    job->payload_length = parts->payload.size;
    if (copy) {
        job->payload = append(job, &used, &parts->payload);
    } else if (!keep_payload(job, parts->payload_term)) {
        actor_job_free(job);
        return NULL;
    }
    return job;
}

struct actor_job *actor_job_packed(struct actor *actor, enum actor_work work,
                                   const ErlNifBinary *subject, const struct value_packed *packed,
                                   const struct origin *origin) {
    ErlNifEnv *env = NULL;
    struct actor_job_parts parts = {
        .subject = *subject,
        .payload = {.data = packed->bytes.bytes, .size = packed->bytes.length},
        .has_parts = packed->count > 0};
    if (origin != NULL && origin->length > 0)
        parts.origin = origin_bytes(origin);
    if (parts.has_parts || packed->bytes.length > ACTOR_JOB_COPY_MAX) { /* kept by reference */
        env = enif_alloc_env();
        parts.payload_term = value_parts_term(env, packed);
    }
    struct actor_job *job = actor_job_new(actor, work, &parts);
    if (env != NULL)
        enif_free_env(env);
    return job;
}

ERL_NIF_TERM actor_job_work_atom(enum actor_work work) {
    const ERL_NIF_TERM table[] = {
        [WORK_CONSTRUCT] = atoms.construct,
        [WORK_START] = atoms.start,
        [WORK_CONTINUE] = atoms.continue_,
        [WORK_CALL] = atoms.call,
        [WORK_CAST] = atoms.cast,
        [WORK_INFO] = atoms.info,
        [WORK_IDLE] = atoms.idle,
        [WORK_STOP] = atoms.stop,
        [WORK_RUN] = atoms.run,
    };
    return work < WORK_RESUME ? table[work] : atoms.nil;
}

ERL_NIF_TERM actor_job_sender(const struct actor_job *job, ErlNifEnv *env) {
    const ERL_NIF_TERM *from;
    int count;
    ERL_NIF_TERM sender;
    if (job->caller != NULL && job->caller->has_owner)
        return enif_make_pid(env, &job->caller->owner);
    if (job->has_source)
        return enif_make_pid(env, &job->source);
    if (job->external_length > 0 && enif_binary_to_term(env, job->external, job->external_length,
                                                        &sender, ERL_NIF_BIN2TERM_SAFE) > 0)
        return sender;
    if (job->from != atoms.nil && enif_get_tuple(job->env, job->from, &count, &from) && count == 2)
        return enif_make_copy(env, from[0]);
    return atoms.nil;
}

bool actor_job_is_message(const struct actor_job *job) {
    return job->work == WORK_CALL || job->work == WORK_CAST || job->work == WORK_INFO;
}

bool actor_job_is_answer(const struct actor_job *job) {
    return job->work == WORK_CAST && job->status != atoms.nil;
}

/* {Pid, Tag}: who is answered. */
static ERL_NIF_TERM job_from(ErlNifEnv *env, const struct actor_job *job) {
    if (job->caller == NULL)
        return enif_make_copy(env, job->from);
    ERL_NIF_TERM tag = request_tag(env, job->caller_sequence, actor_term(env, job->caller));
    return enif_make_tuple2(env, enif_make_pid(env, &job->source), tag);
}

void actor_job_origin(const struct actor_job *job, struct origin *out) {
    struct origin_reader steps;
    const unsigned char *trace;
    out->length = 0;
    if (job->origin_length == 0)
        return;
    size_t length = origin_open(job->origin, job->origin_length, &trace, &steps);
    origin_begin(out, (const char *)trace, length);
    origin_go_on(out, job->origin, job->origin_length);
}

static ERL_NIF_TERM with_origin(ErlNifEnv *env, const struct actor_job *job, ERL_NIF_TERM payload) {
    struct origin origin;
    actor_job_origin(job, &origin);
    return origin_attach(env, payload, &origin);
}

ERL_NIF_TERM actor_job_message(ErlNifEnv *env, struct actor_job *job) {
    if (!actor_job_is_message(job) || atomic_load(&job->stage) == JOB_WITHDRAWN)
        return 0;
    ERL_NIF_TERM subject = term_binary(env, job->subject, job->subject_length);
    ERL_NIF_TERM payload = with_origin(env, job, actor_job_payload_term(env, job));
    if (job->work == WORK_INFO)
        return enif_make_tuple4(env, atoms.protocol, atoms.info, subject, payload);
    if (job->work == WORK_CALL)
        return enif_make_tuple3(env, atoms.gen_call, job_from(env, job),
                                enif_make_tuple3(env, atoms.message, subject, payload));
    ERL_NIF_TERM cast = enif_make_tuple5(env, atoms.message, subject, payload,
                                         actor_job_sender(job, env), job->status);
    return enif_make_tuple2(env, atoms.gen_cast, cast);
}

void actor_job_leave(struct actor_job *job) {
    if (job->admitted)
        mailbox_leave(job->actor->mailbox);
    job->admitted = false;
}

void actor_job_free(struct actor_job *job) {
    actor_job_leave(job);
    if (job->env != NULL)
        enif_free_env(job->env);
    if (job->caller != NULL)
        actor_release(job->caller);
    if (job->handle != NULL)
        handle_drop(job->handle);
    if (job->object != NULL) /* nobody took it; there may be no GIL here */
        handle_release(job->actor->executor, job->object);
    actor_release(job->actor);
    free(job);
}
