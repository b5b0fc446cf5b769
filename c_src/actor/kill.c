#include "actor/kill.h"

#include "actor/context.h"
#include "actor/job.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/raise.h"
#include "actor/state.h"
#include "message/request.h"

#include <time.h>

enum {
    GRACE_MILLISECONDS = 100, /* for code that is ending already */
    PATIENT_RAISES = 2,
    PATIENCE_MILLISECONDS = 500,
    CANCELS_MAX = 3,                  /* then tasks that swallow them wait for ever, unheard */
    FIRST_CANCEL_MILLISECONDS = 5000, /* for what a cancelled task awaits while it ends */
    NEXT_CANCEL_MILLISECONDS = 1000,
};

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

bool actor_exits(const struct actor *self) {
    return actor_is_dead(self) || (atomic_load(&self->closing) && !self->told &&
                                   self->current != NULL && self->current->work != WORK_STOP);
}

bool actor_kill_refuses(const struct actor *self, const struct request *request) {
    return actor_is_dead(self) || (request->kind != REQUEST_CAST && actor_exits(self));
}

/* On this thread. What else there is of a killed actor are tasks, which were cancelled. */
static bool runs_here(const struct actor *self) {
    return self == actor_of_thread() && self->thread == PyThread_get_thread_ident();
}

void actor_kill_refuse(struct actor *self) {
    if (runs_here(self))
        actor_kill_told(self);
    actor_exit_raise();
}

bool actor_kill_stops_sending(struct actor *self) {
    if (self == NULL || !actor_is_dead(self) || self->told || !runs_here(self))
        return false;
    actor_kill_refuse(self);
    return true;
}

bool actor_kill_by_client(struct actor *self, const struct request *request) {
    return actor_is_dead(self) && request->kind != REQUEST_WAIT && (self->told || !runs_here(self));
}

void actor_kill_enter(struct actor *self) {
    actor_run_here(self);
    account_runs(&self->account, executor_works_on(self));
    if (!actor_is_dead(self))
        return;
    actor_kill_told(self);
    actor_kill_begin(self);
}

void actor_kill_told(struct actor *self) {
    self->told = true;
    self->kill_next = now() + PATIENCE_MILLISECONDS;
    if (self->listed || self->interrupting) /* what has not come through yet would be the second */
        actor_raise_take_back(self->thread);
    self->interrupting = false;
}

/* Into the list. No exception before `milliseconds` are over. */
static void remember(struct actor *self, long long milliseconds) {
    struct actor_state *state = interpreter_get()->actor;
    long long earliest = now() + milliseconds;
    actor_keep(self);
    self->listed = true;
    self->kill_raises = self->kill_cancels = 0;
    if (self->kill_next < earliest)
        self->kill_next = earliest;
    self->kill_cancel_next = now() + FIRST_CANCEL_MILLISECONDS;
    self->next_ending = state->first_ending;
    state->first_ending = self;
    executor_tick(self->executor);
}

void actor_kill_begin(struct actor *self) {
    if (self->abandoned || (self->thread == 0 && self->run == NULL && !self->tasks_end))
        return;
    bool cancelled = self->run != NULL || self->tasks_end;
    if (!self->listed) /* for its end in order */
        remember(self, cancelled ? PATIENCE_MILLISECONDS : GRACE_MILLISECONDS);
    self->abandoned = true;
    atomic_fetch_add(&executor_tally(self->executor)->abandoned, 1);
}

void actor_kill_tell(struct actor *self) {
    bool function = self->current != NULL && self->current->work == WORK_RUN;
    if (self->thread != 0 && !self->listed && !self->told && (function || !self->stops))
        remember(self, function ? 0 : GRACE_MILLISECONDS);
}

void actor_kill_tasks(struct actor *self) {
    if (self->tasks_end) /* it heard of that before */
        return;
    self->tasks_end = true;
    if (!actor_context_end(self))
        actor_context_drop(self);
    self->tasks_end = self->asynchronous;
}

