#include "actor/queue.h"

#include "actor/answer.h"
#include "actor/defer.h"
#include "actor/private.h"
#include "actor/thread.h"
#include "base/atoms.h"
#include "base/term.h"
#include "value/erlang/from_term.h"

#include <limits.h>
#include <string.h>
#include <time.h>

/* Under the lock. An actor that ends takes only the job that runs @stop. */
static bool refuses(struct actor *self, struct actor_job *job) {
    if (atomic_load(&self->dead))
        return job->work != WORK_RELEASE;
    return atomic_load(&self->closing) && job->work != WORK_STOP;
}

/* Under the lock. */
static void begin(struct actor *self, struct actor_job *job) {
    self->working = job;
    job->number = ++self->jobs_begun;
}

/* After an idle time, the owner counts the next one from here. */
static void wake(ErlNifEnv *env, const struct actor *self) {
    ErlNifEnv *own = env ? NULL : enif_alloc_env(), *made = env ? env : own;
    if (made == NULL)
        return;
    enif_send(env, &self->owner, own, enif_make_tuple2(made, atoms.protocol, atoms.wake));
    if (own != NULL)
        enif_free_env(own);
}

/* Its sender had found the way open, before the actor left: the owner hands the message on. */
static bool send_on(ErlNifEnv *env, const struct actor *self, struct actor_job *job) {
    ErlNifEnv *made = enif_alloc_env();
    ERL_NIF_TERM message = made ? actor_job_message(made, job) : 0;
    bool sent = message == 0 || enif_send(env, &self->owner, made, message);
    if (made != NULL)
        enif_free_env(made);
    actor_job_free(job);
    return sent;
}

bool actor_queue_add(ErlNifEnv *env, struct actor *self, struct actor_job *job) {
    pthread_mutex_lock(&self->lock);
    if (self->left && actor_job_is_message(job)) {
        pthread_mutex_unlock(&self->lock);
        return send_on(env, self, job);
    }
    bool refused = refuses(self, job);
    bool wakes = self->rested && !refused && actor_job_is_message(job);
    if (wakes)
        self->rested = false;
    bool run = !refused && !self->busy;
    if (run) {
        self->busy = true;
        begin(self, job);
    } else if (!refused) {
        job->next = NULL;
        if (self->last != NULL)
            self->last->next = job;
        else
            self->first = job;
        self->last = job;
        account_queued(&self->account, 1);
    }
    pthread_mutex_unlock(&self->lock);
    if (wakes)
        wake(env, self);
    if (run)
        actor_thread_submit(self, job);
    else if (refused)
        actor_job_free(job);
    return !refused;
}

/* Microseconds. Erlang's own clock is for its schedulers' threads only. */
static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

bool actor_queue_next(struct actor *self) {
    pthread_mutex_lock(&self->lock);
    bool tell = false;
    if (self->sealed && !atomic_load(&self->closing)) {
        self->working = NULL;
        self->parked = true;
        pthread_mutex_unlock(&self->lock);
        return false;
    }
    struct actor_job *job = atomic_load(&self->closing) ? NULL : self->first;
    self->working = NULL;
    if (job != NULL) {
        self->first = job->next;
        if (self->first == NULL)
            self->last = NULL;
        account_queued(&self->account, -1);
        begin(self, job);
    } else {
        self->busy = false;
        if (self->watched)
            self->idle_since = now();
        tell = self->tell_closed;
        self->tell_closed = false;
    }
    pthread_mutex_unlock(&self->lock);
    if (job != NULL)
        actor_thread_submit(self, job);
    return tell;
}

static bool is_event(const struct actor_job *job, const ErlNifBinary *kind,
                     const ErlNifBinary *prefix) {
    return job->work == WORK_INFO && job->subject_length == kind->size &&
           job->payload_length >= prefix->size &&
           memcmp(job->subject, kind->data, kind->size) == 0 &&
           memcmp(job->payload, prefix->data, prefix->size) == 0;
}

bool actor_queue_withdraw(struct actor *self, const ErlNifBinary *kind,
                          const ErlNifBinary *prefix) {
    pthread_mutex_lock(&self->lock);
    struct actor_job *before = NULL, *job = self->first;
    while (job != NULL && !is_event(job, kind, prefix)) {
        before = job;
        job = job->next;
    }
    if (job != NULL) {
        *(before ? &before->next : &self->first) = job->next;
        if (self->last == job)
            self->last = before;
        account_queued(&self->account, -1);
    }
    pthread_mutex_unlock(&self->lock);
    if (job != NULL)
        actor_job_free(job);
    return job != NULL;
}

