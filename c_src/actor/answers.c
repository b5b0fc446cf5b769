#include "actor/answers.h"

#include "actor/job.h"
#include "actor/life.h"
#include "actor/private.h"

#include <stdlib.h>

struct answers *answers_new(size_t count) {
    struct answers *self = calloc(1, sizeof *self + count * sizeof self->calls[0]);
    if (self != NULL)
        self->count = self->open = count;
    return self;
}

/* Under the lock; it is in the list. */
static void unlist(struct answers *self) {
    struct answers *each = atomic_load(&self->actor->answers);
    if (each == self) {
        atomic_store(&self->actor->answers, self->next);
        return;
    }
    while (each->next != self)
        each = each->next;
    each->next = self->next;
}

/* Nothing comes in any more. */
static struct actor_job *end(struct answers *self) {
    pthread_mutex_lock(&self->actor->lock);
    struct actor_job *over = self->over;
    if (over != NULL)
        unlist(self);
    self->over = NULL;
    pthread_mutex_unlock(&self->actor->lock);
    return over;
}

void answers_free(struct answers *self) {
    struct actor_job *over = self != NULL && self->actor != NULL ? end(self) : NULL;
    if (over != NULL)
        actor_job_free(over);
    for (size_t i = 0; self != NULL && i < self->count; i++)
        if (self->calls[i].job != NULL)
            actor_job_free(self->calls[i].job);
    if (self != NULL && self->actor != NULL)
        actor_release(self->actor);
    free(self);
}

bool answers_begin(struct answers *self, struct actor *actor, uint64_t sequence) {
    self->over = actor_job_new(actor, WORK_RESUME, &(struct actor_job_parts){0});
    if (self->over == NULL)
        return false;
    self->over->answer = ANSWER_MANY;
    self->over->sequence = sequence;
    self->over->past_owner = true;
    self->sequence = sequence;
    self->first = actor_next_sequences(actor, self->count);
    self->actor = actor;
    actor_keep(actor);
    pthread_mutex_lock(&actor->lock);
    self->next = atomic_load(&actor->answers);
    atomic_store(&actor->answers, self);
    pthread_mutex_unlock(&actor->lock);
    return true;
}

/* Under the lock. NULL if it is none's of many. */
static struct answers *find(const struct actor_job *answer) {
    struct answers *each = atomic_load(&answer->actor->answers);
    while (each != NULL && answer->sequence - each->first >= each->count)
        each = each->next;
    return each;
}

/* Under the lock. True if it was the last one. */
static bool keep(struct answers *self, struct actor_job *answer) {
    self->calls[answer->sequence - self->first].job = answer;
    self->open--;
    return self->open == 0;
}

struct actor_job *answers_take(struct actor_job *answer) {
    struct actor *actor = answer->actor;
    struct actor_job *next = answer, *late = NULL;
    if (atomic_load(&actor->answers) == NULL)
        return answer;
    pthread_mutex_lock(&actor->lock);
    struct answers *self = find(answer);
    if (self != NULL) {
        next = NULL;
        if (self->calls[answer->sequence - self->first].job != NULL) {
            late = answer;
        } else if (keep(self, answer)) {
            next = self->over;
            self->over = NULL;
            unlist(self);
        }
    }
    pthread_mutex_unlock(&actor->lock);
    if (late != NULL)
        actor_job_free(late);
    return next;
}

/* Under the lock. */
static uint64_t *open_ones(const struct answers *self, size_t *count) {
    uint64_t *numbers = malloc(self->open * sizeof *numbers);
    *count = 0;
    for (size_t i = 0; numbers != NULL && i < self->count; i++)
        if (self->calls[i].job == NULL)
            numbers[(*count)++] = self->first + i;
    return numbers;
}

uint64_t *answers_open(struct actor *actor, uint64_t sequence, size_t *count) {
    pthread_mutex_lock(&actor->lock);
    struct answers *self = atomic_load(&actor->answers);
    while (self != NULL && self->sequence != sequence)
        self = self->next;
    uint64_t *numbers = self != NULL ? open_ones(self, count) : NULL;
    pthread_mutex_unlock(&actor->lock);
    return numbers;
}
