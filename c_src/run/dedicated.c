#include "run/dedicated.h"

#include "run/signals.h"
#include "run/thread.h"
#include "run/trace.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct dedicated {
    atomic_int owners; /* who made it, and the thread */
    struct executor *executor;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t work;  /* the thread sleeps here */
    struct job *first, *last;
    bool closed;
};

/* Of the calling thread; NULL on all others. */
static _Thread_local const struct dedicated *here;

static void release(struct dedicated *self) {
    if (atomic_fetch_sub(&self->owners, 1) > 1)
        return;
    pthread_mutex_destroy(&self->lock);
    pthread_cond_destroy(&self->work);
    free(self);
}

/* The next job; NULL if there is none: now, or if `wait`, ever. */
static struct job *take(struct dedicated *self, bool wait) {
    pthread_mutex_lock(&self->lock);
    while (wait && self->first == NULL && !self->closed)
        pthread_cond_wait(&self->work, &self->lock);
    struct job *job = self->first;
    if (job != NULL)
        self->first = job->next;
    if (self->first == NULL)
        self->last = NULL;
    pthread_mutex_unlock(&self->lock);
    return job;
}

static void *run(void *argument) {
    struct dedicated *self = argument;
    struct trace trace = {0};
    struct job *job;
    here = self;
    PyThreadState *state = PyThreadState_New(executor_interpreter(self->executor));
    while ((job = take(self, true)) != NULL) {
        PyEval_RestoreThread(state);
        trace_follow(&trace);
        do {
            job->run(job);
            signals_refuse_again();
        } while ((job = take(self, false)) != NULL);
        PyEval_SaveThread();
    }
    PyEval_RestoreThread(state);
    trace_free(&trace);
    PyThreadState_Clear(state); /* may run __del__ of what the thread kept for itself */
    PyEval_SaveThread();
    PyThreadState_Delete(state);
    atomic_fetch_sub(&executor_tally(self->executor)->dedicated, 1);
    release(self);
    return NULL;
}

struct dedicated *dedicated_new(struct executor *executor) {
    struct dedicated *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->executor = executor;
    atomic_init(&self->owners, 2);
    pthread_mutex_init(&self->lock, NULL);
    pthread_cond_init(&self->work, NULL);
    atomic_fetch_add(&executor_tally(executor)->dedicated, 1);
    if (thread_start("rebeam_actor", run, self))
        return self;
    atomic_fetch_sub(&executor_tally(executor)->dedicated, 1);
    atomic_store(&self->owners, 1);
    release(self);
    return NULL;
}

bool dedicated_submit(struct dedicated *self, struct job *job) {
    pthread_mutex_lock(&self->lock);
    bool takes = !self->closed;
    if (takes) {
        job->next = NULL;
        *(self->last ? &self->last->next : &self->first) = job;
        self->last = job;
        pthread_cond_signal(&self->work);
    }
    pthread_mutex_unlock(&self->lock);
    return takes;
}

bool dedicated_is_here(const struct dedicated *self) {
    return here == self;
}

void dedicated_close(struct dedicated *self) {
    pthread_mutex_lock(&self->lock);
    self->closed = true;
    pthread_cond_signal(&self->work);
    pthread_mutex_unlock(&self->lock);
}

void dedicated_free(struct dedicated *self) {
    if (self == NULL)
        return;
    dedicated_close(self);
    release(self);
}