static struct mailbox *mailbox_of(struct actor *self) {
    pthread_mutex_lock(&self->lock);
    struct mailbox *mailbox = self->mailbox;
    pthread_mutex_unlock(&self->lock);
    return mailbox;
}

static struct mailbox *open_mailbox(struct actor *self, bool has_way) {
    struct mailbox *mailbox = mailbox_open(&self->owner, self, has_way);
    if (mailbox == NULL)
        return NULL;
    pthread_mutex_lock(&self->lock);
    self->mailbox = mailbox;
    bool dead = atomic_load(&self->dead); /* its end did not see the mailbox */
    pthread_mutex_unlock(&self->lock);
    if (dead)
        mailbox_close(mailbox);
    return mailbox;
}

bool actor_queue_enlist(struct actor *self) {
    return open_mailbox(self, true) != NULL;
}

bool actor_queue_counts(struct actor *self) {
    return mailbox_of(self) != NULL;
}

bool actor_queue_count(struct actor *self, long limit) {
    struct mailbox *mailbox = mailbox_of(self);
    if (mailbox == NULL)
        mailbox = open_mailbox(self, false);
    if (mailbox != NULL && limit > 0)
        mailbox_limit(mailbox, limit);
    return mailbox != NULL;
}

int64_t actor_queue_rest(struct actor *self, int64_t limit) {
    pthread_mutex_lock(&self->lock);
    int64_t left = self->busy ? limit : limit - (now() - self->idle_since) / 1000;
    if (left <= 0)
        self->rested = true;
    pthread_mutex_unlock(&self->lock);
    return left > 0 ? left : 0;
}

bool actor_queue_close(struct actor *self) {
    pthread_mutex_lock(&self->lock);
    atomic_store(&self->closing, true);
    if (self->parked)
        self->busy = self->parked = false;
    bool idle = !self->busy;
    self->tell_closed = !idle;
    pthread_mutex_unlock(&self->lock);
    return idle;
}

/* A str in packed form, made without Python: any thread may end an actor. */
static void pack_text(const char *text, size_t length, struct value_packed *out) {
    ErlNifEnv *env = enif_alloc_env();
    struct value_of_term packed = {.flat = true};
    if (value_from_term(env, term_binary(env, text, length), &packed) == NULL) {
        out->bytes = packed.bytes;
        packed.bytes = (struct buffer){0};
    }
    value_of_term_free(&packed);
    enif_free_env(env);
}

void actor_queue_end(struct actor *self, const char *reason, size_t length) {
    struct value_packed packed = {0};
    if (reason != NULL)
        pack_text(reason, length, &packed);
    pthread_mutex_lock(&self->lock);
    atomic_store(&self->closing, true);
    bool first = self->down.bytes.length == 0;
    if (first)
        self->down = packed;
    pthread_mutex_unlock(&self->lock);
    if (!first)
        value_parts_free(&packed);
}

void actor_queue_return(struct actor *self, struct actor_job *job) {
    pthread_mutex_lock(&self->lock);
    job->next = self->first;
    self->first = job;
    if (self->last == NULL)
        self->last = job;
    account_queued(&self->account, 1);
    pthread_mutex_unlock(&self->lock);
    if (atomic_load(&self->dead)) /* it went meanwhile */
        actor_queue_drain(self);
}

void actor_queue_drain(struct actor *self) {
    pthread_mutex_lock(&self->lock);
    struct actor_job *job = self->first;
    struct value_packed down = self->down;
    struct actor_deferred *deferred = self->deferred;
    self->deferred = NULL;
    self->first = self->last = NULL;
    self->down = (struct value_packed){0};
    pthread_mutex_unlock(&self->lock);
    while (job != NULL) {
        struct actor_job *next = job->next;
        /* Without a reason the process was killed: its callers' monitors tell. */
        if (job->caller != NULL && down.bytes.length > 0)
            actor_reply(job->caller, job->caller_sequence, atoms.down, &down);
        actor_job_free(job);
        job = next;
    }
    actor_defer_drain(deferred, &down);
    value_parts_free(&down);
}
