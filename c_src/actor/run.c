#include "actor/run.h"

#include "actor/account.h"
#include "actor/announce.h"
#include "actor/answer.h"
#include "actor/asked.h"
#include "actor/context.h"
#include "actor/job.h"
#include "actor/kill.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/queue.h"
#include "actor/report.h"
#include "actor/state.h"
#include "actor/tracing.h"
#include "actor/watched.h"
#include "base/atoms.h"
#include "message/request.h"
#include "suspend/runtime/await.h"

/* Code that swallows ActorExit would go on for ever: after so many its run is dropped. */
enum { EXITS_MAX = 100 };

/* The job of a run that is over. A caller that got no answer hears when the owner is gone. */
static void dispose(struct actor *self, struct actor_job *job) {
    if (job->caller != NULL && !job->answered)
        actor_queue_return(self, job);
    else
        actor_job_free(job);
}

void actor_run_over(struct actor *self) {
    struct actor_job *job = self->current;
    if (job != NULL && job->watched)
        watched_ends(self);
    actor_kill_leave(self); /* before the next job can begin on another thread */
    if (tracing_is_on(self))
        tracing_done(self);
    account_rests(&self->account, job != NULL && actor_job_is_message(job));
    self->current = NULL;
    bool tell = actor_queue_next(self); /* from here on nobody finds the job by its caller */
    if (job != NULL)
        dispose(self, job);
    if (tell)
        actor_report_word(self, atoms.closed);
}

void actor_run_report(struct actor *self, PyObject *result) {
    switch (self->current->work) {
    case WORK_CALL:
    case WORK_CAST:
        actor_report_result(self, result);
        break;
    case WORK_CONSTRUCT:
    case WORK_START:
        actor_report_word(self, atoms.done);
        actor_asked_tell(self);
        break;
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

/* suspend_step, in the actor's context. */
static enum suspend_outcome step(struct actor *self, PyObject *run, PyObject **out) {
    *out = NULL;
    if (!actor_context_enter(self))
        return SUSPEND_RAISED;
    enum suspend_outcome outcome = suspend_step(run, out);
    actor_context_exit(self);
    return outcome;
}

/* A wait begins, unless the actor ends: then the code gets ActorExit where it waits. What code of a
 * killed actor may ask for is over soon. */
static bool wait_begin(struct actor *self, PyObject *run, PyObject *suspension) {
    const struct request *request = suspension_request(suspension);
    if (actor_kill_by_client(self, request)) {
        suspend_await_here(suspension);
        return false;
    }
    if (actor_kill_refuses(self, request)) {
        actor_kill_told(self);
        suspension_fail(suspension, actor_exit_new());
        return false;
    }
    actor_kill_leave(self); /* before another thread can go on with it */
    account_waits(&self->account, request);
    if (tracing_is_on(self))
        tracing_asks(self, request);
    self->run = run;
    self->waiting = suspension;
    self->run_sequence = actor_next_sequence(self);
    atomic_fetch_add(&executor_tally(self->executor)->suspended, 1);
    actor_announce_begin(self, suspension, ANNOUNCE_IF_LONG, self->run_sequence);
    return true;
}

void actor_run_follow(struct actor *self, enum suspend_outcome outcome, PyObject *run,
                      PyObject *out) {
    int exits = 0; /* ActorExits since the owner died */
    while (outcome == SUSPEND_PENDING) {
        if (suspension_request(out) != NULL && wait_begin(self, run, out))
            return;
        bool failed = suspension_state(out) == SUSPENSION_RAISED;
        Py_DECREF(out);
        if (failed && actor_is_dead(self) && ++exits > EXITS_MAX) {
            Py_DECREF(run);
            actor_run_over(self);
            return;
        }
        outcome = step(self, run, &out);
    }
    Py_XDECREF(run);
    if (outcome == SUSPEND_DONE)
        actor_run_report(self, out);
    else
        actor_report_raised(self);
    actor_run_over(self);
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

/* The owner, if it heard of the wait, need not watch over it any more. */
static void settle(struct actor *self) {
    if (self->silent_since == 0)
        actor_settle(self, self->run_sequence);
}

/* Ends the wait of the suspended run, and goes on with it: with the answer, or else with the
 * exception, which it takes. */
static void go_on(struct actor *self, struct actor_job *answer, PyObject *exception) {
    PyObject *run, *waiting, *out;
    take_run(self, &run, &waiting);
    if (answer != NULL && tracing_is_on(self))
        tracing_gets(self, answer);
    if (answer != NULL)
        actor_answer_apply(answer, waiting);
    else
        suspension_fail(waiting, exception);
    Py_DECREF(waiting);
    enum suspend_outcome outcome = step(self, run, &out);
    actor_run_follow(self, outcome, run, out);
}

void actor_run_answer(struct actor *self, struct actor_job *answer) {
    if (answer->answer == ANSWER_MANY) /* another process watches for it */
        settle(self);
    go_on(self, answer, NULL);
}

void actor_run_fail(struct actor *self, PyObject *exception) {
    settle(self);
    go_on(self, NULL, exception);
}
