#include "actor/work.h"

#include "actor/announce.h"
#include "actor/answer.h"
#include "actor/asked.h"
#include "actor/branch.h"
#include "actor/context.h"
#include "actor/defer.h"
#include "actor/handler.h"
#include "actor/interrupt.h"
#include "actor/kill.h"
#include "actor/leave.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/promise.h"
#include "actor/raise.h"
#include "actor/report.h"
#include "actor/run.h"
#include "actor/settings.h"
#include "actor/state.h"
#include "actor/thread.h"
#include "actor/tracing.h"
#include "actor/tune.h"
#include "actor/watched.h"
#include "base/atoms.h"
#include "identity/process_id.h"
#include "suspend/runtime/step.h"
#include "value/python/unpack.h"

/* ---- waits that are over, and the end ------------------------------------------- */

static void work_resume(struct actor *self, struct actor_job *job) {
    if (actor_branch_answer(self, job))
        return;
    if (job->sequence != self->run_sequence || self->run == NULL)
        return; /* a late answer: its wait is over */
    if (actor_is_dead(self) && !actor_promise_is(self->waiting))
        return; /* its wait is about to end with ActorExit */
    actor_run_answer(self, job);
}

/* A wait for Python ends by itself. What it waits for may go on before this returns, and has been
 * told then. */
static bool end_promise(struct actor *self) {
    bool before = self->told;
    self->told = true;
    if (!actor_kill_gave_up(self) && actor_promise_end(self, self->waiting))
        return true;
    self->told = before;
    return false;
}

/* The actor ends: code that waits gets ActorExit, and goes on to its end. */
static void work_close(struct actor *self) {
    if (self->told && !actor_is_dead(self)) /* where it waited on a thread */
        return;
    actor_branch_end(self, actor_is_dead(self));
    if (self->run == NULL) {
        if (!actor_is_dead(self))
            actor_kill_tell(self);
    } else if (!end_promise(self) && !actor_thread_hand_on(self, WORK_CLOSE, 0)) {
        self->told = true;
        actor_run_fail(self, actor_exit_new());
    }
}

/* The owner died: nothing is told to anybody. The code gets ActorExit, so `finally` runs. */
static void work_release(struct actor *self) {
    work_close(self);
    /* Else a job still runs, and comes here when it ends. */
    if (self->current == NULL && !actor_thread_hand_on(self, WORK_RELEASE, 0)) {
        self->told = true; /* what its __del__ does is part of its end */
        Py_CLEAR(self->instance);
        handler_table_drop(&self->table);
        actor_kill_tasks(self);
        if (self->dedicated != NULL)
            dedicated_close(self->dedicated);
    }
    actor_kill_begin(self); /* that job, or a script's body */
}

/* ---- messages ------------------------------------------------------------------------ */

static void raised(struct actor *self) {
    actor_report_raised(self);
    actor_run_over(self);
}

/* No such handler: nothing to do. */
static void nothing(struct actor *self) {
    if (PyErr_Occurred()) {
        raised(self);
        return;
    }
    actor_run_report(self, Py_NewRef(Py_None));
    actor_run_over(self);
}

/* handler_start, in the actor's context. */
static enum suspend_outcome start_handler(struct actor *self, const struct handler *handler,
                                          const struct handler_arguments *arguments, PyObject **run,
                                          PyObject **out) {
    *run = *out = NULL;
    if (!actor_context_enter(self))
        return SUSPEND_RAISED;
    if (interpreter_get()->actor->watch_begins != NULL)
        watched_begins(self, arguments);
    enum suspend_outcome outcome = handler_start(handler, self->instance, arguments, run, out);
    actor_context_exit(self);
    return outcome;
}

/* A handler that takes no message. */
static void work_bare(struct actor *self, enum handler_kind kind) {
    struct handler handler;
    if (!handler_find(&self->table, self->instance, kind, &handler) || handler.entry == NULL) {
        nothing(self);
        return;
    }
    PyObject *run, *out;
    enum suspend_outcome outcome =
        start_handler(self, &handler, &(struct handler_arguments){0}, &run, &out);
    handler_drop(&handler);
    actor_run_follow(self, outcome, run, out);
}

static void work_start(struct actor *self) {
    work_bare(self, HANDLER_START);
}

/* The name that the instance gives itself, a new reference, or NULL; with an exception if it can be
 * none. What is called `name` may also be a method, and an empty one is none. */
