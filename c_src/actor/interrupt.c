#include "actor/interrupt.h"

#include "actor/context.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/promise.h"
#include "actor/raise.h"
#include "actor/run.h"
#include "actor/state.h"
#include "actor/thread.h"
#include "actor/waiter.h"
#include "base/atoms.h"
#include "message/request.h"

/* Does the job answer {Pid, Tag}? */
static bool is_of(ErlNifEnv *env, const struct actor_job *job, ERL_NIF_TERM from) {
    const ERL_NIF_TERM *pair;
    ERL_NIF_TERM actor;
    uint64_t sequence;
    int arity;
    if (job->work != WORK_CALL)
        return false;
    if (job->caller == NULL)
        return enif_is_identical(job->from, from);
    return enif_get_tuple(env, from, &arity, &pair) && arity == 2 &&
           request_parse_tag(env, pair[1], &sequence, &actor) && sequence == job->caller_sequence &&
           actor_get(env, actor) == job->caller;
}

/* Out of the queue; NULL if it is not there. Under the lock. */
static struct actor_job *take_queued(ErlNifEnv *env, struct actor *self, ERL_NIF_TERM from) {
    struct actor_job *before = NULL, *job = self->first;
    while (job != NULL && !is_of(env, job, from)) {
        before = job;
        job = job->next;
    }
    if (job == NULL)
        return NULL;
    *(before ? &before->next : &self->first) = job->next;
    if (self->last == job)
        self->last = before;
    return job;
}

/* Under the lock. *number: of the job, if its code is to be interrupted. */
static ERL_NIF_TERM find_working(ErlNifEnv *env, struct actor *self, ERL_NIF_TERM from,
                                 uint64_t *number) {
    struct actor_job *job = self->working;
    int waits = JOB_WAITS;
    if (job == NULL || !is_of(env, job, from))
        return atoms.over;
    if (atomic_compare_exchange_strong(&job->stage, &waits, JOB_WITHDRAWN)) {
        atomic_store(&job->answered, true);
        return atoms.withdrawn;
    }
    if (waits == JOB_WITHDRAWN || atomic_load(&job->answered))
        return atoms.over;
    *number = job->number;
    return atoms.working;
}

ERL_NIF_TERM actor_nif_interrupt(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = actor_get(env, argv[0]);
    uint64_t number = 0;
    (void)argc;
    if (self == NULL)
        return enif_make_badarg(env);
    pthread_mutex_lock(&self->lock);
    /* Once it ends, the queue holds who is to be told so. */
    bool ends = atomic_load(&self->closing) || actor_is_dead(self);
    struct actor_job *queued = ends ? NULL : take_queued(env, self, argv[1]);
    ERL_NIF_TERM found = ends     ? atoms.over
                         : queued ? atoms.withdrawn
                                  : find_working(env, self, argv[1], &number);
    pthread_mutex_unlock(&self->lock);
    if (queued != NULL)
        actor_job_free(queued);
    struct actor_job *job =
        number != 0 ? actor_job_new(self, WORK_INTERRUPT, &(struct actor_job_parts){0}) : NULL;
    if (job != NULL) { /* without memory for it, the process ends in a second */
        job->sequence = number;
        executor_submit(self->executor, &job->base);
    }
    return found;
}

/* The job of that number, if its caller waits for its code. */
static struct actor_job *find_job(struct actor *self, uint64_t number) {
    struct actor_job *job = self->current;
    bool is = job != NULL && job->number == number && !job->interrupted &&
              !atomic_load(&job->answered) && !atomic_load(&self->closing);
    return is ? job : NULL;
}

static bool interrupt_thread(struct actor *self) {
    if (actor_waiter_interrupt(self))
        return true;
    self->interrupting =
        self->thread != 0 && actor_raise(self, self->thread, interpreter_get()->actor->interrupted);
    return self->interrupting;
}

/* Code in the event loop: if it computes, where it is; else its task is cancelled. */
static void interrupt_task(struct actor *self, PyObject *place) {
    unsigned long thread = actor_context_thread(place);
    if (thread == 0 || !actor_raise(self, thread, interpreter_get()->actor->interrupted))
        actor_promise_interrupt(self->waiting);
}

void actor_interrupt_run(struct actor *self, struct actor_job *job) {
    PyObject *place = actor_context_place(self); /* before anything is looked at */
    struct actor_job *current = find_job(self, job->sequence);
    if (current == NULL)
        goto done;
    if (self->run == NULL) {
        current->interrupted = interrupt_thread(self);
        goto done;
    }
    if (actor_thread_hand_on(self, WORK_INTERRUPT, job->sequence))
        goto done;
    current->interrupted = true; /* it may be over when this returns */
    if (self->asynchronous && actor_promise_is(self->waiting))
        interrupt_task(self, place);
    else
        actor_run_fail(self, actor_interrupted_new());
done:
    Py_DECREF(place);
}
