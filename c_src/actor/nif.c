#include "actor/nif.h"

#include "actor/answer.h"
#include "actor/asked.h"
#include "actor/helper.h"
#include "actor/job.h"
#include "actor/leave.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/queue.h"
#include "actor/waiter.h"
#include "actor/work.h"
#include "base/atoms.h"
#include "message/origin.h"
#include "message/request.h"
#include "run/handle.h"

/* ---- the life of the resource ---------------------------------------------------- */

/* A job without parts that passes the queue: nothing, without memory for it. */
static void submit_bare(struct actor *self, enum actor_work work) {
    struct actor_job *job = actor_job_new(self, work, &(struct actor_job_parts){0});
    if (job != NULL)
        executor_submit(self->executor, &job->base);
}

/* Senders do not find its mailbox any more. */
static void close_mailbox(struct actor *self) {
    pthread_mutex_lock(&self->lock);
    struct mailbox *mailbox = self->mailbox; /* if it is set later, it is closed at once */
    pthread_mutex_unlock(&self->lock);
    if (mailbox != NULL)
        mailbox_close(mailbox);
}

/* Marks, wakes, queues; blocks on nothing. */
static void die(struct actor *self) {
    actor_end(self);
    close_mailbox(self);
    actor_queue_drain(self);
    actor_waiter_abandon(self);
    submit_bare(self, WORK_RELEASE);
}

static void owner_down(ErlNifEnv *env, void *resource, ErlNifPid *pid, ErlNifMonitor *monitor) {
    (void)env, (void)pid, (void)monitor;
    die(resource);
}

ERL_NIF_TERM actor_nif_kill(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = actor_get(env, argv[0]);
    (void)argc;
    if (self == NULL)
        return enif_make_badarg(env);
    die(self);
    return atoms.ok;
}

/* The last reference went. Jobs have references, so none is left; but callers of deferred replies
 * may be. */
static void destroy(ErlNifEnv *env, void *resource) {
    (void)env;
    actor_queue_drain(resource);
    actor_asked_drop(resource);
    actor_free(resource);
}

bool actor_load(ErlNifEnv *env) {
    const ErlNifResourceTypeInit callbacks = {.dtor = destroy, .down = owner_down};
    actor_job_load(actor_work_run);
    return actor_life_load(env, &callbacks) && actor_helper_load(env) && actor_asked_load(env);
}

/* ---- what comes in ---------------------------------------------------------------- */

static bool parse_work(ERL_NIF_TERM atom, enum actor_work *work, bool *admitted) {
    const struct {
        ERL_NIF_TERM atom;
        enum actor_work work;
    } table[] = {
        {atoms.call, WORK_CALL},
        {atoms.cast, WORK_CAST},
        {atoms.info, WORK_INFO},
        {atoms.stop, WORK_STOP},
        {atoms.start, WORK_START},
        {atoms.construct, WORK_CONSTRUCT},
        {atoms.construct_held, WORK_CONSTRUCT},
        {atoms.run, WORK_RUN},
        {atoms.continue_, WORK_CONTINUE},
        {atoms.idle, WORK_IDLE},
        {atoms.admitted_call, WORK_CALL},
        {atoms.admitted_cast, WORK_CAST},
        {atoms.move, WORK_CALL},
    };
    *admitted = atom == atoms.admitted_call || atom == atoms.admitted_cast;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].atom == atom) {
            *work = table[i].work;
            return true;
        }
    }
    return false;
}

/* Who sent it: nil, a pid, or a caller {Pid, Tag}. */
struct source {
    ERL_NIF_TERM term, pid, tag;
    bool given, call, local;
    ErlNifPid local_pid;
};

static bool parse_source(ErlNifEnv *env, ERL_NIF_TERM term, struct source *out) {
    const ERL_NIF_TERM *from;
    int arity;
    *out = (struct source){.term = term, .pid = term, .given = term != atoms.nil};
    if (!out->given)
        return true;
    if (enif_get_tuple(env, term, &arity, &from)) {
        if (arity != 2)
            return false;
        out->call = true;
        out->pid = from[0];
        out->tag = from[1];
    }
    out->local = enif_get_local_pid(env, out->pid, &out->local_pid);
    return out->local || enif_is_pid(env, out->pid);
}

/* How the sender will be answered: one of our actors directly; a local sender of a cast by a cast;
 * all others through the owner, for which the term is kept. */
static void keep_source(ErlNifEnv *env, struct actor_job *job, const struct source *source) {
    ERL_NIF_TERM actor;
    job->has_source = source->local;
    job->source = source->local_pid;
    if (!source->given || actor_job_is_answer(job))
        return;
    if (source->call && source->local &&
        request_parse_tag(env, source->tag, &job->caller_sequence, &actor))
        job->caller = actor_get(env, actor);
    if (job->caller != NULL)
        actor_keep(job->caller);
    else if (source->call || !source->local)
        job->from = enif_make_copy(actor_job_env(job), source->term);
}

/* What a recipe calls: a handle, or {Handle, Packed} to be called with what is packed there. NULL
 * for anything else. */
