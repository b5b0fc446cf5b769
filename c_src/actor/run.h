/* The course of a run, from where it first stops to where it is over. GIL held, on the thread for
 * the actor's code; the run is the current job's. What fails there is reported. */
#ifndef REBEAM_ACTOR_RUN_H
#define REBEAM_ACTOR_RUN_H

#include "suspend/runtime/step.h"

struct actor;
struct actor_job;

/* Acts on what a run came to; takes `run` and `out`. Suspensions that are done already are no
 * waits: the run just goes on. */
void actor_run_follow(struct actor *self, enum suspend_outcome outcome, PyObject *run,
                      PyObject *out);
/* The suspended run, which there is, gets the answer, which stays the caller's. */
void actor_run_answer(struct actor *self, struct actor_job *answer);
/* It gets the exception, which is taken, where it is suspended. */
void actor_run_fail(struct actor *self, PyObject *exception);
/* The current job came to this result, which is taken: tells who is to hear of it. */
void actor_run_report(struct actor *self, PyObject *result);
/* The run is over: the next job may begin. */
void actor_run_over(struct actor *self);

#endif