/* Takes it out of the list, and with that maybe the last reference. */
static void forget(struct actor *self) {
    struct actor_state *state = interpreter_get()->actor;
    struct actor **place = &state->first_ending;
    while (*place != self)
        place = &(*place)->next_ending;
    *place = self->next_ending;
    if (state->next_ending == self)
        state->next_ending = self->next_ending;
    if (self->abandoned)
        atomic_fetch_sub(&executor_tally(self->executor)->abandoned, 1);
    self->listed = self->abandoned = false;
    actor_release(self);
}

static void end(struct actor *self) {
    actor_raise_take_back(self->thread); /* it must not hit what the thread does next */
    if (self->kill_traced)
        python_extra.set_trace(NULL, NULL);
    self->kill_traced = false;
    if (self->kill_raises > 0)
        executor_retire();
    forget(self);
}

void actor_kill_leave(struct actor *self) {
    if (self->listed)
        end(self);
    else if (self->interrupting)
        actor_raise_take_back(self->thread);
    self->interrupting = false;
    self->thread = 0;
    account_leaves(&self->account, executor_works_on(NULL));
}

/* What `find` of rebeam._engine.endings says of where that thread is: a new reference, or NULL;
 * also if the actor's run has left the thread meanwhile. */
static PyObject *ask(struct actor *self, unsigned long thread, PyObject *find) {
    PyObject *frame = actor_frame(self);
    if (frame == NULL || self->current == NULL) { /* a script's body, or asynchronous code */
        Py_XDECREF(frame);
        return NULL;
    }
    uint64_t number = self->current->number;
    PyObject *found = PyObject_CallFunctionObjArgs(find, frame, NULL); /* may give the GIL away */
    Py_DECREF(frame);
    bool here = self->thread == thread && self->current != NULL && self->current->number == number;
    if (found == NULL)
        PyErr_WriteUnraisable(find);
    else if (here && !Py_IsNone(found))
        return found;
    Py_XDECREF(found);
    return NULL;
}

/* What cancels the main task of the event loop that the thread runs: a new reference, or NULL. */
static PyObject *cancellation(struct actor *self, unsigned long thread) {
    return ask(self, thread, interpreter_get()->actor->cancellation);
}

/* Calls and takes it. */
static void call_end(PyObject *end) {
    PyObject *called = PyObject_CallNoArgs(end);
    if (called == NULL)
        PyErr_WriteUnraisable(end);
    Py_XDECREF(called);
    Py_DECREF(end);
}

/* Ends what the thread waits for, if that can be done: so an exception gets through to it. */
static void wake(struct actor *self, unsigned long thread) {
    PyObject *end = ask(self, thread, interpreter_get()->actor->wake);
    if (end != NULL)
        call_end(end);
}

/* In whichever thread its code is, if in any. */
static void raise_in(struct actor *self, unsigned long thread, long long time) {
    struct actor_state *state = interpreter_get()->actor;
    bool patient = self->kill_raises < PATIENT_RAISES;
    PyObject *type = patient ? state->actor_exit : state->actor_kill;
    if (!actor_raise(self, thread, type))
        return;
    if (patient) {
        self->told = true;
        self->kill_raises++;
        self->kill_next = time + PATIENCE_MILLISECONDS;
    }
    if (thread == self->thread)
        wake(self, thread);
}

static void forget_tasks(struct actor *self) {
    actor_context_drop(self);
    self->tasks_end = false;
    forget(self);
}

/* Its tasks wait, for what they may: they are cancelled again, and in the end given up. */
static void cancel_again(struct actor *self, long long time) {
    self->kill_cancel_next = time + NEXT_CANCEL_MILLISECONDS;
    if (++self->kill_cancels <= CANCELS_MAX) {
        actor_context_end(self);
    } else if (self->tasks_end) {
        forget_tasks(self);
    } else {
        struct actor_job *job = actor_job_new(self, WORK_RELEASE, &(struct actor_job_parts){0});
        if (job != NULL)
            executor_submit(self->executor, &job->base);
    }
}

