#include "actor/direct.h"

#include "actor/job.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/queue.h"
#include "base/atoms.h"
#include "message/mailbox.h"
#include "message/origin.h"
#include "message/request.h"

#include <stdatomic.h>
#include <string.h>

static atomic_bool accounted, allowed; /* each interpreter finds the same */

void actor_direct_load(void) {
    char text[8] = "";
    size_t size = sizeof text;
    accounted = enif_getenv("REBEAM_DEBUG", text, &size) >= 0;
    size = sizeof text;
    bool refused = enif_getenv("REBEAM_DIRECT", text, &size) == 0 && strcmp(text, "no") == 0;
    allowed = !accounted && !refused;
}

bool actor_direct_accounted(void) {
    return accounted;
}

/* One that ended may not have heard of that itself yet: who was told of its end sends it nothing.
 */
static enum direct look(struct mailbox *mailbox, const ErlNifPid *target) {
    if (!allowed || mailbox == NULL || !mailbox_passes(mailbox))
        return DIRECT_CLOSED;
    return enif_is_process_alive(NULL, (ErlNifPid *)(uintptr_t)target) ? DIRECT_TAKEN : DIRECT_GONE;
}

/* NULL without memory. */
static struct actor_job *make(struct mailbox *mailbox, enum actor_work work, ErlNifEnv *env,
                              ERL_NIF_TERM subject, ERL_NIF_TERM payload,
                              const struct origin *origin) {
    struct actor_job_parts parts = {0};
    if (origin != NULL)
        parts.origin = origin_bytes(origin);
    if (!enif_inspect_binary(env, subject, &parts.subject) ||
        !actor_job_inspect(env, payload, &parts))
        return NULL;
    struct actor_job *job = actor_job_new(mailbox_actor(mailbox), work, &parts);
    if (job != NULL)
        job->admitted = true;
    return job;
}

/* `caller`: the environment of the calling process; NULL on a thread of no scheduler. */
static enum direct hand_over(ErlNifEnv *caller, struct actor_job *job) {
    struct actor *target = job->actor;
    actor_keep(target);
    enum direct outcome =
        actor_queue_add(caller, target, job) || !actor_is_dead(target) ? DIRECT_TAKEN : DIRECT_GONE;
    actor_release(target);
    return outcome;
}

enum direct actor_direct_job(struct actor_job *job) {
    enum direct outcome = look(job->actor->mailbox, &job->actor->owner);
    if (outcome == DIRECT_TAKEN)
        return hand_over(NULL, job);
    if (outcome == DIRECT_GONE)
        actor_job_free(job);
    return outcome;
}

enum direct actor_direct_call(struct actor *self, struct request *request, uint64_t sequence) {
    struct mailbox *mailbox = request->mailbox;
    enum direct outcome = look(mailbox, &request->target);
    struct actor_job *job = outcome == DIRECT_TAKEN
                                ? make(mailbox, WORK_CALL, request->env, request->subject,
                                       request->payload, &request->origin)
                                : NULL;
    if (job == NULL)
        return outcome == DIRECT_GONE ? DIRECT_GONE : DIRECT_CLOSED;
    job->source = self->owner;
    job->has_source = true;
    job->caller = self;
    job->caller_sequence = sequence;
    actor_keep(self);
    request_passed(request); /* its env goes too */
    return hand_over(NULL, job);
}

static enum direct cast(ErlNifEnv *caller, struct mailbox *mailbox, const ErlNifPid *target,
                        ErlNifEnv *env, const ERL_NIF_TERM parts[4], const struct origin *origin) {
    ERL_NIF_TERM sender = parts[2];
    ErlNifPid source;
    bool given = sender != atoms.nil;
    if (given && !enif_get_local_pid(env, sender, &source))
        return DIRECT_CLOSED;
    enum direct outcome = look(mailbox, target);
    if (outcome == DIRECT_GONE)
        mailbox_leave(mailbox);
    struct actor_job *job =
        outcome == DIRECT_TAKEN ? make(mailbox, WORK_CAST, env, parts[0], parts[1], origin) : NULL;
    if (job == NULL)
        return outcome == DIRECT_GONE ? DIRECT_GONE : DIRECT_CLOSED;
    job->has_source = given;
    if (given)
        job->source = source;
    return hand_over(caller, job);
}

/* Through the target's process. */
static bool post(ErlNifEnv *caller, struct mailbox *mailbox, const ErlNifPid *target,
                 ErlNifEnv *env, const ERL_NIF_TERM parts[4], const struct origin *origin) {
    ERL_NIF_TERM payload = origin == NULL ? parts[1] : origin_attach(env, parts[1], origin);
    const ERL_NIF_TERM sent[4] = {parts[0], payload, parts[2], parts[3]};
    return mailbox_cast(caller, target, mailbox, env, sent);
}

bool actor_direct_cast(ErlNifEnv *caller, const ErlNifPid *target, ErlNifEnv *env,
                       const ERL_NIF_TERM parts[4], const struct origin *origin) {
    struct mailbox *mailbox = mailbox_find(target);
    if (mailbox == NULL)
        return post(caller, NULL, target, env, parts, origin);
    bool sent = mailbox_enter(mailbox);
    if (sent) {
        enum direct direct =
            cast(caller, mailbox, target, env != NULL ? env : caller, parts, origin);
        if (direct == DIRECT_CLOSED)
            sent = post(caller, mailbox, target, env, parts, origin);
        else
            sent = direct == DIRECT_TAKEN;
    }
    mailbox_release(mailbox);
    return sent;
}

/* A long list would hold its scheduler up: the rest of it is for the next call. */
enum { CASTS_MAX = 256 };

ERL_NIF_TERM actor_nif_cast(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    const ERL_NIF_TERM parts[4] = {argv[1], argv[2], atoms.nil, atoms.nil};
    ERL_NIF_TERM rest = argv[0], head, missed = enif_make_list(env, 0);
    ErlNifPid pid;
    (void)argc;
    if (!enif_is_list(env, rest) || !enif_is_binary(env, argv[1]))
        return enif_make_badarg(env);
    for (int i = 0; i < CASTS_MAX && enif_get_list_cell(env, rest, &head, &rest); i++) {
        if (!enif_get_local_pid(env, head, &pid))
            return enif_make_badarg(env);
        if (!actor_direct_cast(env, &pid, NULL, parts, NULL))
            missed = enif_make_list_cell(env, head, missed);
    }
    return enif_make_tuple2(env, missed, rest);
}
