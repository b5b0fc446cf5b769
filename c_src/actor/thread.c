#include "actor/thread.h"

#include "actor/private.h"

void actor_thread_submit(struct actor *self, struct actor_job *job) {
    if (self->dedicated == NULL || !dedicated_submit(self->dedicated, &job->base))
        executor_submit(self->executor, &job->base);
}

bool actor_thread_is_here(const struct actor *self) {
    return self->dedicated == NULL || dedicated_is_here(self->dedicated);
}

bool actor_thread_hand_on(struct actor *self, enum actor_work work, uint64_t sequence) {
    if (actor_thread_is_here(self))
        return false;
    struct actor_job *job = actor_job_new(self, work, &(struct actor_job_parts){0});
    if (job == NULL)
        return false; /* without memory on the wrong thread: better than never */
    job->sequence = sequence;
    if (dedicated_submit(self->dedicated, &job->base))
        return true;
    actor_job_free(job);
    return false;
}

bool actor_thread_takes(struct actor *self, struct actor_job *answer) {
    bool here = actor_thread_is_here(self);
    return !here && self->run != NULL && answer->sequence == self->run_sequence &&
           dedicated_submit(self->dedicated, &answer->base);
}
