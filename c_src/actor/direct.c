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
                              ERL_NIF_TERM subject, ERL_NIF_TERM payload, struct origin *origin) {
    struct actor_job_parts parts = {.origin = {.data = origin->bytes, .size = origin->length}};
    if (!enif_inspect_binary(env, subject, &parts.subject) ||
        !actor_job_inspect(env, payload, &parts))
        return NULL;
    struct actor_job *job = actor_job_new(mailbox_actor(mailbox), work, &parts);
    if (job != NULL)
        job->admitted = true;
    return job;
}

static enum direct hand_over(struct actor_job *job) {
    struct actor *target = job->actor;
    actor_keep(target);
    enum direct outcome =
        actor_queue_add(NULL, target, job) || !actor_is_dead(target) ? DIRECT_TAKEN : DIRECT_GONE;
    actor_release(target);
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
    return hand_over(job);
}

enum direct actor_direct_cast(struct mailbox *mailbox, const ErlNifPid *target, ErlNifEnv *env,
                              ERL_NIF_TERM subject, ERL_NIF_TERM payload, ERL_NIF_TERM sender,
                              struct origin *origin) {
    ErlNifPid source;
    bool given = sender != atoms.nil;
    if (given && !enif_get_local_pid(env, sender, &source))
        return DIRECT_CLOSED;
    enum direct outcome = look(mailbox, target);
    if (outcome == DIRECT_GONE)
        mailbox_leave(mailbox);
    struct actor_job *job =
        outcome == DIRECT_TAKEN ? make(mailbox, WORK_CAST, env, subject, payload, origin) : NULL;
    if (job == NULL)
        return outcome == DIRECT_GONE ? DIRECT_GONE : DIRECT_CLOSED;
    job->has_source = given;
    if (given)
        job->source = source;
    return hand_over(job);
}