bool actor_kill_gave_up(const struct actor *self) {
    return self->kill_cancels > CANCELS_MAX;
}

/* The actor ends in order: its main task is cancelled, or its code gets ActorExit. What waits for
 * a notification is woken once the exception is there for it. */
static void tell_once(struct actor *self) {
    unsigned long thread = self->thread;
    PyObject *cancel = cancellation(self, thread);
    if (self->thread != thread || self->told || !self->listed) {
        Py_XDECREF(cancel);
    } else if (cancel != NULL) {
        self->told = true;
        call_end(cancel);
    } else if (actor_raise(self, thread, interpreter_get()->actor->actor_exit)) {
        self->told = self->interrupting = true;
        wake(self, thread);
    } /* else at the next tick */
}

static void tell(struct actor *self, long long time) {
    if (self->thread != 0 && !self->told && time >= self->kill_next)
        tell_once(self);
    if (self->listed && (self->thread == 0 || self->told) && !actor_is_dead(self))
        forget(self);
}

static void raise_again(struct actor *self, long long time) {
    PyObject *place = actor_context_place(self); /* may give the GIL away: it may end meanwhile */
    unsigned long thread = self->thread != 0 ? self->thread : actor_context_thread(place);
    if (self->listed && thread != 0 && time >= self->kill_next)
        raise_in(self, thread, time);
    else if (self->listed && self->tasks_end && Py_IsNone(place))
        forget_tasks(self);
    else if (self->listed && thread == 0 && self->run == NULL && !self->asynchronous)
        forget(self); /* its tasks were over as it came into the list */
    else if (self->listed && thread == 0 && self->asynchronous && time >= self->kill_cancel_next)
        cancel_again(self, time);
    Py_DECREF(place);
}

/* Of the thread's next line, call or return. */
static int refuse_to_go_on(PyObject *unused, struct _frame *frame, int event, PyObject *argument) {
    (void)unused, (void)frame, (void)event, (void)argument;
    PyErr_SetNone(interpreter_get()->actor->actor_exit);
    return -1;
}

/* The same on the event loop's thread, until the loop leaves the task. */
static int refuse_in_task(PyObject *place, struct _frame *frame, int event, PyObject *argument) {
    if (actor_context_thread(place) != 0)
        return refuse_to_go_on(NULL, frame, event, argument);
    python_extra.set_trace(NULL, NULL);
    return 0;
}

static void refuse_task(struct actor *self) {
    PyObject *place = actor_context_place(self);
    if (actor_context_thread(place) == PyThread_get_thread_ident())
        python_extra.set_trace(refuse_in_task, place);
    Py_DECREF(place);
}

PyObject *actor_kill_hard(PyObject *module, PyObject *unused) {
    struct actor *self = actor_current();
    (void)module, (void)unused;
    if (self != NULL && self->listed && self->thread == PyThread_get_thread_ident()) {
        self->kill_traced = true;
        python_extra.set_trace(refuse_to_go_on, NULL);
    } else if (self != NULL && self->listed) {
        refuse_task(self);
    }
    return Py_NewRef(Py_None);
}

/* One walk at a time, towards the end of the list: what comes meanwhile is in front. */
bool actor_kill_tick(void) {
    struct actor_state *state = interpreter_get()->actor;
    struct actor *self = state->first_ending;
    bool any = self != NULL;
    long long time = any ? now() : 0;
    for (; self != NULL; self = state->next_ending) {
        state->next_ending = self->next_ending;
        actor_keep(self);
        /* Both may give the GIL away. */
        actor_is_dead(self) ? raise_again(self, time) : tell(self, time);
        actor_release(self);
    }
    return any;
}
