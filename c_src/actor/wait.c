#include "actor/wait.h"

#include "actor/announce.h"
#include "actor/answer.h"
#include "actor/context.h"
#include "actor/job.h"
#include "actor/kill.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/state.h"
#include "actor/tracing.h"
#include "actor/waiter.h"
#include "message/request.h"
#include "run/signals.h"
#include "suspend/runtime/await.h"

#include <time.h>

enum {
    PERIOD_NANOSECONDS = 50 * 1000 * 1000,
    LAST_PERIODS = 10, /* that code of a killed actor waits */
};

/* Waits until answered or abandoned; on Python's main thread, which has signals to see, only for
 * a while, as when the end of the wait is near (`brief`). */
static bool wait_a_while(struct actor *self, struct actor_waiter *waiter, bool brief) {
    struct timespec until;
    bool timed = brief || signals_are_here();
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += PERIOD_NANOSECONDS;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    PyThreadState *thread_state = PyEval_SaveThread();
    pthread_mutex_lock(&self->lock);
    int waited = 0;
    while (waiter->answer == NULL && !waiter->abandoned && waited == 0)
        waited = timed ? pthread_cond_timedwait(&waiter->answered, &self->lock, &until)
                       : pthread_cond_wait(&waiter->answered, &self->lock);
    bool over = waiter->answer != NULL || waiter->abandoned;
    pthread_mutex_unlock(&self->lock);
    PyEval_RestoreThread(thread_state);
    return over;
}

static void wait_begin(struct actor *self, struct actor_waiter *waiter,
                       const struct request *request) {
    pthread_cond_init(&waiter->answered, NULL);
    pthread_mutex_lock(&self->lock);
    waiter->sequence = actor_next_sequence(self);
    waiter->outer = self->waiters;
    waiter->abandoned = actor_kill_refuses(self, request);
    self->waiters = waiter;
    pthread_mutex_unlock(&self->lock);
    atomic_fetch_add(&executor_tally(self->executor)->blocked, 1);
}

/* No answer comes any more. */
static void wait_end(struct actor *self, struct actor_waiter *waiter) {
    pthread_mutex_lock(&self->lock);
    struct actor_waiter **link = &self->waiters; /* other threads' waits may be inside this one */
    while (*link != waiter)
        link = &(*link)->outer;
    *link = waiter->outer;
    pthread_mutex_unlock(&self->lock);
    pthread_cond_destroy(&waiter->answered);
    atomic_fetch_sub(&executor_tally(self->executor)->blocked, 1);
}

/* What a wait without an answer ends with. */
static void raise_end(struct actor *self, const struct actor_waiter *waiter) {
    if (waiter->interrupted && !actor_exits(self))
        PyErr_SetNone(interpreter_get()->actor->interrupted);
    else
        actor_kill_refuse(self);
}

/* A wait of the run that was answered past the owner stays until the next one begins, unless
 * another process watches for it. */
static void settle(struct actor *self, const struct actor_waiter *waiter) {
    const struct actor_job *answer = waiter->answer;
    if (answer == NULL || answer->answer == ANSWER_MANY || (waiter->branch && answer->past_owner))
        actor_settle(self, waiter->sequence);
}

/* Not the wait of the actor's run: that of other threads' code, or of an object's that comes or
 * goes while the run is suspended or elsewhere. */
static bool is_branch(struct actor *self) {
    return self->has_owner &&
           (self != actor_of_thread() || self->thread != PyThread_get_thread_ident());
}

/* brief: for a while and no longer. */
static PyObject *await_answer(struct actor *self, PyObject *suspension, struct actor_waiter *waiter,
                              bool brief) {
    int periods = 0;
    executor_block();
    while (!wait_a_while(self, waiter, brief) && (!brief || ++periods < LAST_PERIODS))
        if (PyErr_CheckSignals() < 0)
            return NULL;
    if (waiter->answer == NULL) {
        raise_end(self, waiter);
        return NULL;
    }
    if (!waiter->branch && tracing_is_on(self))
        tracing_gets(self, waiter->answer);
    actor_answer_apply(waiter->answer, suspension);
    return suspension_take(suspension);
}

static PyObject *wait_for(struct actor *self, PyObject *suspension, bool brief) {
    struct actor_waiter waiter = {.branch = is_branch(self)};
    bool of_run = !waiter.branch && self->has_owner;
    enum announce how = waiter.branch ? ANNOUNCE_BRANCH : ANNOUNCE_AT_ONCE;
    PyObject *result = NULL;
    wait_begin(self, &waiter, suspension_request(suspension));
    if (of_run)
        account_blocks(&self->account, suspension_request(suspension), executor_clock());
    if (of_run && tracing_is_on(self))
        tracing_asks(self, suspension_request(suspension));
    bool begun = !waiter.abandoned && actor_announce_begin(self, suspension, how, waiter.sequence);
    if (begun)
        result = await_answer(self, suspension, &waiter, brief);
    else
        actor_kill_refuse(self);
    if (of_run)
        account_runs(&self->account, executor_clock());
    wait_end(self, &waiter);
    if (begun)
        settle(self, &waiter);
    if (waiter.answer != NULL)
        actor_job_free(waiter.answer);
    return result;
}

PyObject *actor_wait(PyObject *suspension) {
    struct actor *self = actor_current();
    if (suspension_request(suspension) == NULL)
        return suspension_take(suspension);
    bool last = self != NULL && actor_kill_by_client(self, suspension_request(suspension));
    if (self != NULL && !last && !actor_waits(self))
        return wait_for(self, suspension, false);
    /* A thread without a process, or a signal handler inside a wait, whose owner watches over one
     * wait only, or code of a killed actor: the client process acts for it. */
    self = actor_new(interpreter_get()->executor, NULL);
    PyObject *result = wait_for(self, suspension, last);
    actor_end(self);
    actor_release(self);
    return result;
}