static PyObject *parse_recipe(ErlNifEnv *env, ERL_NIF_TERM term, struct executor **executor,
                              ERL_NIF_TERM *packed) {
    const ERL_NIF_TERM *pair;
    int arity;
    if (!enif_get_tuple(env, term, &arity, &pair))
        return handle_get(env, term, executor);
    if (arity != 2 || !(enif_is_binary(env, pair[1]) || enif_is_list(env, pair[1])))
        return NULL;
    *packed = pair[1];
    return handle_get(env, pair[0], executor);
}

/* Construct and run jobs call a recipe: they keep its handle, so no reference is counted here. */
static void keep_recipe(ErlNifEnv *env, struct actor_job *job, ERL_NIF_TERM recipe) {
    struct executor *executor;
    const ERL_NIF_TERM *pair;
    int arity;
    ERL_NIF_TERM handle = enif_get_tuple(env, recipe, &arity, &pair) ? pair[0] : recipe;
    job->handle = handle_keep(env, handle);
    job->recipe = handle_get(env, handle, &executor);
}

ERL_NIF_TERM actor_nif_new(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct executor *executor;
    ERL_NIF_TERM packed;
    ErlNifPid owner;
    ErlNifSInt64 output;
    (void)argc;
    if (parse_recipe(env, argv[0], &executor, &packed) == NULL || enif_self(env, &owner) == NULL ||
        !enif_get_int64(env, argv[2], &output))
        return enif_make_badarg(env);
    bool dedicated = argv[1] == atoms.dedicated;
    struct dedicated *thread = dedicated ? dedicated_new(executor) : NULL;
    if (dedicated && thread == NULL)
        return enif_raise_exception(env, atoms.system_limit);
    struct actor *self = actor_new(executor, &owner);
    self->dedicated = thread;
    actor_print_to(self, output);
    ERL_NIF_TERM term = enif_make_resource(env, self);
    enif_monitor_process(env, self, &owner, NULL);
    enif_release_resource(self);
    return term;
}

/* The payload of a job. For construct and run that is what comes with the recipe, if anything; a
 * recipe of another interpreter is refused. */
static bool parse_payload(ErlNifEnv *env, const struct actor *self, ERL_NIF_TERM term, bool recipe,
                          struct actor_job_parts *parts) {
    struct executor *executor;
    if (!recipe)
        return actor_job_inspect(env, origin_detach(env, term, &parts->origin), parts);
    parts->payload_term = term;
    if (parse_recipe(env, term, &executor, &parts->payload_term) == NULL ||
        executor != self->executor)
        return false;
    return parts->payload_term == term || actor_job_inspect(env, parts->payload_term, parts);
}

static bool parse_parts(ErlNifEnv *env, const struct actor *self, const ERL_NIF_TERM argv[],
                        bool recipe, const struct source *source, struct actor_job_parts *parts) {
    return enif_inspect_binary(env, argv[2], &parts->subject) &&
           parse_payload(env, self, argv[3], recipe, parts) &&
           (!source->given || source->local ||
            enif_term_to_binary(env, source->pid, &parts->external));
}

ERL_NIF_TERM actor_nif_work(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = actor_get(env, argv[0]);
    struct actor_job_parts parts = {0};
    struct source source;
    enum actor_work work;
    bool admitted;
    (void)argc;
    if (self == NULL || !parse_work(argv[1], &work, &admitted) ||
        !parse_source(env, argv[4], &source))
        return enif_make_badarg(env);
    bool recipe = work == WORK_CONSTRUCT || work == WORK_RUN;
    if (!parse_parts(env, self, argv, recipe, &source, &parts))
        return enif_make_badarg(env);
    bool seals = argv[1] == atoms.move;
    bool counts = self->mailbox != NULL && !seals && (work == WORK_CALL || work == WORK_CAST);
    bool full = counts && !admitted && !mailbox_enter(self->mailbox);
    struct actor_job *job = full ? NULL : actor_job_new(self, work, &parts);
    if (parts.external.data != NULL)
        enif_release_binary(&parts.external);
    if (full)
        return atoms.overloaded;
    if (job == NULL && counts) /* no memory: the message is lost */
        mailbox_leave(self->mailbox);
    if (job == NULL)
        return enif_make_badarg(env);
    job->admitted = counts;
    job->held = argv[1] == atoms.construct_held;
    job->seals = seals;
    job->status = argv[5];
    keep_source(env, job, &source);
    if (recipe)
        keep_recipe(env, job, argv[3]);
    actor_queue_add(env, self, job);
    if (admitted && self->mailbox != NULL) /* else somebody else's words */
        mailbox_arrived(self->mailbox);
    return atoms.ok;
}

/* An actor of the calling process that is to be found by its senders; or NULL. */
static struct actor *get_own(ErlNifEnv *env, ERL_NIF_TERM term) {
    struct actor *self = actor_get(env, term);
    ErlNifPid pid, owner;
    bool own = self != NULL && enif_self(env, &pid) != NULL && actor_owner(self, &owner) &&
               enif_compare_pids(&pid, &owner) == 0;
    return own ? self : NULL;
}