static PyObject *own_name(PyObject *instance) {
    PyObject *name = PyObject_GetAttr(instance, interpreter_get()->actor->name_name);
    if (name == NULL) {
        if (PyErr_ExceptionMatches(PyExc_AttributeError))
            PyErr_Clear();
        return NULL;
    }
    Py_ssize_t length = 0;
    if (PyUnicode_Check(name) && PyUnicode_AsUTF8AndSize(name, &length) != NULL && length > 0)
        return name;
    if (!PyUnicode_Check(name) && !Py_IsNone(name) && !PyCallable_Check(name))
        PyErr_Format(PyExc_TypeError, "the name of an actor is a str, not %R", name);
    Py_DECREF(name);
    return NULL;
}

/* What the recipe makes of its argument, if it has one. A new reference, or NULL with an exception.
 */
static PyObject *make(struct actor_job *job) {
    if (job->payload_length == 0)
        return PyObject_CallNoArgs(job->recipe);
    struct value_payload payload = actor_job_payload(job);
    PyObject *argument = value_unpack(&payload);
    PyObject *made = argument ? PyObject_CallFunctionObjArgs(job->recipe, argument, NULL) : NULL;
    Py_XDECREF(argument);
    return made;
}

static bool looks_for_stop(struct actor *self) {
    self->stops = handler_exists(&self->table, self->instance, HANDLER_STOP);
    self->stop_version = self->table.version;
    return self->stops;
}

/* A class may get its @stop late: then the owner hears of that with the next message. */
static void look_for_stop_again(struct actor *self) {
    if (!self->stops && self->stop_version != self->table.version && looks_for_stop(self))
        actor_report_word(self, atoms.stop);
}

/* Makes the instance and goes on with @start; but if there is a name to register first (its own,
 * or one that the owner has: construct_held), the owner asks for that. */
static void work_construct(struct actor *self, struct actor_job *job) {
    actor_tune();
    PyObject *instance = NULL;
    if (actor_context_enter(self)) {
        instance = make(job);
        actor_context_exit(self);
    }
    if (instance == NULL) {
        raised(self);
        return;
    }
    self->instance = instance;
    account_of_class(&self->account, self->mailbox != NULL ? ACCOUNT_ACTOR : ACCOUNT_MACHINE,
                     Py_TYPE(instance));
    PyObject *later;
    if (!actor_settings_apply(self, &later)) {
        Py_DECREF(later);
        raised(self);
        return;
    }
    PyObject *name = own_name(instance);
    if (PyErr_Occurred()) {
        Py_DECREF(later);
        raised(self);
        return;
    }
    bool waits = name != NULL || job->held;
    bool over = !waits && !handler_exists(&self->table, instance, HANDLER_START);
    actor_report_started(self, name, looks_for_stop(self), later, over);
    Py_DECREF(later);
    if (over)
        actor_asked_tell(self);
    if (waits || over)
        actor_run_over(self);
    else
        work_start(self);
    Py_XDECREF(name);
}

static void work_run(struct actor *self, struct actor_job *job) {
    actor_tune();
    PyObject *run = NULL, *out = NULL;
    enum suspend_outcome outcome = SUSPEND_RAISED;
    if (actor_context_enter(self)) {
        PyObject *function = job->payload_length == 0 ? Py_NewRef(job->recipe) : make(job);
        if (function != NULL)
            account_of_function(&self->account, function);
        if (function != NULL)
            outcome = suspend_start(function, NULL, 0, NULL, &run, &out);
        Py_XDECREF(function);
        actor_context_exit(self);
    }
    actor_run_follow(self, outcome, run, out);
}

/* The sender's id; with it the request that `reply` answers. */
static PyObject *source_object(struct actor_job *job) {
    if (!job->has_source && job->external_length == 0)
        return Py_NewRef(Py_None);
    PyObject *id = job->has_source ? identity_process_id_local(&job->source)
                                   : identity_process_id(job->external, job->external_length);
    if (id == NULL || (job->work != WORK_CALL && job->work != WORK_CAST) ||
        actor_job_is_answer(job))
        return id;
    return identity_take_request(id, actor_defer_request(job));
}

/* False if there is none, or with an exception. */
static bool find(struct actor *self, enum actor_work work, PyObject *subject,
                 struct handler *handler) {
    bool found = false;
    if (self->instance == NULL) /* it takes no messages */
        return false;
    if (work == WORK_INFO || work == WORK_STOP)
        found = handler_find(&self->table, self->instance,
                             work == WORK_INFO ? HANDLER_INFO : HANDLER_STOP, handler);
    else
        found = handler_find_subject(&self->table, self->instance, subject, handler);
    return found && handler->entry != NULL;
}

