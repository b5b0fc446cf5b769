/* What an actor's jobs do with Python: construct, handle, resume, release. */
#include "actor/private.h"

#include "actor/handler.h"
#include "base/atoms.h"
#include "identity/identity.h"
#include "suspend/suspend.h"
#include "value/value.h"

/* Code that swallows ActorExit would go on for ever: after so many its run is dropped. */
enum { EXITS_MAX = 100 };

/* ---- the course of a run -------------------------------------------------------- */

/* The job of a run that is over. A caller that got no answer hears when the owner is gone. */
static void dispose(struct actor *self, struct actor_job *job) {
    if (job->caller != NULL && !job->answered)
        actor_queue_return(self, job);
    else
        actor_job_free(job);
}

static void run_over(struct actor *self) {
    struct actor_job *job = self->current;
    actor_kill_leave(self); /* before the next job can begin on another thread */
    self->current = NULL;
    bool tell = actor_queue_next(self); /* from here on nobody finds the job by its caller */
    if (job != NULL)
        dispose(self, job);
    if (tell)
        actor_report_word(self, atoms.closed);
}

static void report_done(struct actor *self, PyObject *result) {
    switch (self->current->work) {
    case WORK_CALL:
    case WORK_CAST:
        actor_report_result(self, result);
        break;
    case WORK_CONSTRUCT:
    case WORK_START:
    case WORK_STOP:
    case WORK_RUN:
        actor_report_word(self, atoms.done);
        break;
    case WORK_CONTINUE:
    case WORK_INFO:
    case WORK_IDLE:
    case WORK_RESUME:
    case WORK_INTERRUPT:
    case WORK_CLOSE:
    case WORK_RELEASE:
        break;
    }
    Py_DECREF(result);
}

bool actor_exits(struct actor *self) {
    return actor_is_dead(self) || (atomic_load(&self->closing) && self->current != NULL &&
                                   self->current->work != WORK_STOP);
}

/* suspend_step, in the actor's context. */
static enum suspend_outcome step(struct actor *self, PyObject *run, PyObject **out) {
    *out = NULL;
    if (!actor_context_enter(self))
        return SUSPEND_RAISED;
    enum suspend_outcome outcome = suspend_step(run, out);
    actor_context_exit(self);
    return outcome;
}

/* A wait begins, unless the actor ends: then the code gets ActorExit where it waits. */
static bool wait_begin(struct actor *self, PyObject *run, PyObject *suspension) {
    if (actor_exits(self)) {
        suspension_fail(suspension, actor_exit_new());
        return false;
    }
    actor_kill_leave(self); /* before another thread can go on with it */
    self->run = run;
    self->waiting = suspension;
    self->run_sequence = actor_next_sequence(self);
    atomic_fetch_add(&executor_tally(self->executor)->suspended, 1);
    actor_announce_begin(self, suspension, ANNOUNCE_IF_LONG, self->run_sequence);
    return true;
}

/* Acts on what a run came to; takes `run` and `out`. Suspensions that are done already are no
 * waits: the run just goes on. */
static void follow(struct actor *self, enum suspend_outcome outcome, PyObject *run, PyObject *out) {
    int exits = 0; /* ActorExits since the owner died */
    while (outcome == SUSPEND_PENDING) {
        if (suspension_request(out) != NULL && wait_begin(self, run, out))
            return;
        Py_DECREF(out);
        if (actor_is_dead(self) && ++exits > EXITS_MAX) {
            Py_DECREF(run);
            run_over(self);
            return;
        }
        outcome = step(self, run, &out);
    }
    Py_XDECREF(run);
    if (outcome == SUSPEND_DONE)
        report_done(self, out);
    else
        actor_report_raised(self);
    run_over(self);
}

/* Takes the suspended run, which there is, out of the actor. */
static void take_run(struct actor *self, PyObject **run, PyObject **waiting) {
    *run = self->run;
    *waiting = self->waiting;
    self->run = self->waiting = NULL;
    actor_announce_forget(self);
    atomic_fetch_sub(&executor_tally(self->executor)->suspended, 1);
    actor_kill_enter(self);
}