ERL_NIF_TERM actor_nif_enlist(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = get_own(env, argv[0]);
    (void)argc;
    if (self == NULL || self->mailbox != NULL)
        return enif_make_badarg(env);
    if (!actor_queue_enlist(self))
        return enif_raise_exception(env, atoms.system_limit);
    return atoms.ok;
}

ERL_NIF_TERM actor_nif_open(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = get_own(env, argv[0]);
    (void)argc;
    if (self == NULL || self->mailbox == NULL)
        return enif_make_badarg(env);
    mailbox_open_way(self->mailbox, argv[1] == atoms.true_);
    return atoms.ok;
}

ERL_NIF_TERM actor_nif_arrived(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = get_own(env, argv[0]);
    (void)argc;
    if (self == NULL || self->mailbox == NULL)
        return enif_make_badarg(env);
    mailbox_arrived(self->mailbox);
    return atoms.ok;
}

ERL_NIF_TERM actor_nif_stay(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = get_own(env, argv[0]);
    (void)argc;
    if (self == NULL)
        return enif_make_badarg(env);
    actor_leave_unseal(self);
    return atoms.ok;
}

ERL_NIF_TERM actor_nif_leave(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = get_own(env, argv[0]);
    (void)argc;
    return self != NULL ? actor_leave(env, self) : enif_make_badarg(env);
}

ERL_NIF_TERM actor_nif_withdraw(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = actor_get(env, argv[0]);
    ErlNifBinary kind, prefix;
    (void)argc;
    if (self == NULL || !enif_inspect_binary(env, argv[1], &kind) ||
        !enif_inspect_binary(env, argv[2], &prefix))
        return enif_make_badarg(env);
    return actor_queue_withdraw(self, &kind, &prefix) ? atoms.true_ : atoms.false_;
}

ERL_NIF_TERM actor_nif_count(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = actor_get(env, argv[0]);
    (void)argc;
    if (self == NULL || !self->has_owner)
        return enif_make_badarg(env);
    if (argv[1] == atoms.true_ && !actor_queue_count(self, 0))
        return enif_raise_exception(env, atoms.system_limit);
    return actor_queue_counts(self) ? atoms.true_ : atoms.false_;
}

ERL_NIF_TERM actor_nif_close(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = actor_get(env, argv[0]);
    ErlNifBinary reason;
    (void)argc;
    if (self == NULL || !enif_inspect_binary(env, argv[1], &reason))
        return enif_make_badarg(env);
    actor_queue_end(self, (const char *)reason.data, reason.size);
    if (actor_queue_close(self))
        return atoms.closed;
    actor_waiter_abandon(self);
    submit_bare(self, WORK_CLOSE);
    return atoms.closing;
}

ERL_NIF_TERM actor_nif_resume(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = actor_get(env, argv[0]);
    struct actor_job_parts parts = {0};
    ErlNifUInt64 sequence;
    (void)argc;
    if (self == NULL || !enif_get_uint64(env, argv[1], &sequence) ||
        !actor_job_inspect(env, argv[4], &parts))
        return enif_make_badarg(env);
    struct actor_job *job = actor_job_new(self, WORK_RESUME, &parts);
    if (job == NULL)
        return enif_make_badarg(env);
    job->sequence = sequence;
    job->status = argv[3];
    job->answer = argv[2] == atoms.reply   ? ANSWER_REPLY
                  : argv[2] == atoms.raise ? ANSWER_RAISE
                                           : ANSWER_VALUE;
    actor_answer_deliver(job);
    return atoms.ok;
}

ERL_NIF_TERM actor_nif_reply(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ERL_NIF_TERM term;
    uint64_t sequence;
    struct actor_job_parts parts = {0};
    (void)argc;
    if (!actor_job_inspect(env, argv[2], &parts))
        return enif_make_badarg(env);
    struct actor *caller =
        request_parse_tag(env, argv[0], &sequence, &term) ? actor_get(env, term) : NULL;
    if (caller == NULL)
        return atoms.false_;
    struct actor_job *job =
        actor_is_dead(caller) ? NULL : actor_job_new(caller, WORK_RESUME, &parts);
    if (job != NULL) {
        job->sequence = sequence;
        job->status = argv[1];
        job->answer = ANSWER_REPLY;
        job->past_owner = true;
        actor_answer_deliver(job);
    }
    return atoms.true_;
}

ERL_NIF_TERM actor_nif_idle(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = actor_get(env, argv[0]);
    ErlNifSInt64 limit;
    (void)argc;
    if (self == NULL || !enif_get_int64(env, argv[1], &limit))
        return enif_make_badarg(env);
    return enif_make_int64(env, actor_queue_rest(self, limit));
}

ERL_NIF_TERM actor_nif_output(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = actor_get(env, argv[0]);
    (void)argc;
    return self != NULL ? enif_make_int64(env, actor_output(self)) : enif_make_badarg(env);
}
