#include "actor/waiter.h"

#include "actor/job.h"
#include "actor/life.h"
#include "actor/private.h"

bool actor_waiter_answer(struct actor *self, struct actor_job *job) {
    pthread_mutex_lock(&self->lock);
    struct actor_waiter *waiter = self->waiters;
    while (waiter != NULL && (waiter->sequence != job->sequence || waiter->answer != NULL))
        waiter = waiter->outer;
    if (waiter != NULL) {
        waiter->answer = job;
        pthread_cond_signal(&waiter->answered);
    }
    pthread_mutex_unlock(&self->lock);
    return waiter != NULL;
}

void actor_waiter_abandon(struct actor *self) {
    pthread_mutex_lock(&self->lock);
    for (struct actor_waiter *waiter = self->waiters; waiter != NULL; waiter = waiter->outer) {
        waiter->abandoned = true;
        pthread_cond_signal(&waiter->answered);
    }
    pthread_mutex_unlock(&self->lock);
}

bool actor_waiter_interrupt(struct actor *self) {
    pthread_mutex_lock(&self->lock);
    struct actor_waiter *waiter = self->waiters;
    while (waiter != NULL && (waiter->branch || waiter->answer != NULL || waiter->abandoned))
        waiter = waiter->outer;
    if (waiter != NULL) {
        waiter->abandoned = waiter->interrupted = true;
        pthread_cond_signal(&waiter->answered);
    }
    pthread_mutex_unlock(&self->lock);
    return waiter != NULL;
}

bool actor_waits(struct actor *self) {
    pthread_mutex_lock(&self->lock);
    const struct actor_waiter *waiter = self->waiters;
    while (waiter != NULL && waiter->branch)
        waiter = waiter->outer;
    pthread_mutex_unlock(&self->lock);
    return waiter != NULL && self == actor_of_thread();
}