/* The payload; for info with a subject, the event that it describes (rebeam._events). */
static PyObject *message_object(struct actor_job *job, PyObject *subject) {
    struct value_payload packed = actor_job_payload(job);
    PyObject *payload = value_unpack(&packed);
    if (payload == NULL || job->work != WORK_INFO || job->subject_length == 0)
        return payload;
    PyObject *make = actor_late(LATE_EVENT);
    PyObject *event = make ? PyObject_CallFunctionObjArgs(make, subject, payload, NULL) : NULL;
    Py_DECREF(payload);
    return event;
}

static void work_message(struct actor *self, struct actor_job *job) {
    struct handler handler = {0};
    PyObject *subject = NULL, *message = NULL, *source = NULL;
    PyObject *run = NULL, *out = NULL;
    enum suspend_outcome outcome = SUSPEND_RAISED;
    bool started = false;
    subject = PyUnicode_DecodeUTF8((const char *)job->subject, (Py_ssize_t)job->subject_length,
                                   "replace");
    message = subject ? message_object(job, subject) : NULL;
    if (message == NULL) {
        actor_report_refused(self);
        actor_run_over(self);
        goto done;
    }
    if (!find(self, job->work, subject, &handler)) {
        nothing(self);
        goto done;
    }
    if (handler_wants(&handler, 'o') && (source = source_object(job)) == NULL) {
        raised(self);
        goto done;
    }
    look_for_stop_again(self);
    started = true;
    outcome = start_handler(self, &handler,
                            &(struct handler_arguments){
                                .message = message,
                                .source = source,
                                .subject = subject,
                                .status = actor_answer_status(job->status),
                                .reason = message,
                            },
                            &run, &out);
done:
    handler_drop(&handler);
    Py_XDECREF(source);
    Py_XDECREF(message); /* its __del__ is code of this run: not beside the next one */
    Py_XDECREF(subject);
    if (started)
        actor_run_follow(self, outcome, run, out);
}

/* ---- dispatch ------------------------------------------------------------------------- */

/* A job that begins a run becomes the current one; the others are over when they return. */
static bool begins_run(enum actor_work work) {
    return work < WORK_RESUME;
}

static void dispatch(struct actor *self, struct actor_job *job) {
    switch (job->work) {
    case WORK_CONSTRUCT:
        work_construct(self, job);
        break;
    case WORK_START:
        work_start(self);
        break;
    case WORK_CONTINUE:
        work_bare(self, HANDLER_CONTINUE);
        break;
    case WORK_IDLE:
        work_bare(self, HANDLER_IDLE);
        break;
    case WORK_CALL:
    case WORK_CAST:
    case WORK_INFO:
    case WORK_STOP:
        work_message(self, job);
        break;
    case WORK_RUN:
        work_run(self, job);
        break;
    case WORK_RESUME:
        work_resume(self, job);
        break;
    case WORK_INTERRUPT:
        actor_interrupt_run(self, job);
        break;
    case WORK_CLOSE:
        work_close(self);
        break;
    case WORK_RELEASE:
        work_release(self);
        break;
    }
}

void actor_work_run(struct job *base) {
    struct actor_job *job = (struct actor_job *)base;
    struct actor *self = job->actor;
    if (job->work == WORK_RESUME && actor_thread_takes(self, job))
        return;
    struct actor *before = actor_enter(self);
    actor_keep(self); /* the job, and with it the last reference, may go on the way */
    bool begins = begins_run(job->work);
    actor_job_leave(job);
    bool withdrawn = begins && atomic_exchange(&job->stage, JOB_BEGUN) == JOB_WITHDRAWN;
    if (begins) {
        self->current = job;
        self->told = false;
        if (job->seals)
            actor_leave_seal(self);
        actor_kill_enter(self);
        if (tracing_is_on(self))
            tracing_begins(self, job);
    }
    if (job->work == WORK_RELEASE)
        actor_announce_end(&self->owner);
    if (withdrawn)
        actor_run_over(self);
    else if (!actor_is_dead(self) || job->work == WORK_RESUME) /* what was begun has to end */
        dispatch(self, job);
    else if (begins)
        actor_run_over(self);
    if (!begins)
        actor_job_free(job);
    if (actor_is_dead(self))
        work_release(self);
    actor_enter(before);
    actor_release(self);
    actor_raise_settle();
}