static void work_resume(struct actor *self, struct actor_job *job) {
    PyObject *run, *waiting, *out;
    if (actor_beside_answer(self, job))
        return;
    if (job->sequence != self->run_sequence || self->run == NULL)
        return; /* a late answer: its wait is over */
    if (actor_is_dead(self) && !actor_promise_is(self->waiting))
        return; /* its wait is about to end with ActorExit */
    take_run(self, &run, &waiting);
    actor_answer_apply(job, waiting);
    Py_DECREF(waiting);
    enum suspend_outcome outcome = step(self, run, &out);
    follow(self, outcome, run, out);
}

void actor_work_fail(struct actor *self, PyObject *exception) {
    PyObject *run, *waiting, *out;
    take_run(self, &run, &waiting);
    suspension_fail(waiting, exception);
    Py_DECREF(waiting);
    enum suspend_outcome outcome = step(self, run, &out);
    follow(self, outcome, run, out);
}

/* The actor ends: code that waits gets ActorExit, and goes on to its end; but a wait for Python
 * ends by itself. */
static void work_close(struct actor *self) {
    actor_beside_end(self, actor_is_dead(self));
    if (self->run == NULL || (!actor_kill_gave_up(self) && actor_promise_end(self, self->waiting)))
        return;
    if (!actor_thread_hand_on(self, WORK_CLOSE, 0))
        actor_work_fail(self, actor_exit_new());
}

/* The owner died: nothing is told to anybody. The code gets ActorExit, so `finally` runs. */
static void work_release(struct actor *self) {
    work_close(self);
    /* Else a job still runs, and comes here when it ends. */
    if (self->current == NULL && !actor_thread_hand_on(self, WORK_RELEASE, 0)) {
        Py_CLEAR(self->instance);
        actor_kill_tasks(self);
        if (self->dedicated != NULL)
            dedicated_close(self->dedicated);
    }
    actor_kill_begin(self); /* that job, or a script's body */
}

/* ---- messages ------------------------------------------------------------------------ */

static void raised(struct actor *self) {
    actor_report_raised(self);
    run_over(self);
}

/* No such handler: nothing to do. */
static void nothing(struct actor *self) {
    if (PyErr_Occurred()) {
        raised(self);
        return;
    }
    report_done(self, Py_NewRef(Py_None));
    run_over(self);
}

/* handler_start, in the actor's context. */
static enum suspend_outcome start_handler(struct actor *self, PyObject *entry,
                                          const struct handler_arguments *arguments, PyObject **run,
                                          PyObject **out) {
    *run = *out = NULL;
    if (!actor_context_enter(self))
        return SUSPEND_RAISED;
    enum suspend_outcome outcome = handler_start(entry, arguments, run, out);
    actor_context_exit(self);
    return outcome;
}

/* A handler that takes no message. */
static void work_bare(struct actor *self, PyObject *name) {
    PyObject *entry = handler_find(self->instance, name);
    if (entry == NULL) {
        nothing(self);
        return;
    }
    PyObject *run, *out;
    enum suspend_outcome outcome =
        start_handler(self, entry, &(struct handler_arguments){.self = self->instance}, &run, &out);
    Py_DECREF(entry);
    follow(self, outcome, run, out);
}

static void work_start(struct actor *self) {
    work_bare(self, interpreter_get()->actor->name_start);
}

/* The name that the instance gives itself, a new reference, or NULL. */
static PyObject *own_name(PyObject *instance) {
    PyObject *name = PyObject_GetAttr(instance, interpreter_get()->actor->name_name);
    PyErr_Clear();
    if (name != NULL && !PyUnicode_Check(name))
        Py_CLEAR(name);
    return name;
}

