/* A thread of its own for one actor: child(..., thread="dedicated").
 *
 * What begins a run goes to it, in order, and what resumes one, so all code of the actor runs
 * there. It is idle while the code is suspended, and ends once it is closed and has no job left.
 */
#ifndef REBEAM_RUN_DEDICATED_H
#define REBEAM_RUN_DEDICATED_H

#include "run/executor.h"

#include <stdbool.h>

struct dedicated;

/* Starts the thread, for jobs in the executor's interpreter. No GIL. NULL if there can be none.
 * The caller owns it. */
struct dedicated *dedicated_new(struct executor *executor);
/* Takes the job; false if the thread was closed. Any thread. */
bool dedicated_submit(struct dedicated *self, struct job *job);
/* True on that thread. */
bool dedicated_is_here(const struct dedicated *self);
/* It ends when its jobs are done. Once is enough, more does no harm. Any thread. */
void dedicated_close(struct dedicated *self);
/* Closes it; the struct goes with the thread. NULL is fine. */
void dedicated_free(struct dedicated *self);

#endif
