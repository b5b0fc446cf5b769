#include "actor/leave.h"

#include "actor/account.h"
#include "actor/job.h"
#include "actor/private.h"
#include "actor/queue.h"

void actor_leave_seal(struct actor *self) {
    pthread_mutex_lock(&self->lock);
    self->sealed = true;
    pthread_mutex_unlock(&self->lock);
}

void actor_leave_unseal(struct actor *self) {
    pthread_mutex_lock(&self->lock);
    bool goes_on = self->parked; /* else its job is not quite over, and goes on by itself */
    self->sealed = self->parked = false;
    pthread_mutex_unlock(&self->lock);
    if (goes_on)
        actor_queue_next(self);
}

static struct actor_job *take(struct actor *self) {
    pthread_mutex_lock(&self->lock);
    struct actor_job *first = self->first;
    self->first = self->last = NULL;
    self->left = true;
    pthread_mutex_unlock(&self->lock);
    return first;
}

ERL_NIF_TERM actor_leave(ErlNifEnv *env, struct actor *self) {
    ERL_NIF_TERM list = enif_make_list(env, 0), reversed;
    struct actor_job *job = take(self);
    while (job != NULL) {
        struct actor_job *next = job->next;
        ERL_NIF_TERM message = actor_job_message(env, job);
        if (message != 0)
            list = enif_make_list_cell(env, message, list);
        account_queued(&self->account, -1);
        actor_job_free(job);
        job = next;
    }
    enif_make_reverse_list(env, list, &reversed);
    return reversed;
}
