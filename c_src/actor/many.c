#include "actor/many.h"

#include "actor/answer.h"
#include "actor/answers.h"
#include "actor/direct.h"
#include "actor/job.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/tracing.h"
#include "actor/waiter.h"
#include "base/atoms.h"
#include "base/term.h"
#include "message/mailbox.h"
#include "message/request.h"
#include "value/python/pack.h"

#include <stdlib.h>

bool actor_many_may(struct actor *self) {
    return self != NULL && self->has_owner && !actor_is_dead(self) && !actor_direct_accounted() &&
           !tracing_is_on(self) && !actor_waits(self);
}

/* ---- making ------------------------------------------------------------------------ */

/* The actor of that process, with a reference; NULL if it is no actor's, or one that is never
 * reached past its process, which then may answer through the caller's. */
static struct actor *find(const ErlNifPid *target) {
    struct mailbox *mailbox = mailbox_find(target);
    struct actor *found = mailbox != NULL ? mailbox_actor(mailbox) : NULL;
    if (found == NULL || (found->mailbox == mailbox && mailbox_has_way(mailbox)))
        return found;
    mailbox_release(mailbox);
    return NULL;
}

bool actor_many_call(struct actor *self, const ErlNifPid *target, const ErlNifBinary *subject,
                     const struct value_packed *message, const struct origin *origin,
                     struct answers_call *out) {
    struct actor *actor = enif_compare_pids(target, &self->owner) != 0 ? find(target) : NULL;
    if (actor == NULL)
        return false;
    struct actor_job *job = actor_job_packed(actor, WORK_CALL, subject, message, origin);
    actor_release(actor); /* the job keeps it */
    *out = (struct answers_call){.target = *target, .job = job};
    return job != NULL;
}

void actor_many_free(void *request) {
    struct request *self = request;
    answers_free(self->answers);
    request_free(self);
}

/* ---- sending ----------------------------------------------------------------------- */

/* The target's mailbox is full. */
static void refuse(struct actor *self, uint64_t number) {
    struct value_packed packed = {.own = true};
    PyObject *text = PyUnicode_FromString("overloaded");
    if (text == NULL || value_pack(text, "reason", &packed) < 0)
        PyErr_Clear();
    actor_reply(self, number, atoms.error, &packed);
    value_parts_free(&packed);
    Py_XDECREF(text);
}

/* The message has the job's place in the mailbox then. False if the target is gone. */
static bool send_through(struct actor *self, struct actor_job *job, uint64_t number) {
    struct request request = {.env = enif_alloc_env(), .target = job->actor->owner};
    if (request.env == NULL) /* the place is the job's, and given back with it */
        return false;
    request.subject = term_binary(request.env, job->subject, job->subject_length);
    request.payload = actor_job_payload_term(request.env, job);
    actor_job_origin(job, &request.origin);
    request.mailbox = job->actor->mailbox;
    actor_keep(job->actor); /* the request's, which gives it back */
    job->admitted = false;
    return request_send_direct(&request, &self->owner, actor_term(request.env, self), number);
}

/* Takes the job, which has a place. False if its target is gone: its end will be asked for. */
static bool send_one(struct actor *self, struct actor_job *job, uint64_t number) {
    job->source = self->owner;
    job->has_source = true;
    job->caller = self;
    job->caller_sequence = number;
    actor_keep(self);
    enum direct direct = actor_direct_job(job);
    if (direct != DIRECT_CLOSED)
        return direct == DIRECT_TAKEN;
    bool sent = send_through(self, job, number);
    actor_job_free(job);
    return sent;
}

bool actor_many_send(struct actor *self, struct request *request, uint64_t sequence, bool *gone) {
    struct answers *answers = request->answers;
    size_t count = answers->count;
    if (!answers_begin(answers, self, sequence))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct actor_job *job = answers->calls[i].job;
        answers->calls[i].job = NULL; /* from here on there may be an answer */
        job->admitted = mailbox_enter(job->actor->mailbox);
        if (!job->admitted) {
            actor_job_free(job);
            refuse(self, answers->first + i);
        } else if (!send_one(self, job, answers->first + i)) {
            *gone = true;
        }
    }
    return true;
}

/* ---- watching ----------------------------------------------------------------------- */

bool actor_many_asks(const struct answers *answers, const ErlNifPid *target) {
    for (size_t i = 0; i < answers->count; i++)
        if (enif_compare_pids(&answers->calls[i].target, target) == 0)
            return true;
    return false;
}

/* [{Number, Pid}] of what is open. */
static ERL_NIF_TERM make_open(ErlNifEnv *env, const struct answers *answers) {
    ERL_NIF_TERM list = enif_make_list(env, 0);
    size_t count = 0;
    uint64_t *numbers = answers_open(answers->actor, answers->sequence, &count);
    for (size_t i = count; i-- > 0;) {
        const ErlNifPid *target = &answers->calls[numbers[i] - answers->first].target;
        ERL_NIF_TERM call =
            enif_make_tuple2(env, enif_make_uint64(env, numbers[i]), enif_make_pid(env, target));
        list = enif_make_list_cell(env, call, list);
    }
    free(numbers);
    return list;
}

bool actor_many_announce(const struct request *request, const ErlNifPid *owner, ERL_NIF_TERM word) {
    ErlNifEnv *env = enif_alloc_env();
    if (env == NULL)
        return false;
    ERL_NIF_TERM timeout =
        request->timeout < 0 ? atoms.infinity : enif_make_int64(env, request->timeout);
    ERL_NIF_TERM operation =
        enif_make_tuple4(env, atoms.sent_many, make_open(env, request->answers), timeout,
                         request->interrupt ? atoms.true_ : atoms.false_);
    ERL_NIF_TERM sequence = enif_make_uint64(env, request->answers->sequence);
    bool alive = enif_send(NULL, owner, env,
                           enif_make_tuple4(env, atoms.protocol, word, sequence, operation));
    enif_free_env(env);
    return alive;
}

ERL_NIF_TERM actor_nif_unanswered(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = actor_get(env, argv[0]);
    ErlNifUInt64 sequence;
    size_t count = 0;
    (void)argc;
    if (self == NULL || !enif_get_uint64(env, argv[1], &sequence))
        return enif_make_badarg(env);
    uint64_t *numbers = answers_open(self, sequence, &count);
    ERL_NIF_TERM list = enif_make_list(env, 0);
    for (size_t i = count; i-- > 0;)
        list = enif_make_list_cell(env, enif_make_uint64(env, numbers[i]), list);
    free(numbers);
    return list;
}
