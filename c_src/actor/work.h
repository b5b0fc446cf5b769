/* What an actor's jobs do with Python: construct, handle, resume, release. */
#ifndef REBEAM_ACTOR_WORK_H
#define REBEAM_ACTOR_WORK_H

#include "run/executor.h"

/* What runs a job (actor_job_load). Takes it. GIL held, on the executor or the actor's own thread.
 */
void actor_work_run(struct job *base);

#endif
