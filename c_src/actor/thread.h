/* Where the code of an actor runs: on the executor's workers, or, of dedicated ones, on a thread of
 * its own.
 *
 * What begins a run goes to that thread; all else begins on the executor, as the thread may be
 * busy, and is handed on if it touches the run or the instance. Any thread. */
#ifndef REBEAM_ACTOR_THREAD_H
#define REBEAM_ACTOR_THREAD_H

#include "actor/job.h"

#include <stdbool.h>
#include <stdint.h>

struct actor;

/* To where the actor's code runs. Takes the job. Any thread. */
void actor_thread_submit(struct actor *self, struct actor_job *job);
/* True if the calling thread is the one for the actor's code. */
bool actor_thread_is_here(const struct actor *self);
/* The answer is for the run, which is to go on there: the job was taken to it. */
bool actor_thread_takes(struct actor *self, struct actor_job *answer);
/* False if it is, or there is none any more; else such a job comes to it. */
bool actor_thread_hand_on(struct actor *self, enum actor_work work, uint64_t sequence);

#endif
