/* Waits of asynchronous code: any number at once, each a branch beside the wait of the actor's run.
 *
 * Each has a number of the actor's own and is in its list, oldest first, as answers
 * mostly come in that order. The owner watches over them in lib/rebeam/actor/branches.ex. A
 * wait of code that belongs to no actor gets a nameless actor for itself, for which the
 * client process acts.
 *
 * A branch keeps its actor and owns the suspension. GIL held in every function.
 */
#ifndef REBEAM_ACTOR_BRANCH_H
#define REBEAM_ACTOR_BRANCH_H

#include "base/python.h"

#include <stdbool.h>

struct actor;
struct actor_job;

/* As suspend_waiting has them: suspend/runtime/await.h. */
int actor_branch_begin(PyObject *suspension, PyObject *wake);
void actor_branch_drop(PyObject *suspension);
/* Takes the answer to the wait that the job is for. False if there is none of that number. */
bool actor_branch_answer(struct actor *self, struct actor_job *job);
/* ActorExit for the waits of this actor: of its run's own thread, or all. */
void actor_branch_end(struct actor *self, bool all);

#endif