static bool has_stop(PyObject *instance) {
    PyObject *entry = handler_find(instance, interpreter_get()->actor->name_stop);
    PyErr_Clear();
    Py_XDECREF(entry);
    return entry != NULL;
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
    PyObject *later;
    if (!actor_settings_apply(self, &later)) {
        Py_DECREF(later);
        raised(self);
        return;
    }
    PyObject *name = own_name(instance);
    actor_report_started(self, name, has_stop(instance), later);
    Py_DECREF(later);
    if (name != NULL || job->held)
        run_over(self);
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
            outcome = suspend_start(function, NULL, 0, NULL, &run, &out);
        Py_XDECREF(function);
        actor_context_exit(self);
    }
    follow(self, outcome, run, out);
}

/* The sender's id; with a call, the request that `reply` answers. */
static PyObject *source_object(struct actor_job *job) {
    if (!job->has_source && job->external_length == 0)
        return Py_NewRef(Py_None);
    PyObject *id = job->has_source ? identity_process_id_local(&job->source)
                                   : identity_process_id(job->external, job->external_length);
    if (id == NULL || job->work != WORK_CALL)
        return id;
    return identity_take_request(id, actor_defer_request(job));
}

static PyObject *find_entry(struct actor *self, enum actor_work work, PyObject *subject) {
    struct actor_state *state = interpreter_get()->actor;
    if (self->instance == NULL) /* it takes no messages */
        return NULL;
    if (work == WORK_INFO)
        return handler_find(self->instance, state->name_info);
    if (work == WORK_STOP)
        return handler_find(self->instance, state->name_stop);
    return handler_find_subject(self->instance, subject);
}

/* The payload; for info with a subject, the event that it describes (rebeam._events). */
static PyObject *message_object(struct actor_job *job, PyObject *subject) {
    struct value_payload packed = actor_job_payload(job);
    PyObject *payload = value_unpack(&packed);
    if (payload == NULL || job->work != WORK_INFO || job->subject_length == 0)
        return payload;
    PyObject *make = interpreter_get()->actor->make_event;
    PyObject *event = PyObject_CallFunctionObjArgs(make, subject, payload, NULL);
    Py_DECREF(payload);
    return event;
}

static void work_message(struct actor *self, struct actor_job *job) {
    PyObject *subject = NULL, *message = NULL, *source = NULL, *entry = NULL;
    PyObject *run = NULL, *out = NULL;
    enum suspend_outcome outcome = SUSPEND_RAISED;
    bool started = false;
    subject = PyUnicode_DecodeUTF8((const char *)job->subject, (Py_ssize_t)job->subject_length,
                                   "replace");
    message = subject ? message_object(job, subject) : NULL;
    if (message == NULL) {
        actor_report_refused(self);
        run_over(self);
        goto done;
    }
    entry = find_entry(self, job->work, subject);
    if (entry == NULL) {
        nothing(self);
        goto done;
    }
    if (handler_wants(entry, 'o') && (source = source_object(job)) == NULL) {
        raised(self);
        goto done;
    }
    started = true;
    outcome = start_handler(self, entry,
                            &(struct handler_arguments){
                                .self = self->instance,
                                .message = message,
                                .source = source,
                                .subject = subject,
                                .status = actor_answer_status(job->status),
                                .reason = message,
                            },
                            &run, &out);
done:
    Py_XDECREF(entry);
    Py_XDECREF(source);
    Py_XDECREF(message); /* its __del__ is code of this run: not beside the next one */
    Py_XDECREF(subject);
    if (started)
        follow(self, outcome, run, out);
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
        work_bare(self, interpreter_get()->actor->name_continue);
        break;
    case WORK_IDLE:
        work_bare(self, interpreter_get()->actor->name_idle);
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
        actor_kill_enter(self);
    }
    if (withdrawn)
        run_over(self);
    else if (!actor_is_dead(self) || job->work == WORK_RESUME) /* what was begun has to end */
        dispatch(self, job);
    else if (begins)
        run_over(self);
    if (!begins)
        actor_job_free(job);
    if (actor_is_dead(self))
        work_release(self);
    actor_enter(before);
    actor_release(self);
    actor_kill_settle();
}
