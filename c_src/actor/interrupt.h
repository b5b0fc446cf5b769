/* A call whose caller waits no more, and wants its work stopped: call(..., interrupt=True).
 *
 *   queued ----------------------------> withdrawn, as if it had never come
 *   begun --CallInterrupted, once------> the handler ends with it: the actor crashed
 *      \                           \---> or catches it and ends: the actor goes on
 *       \--still working in a second---> its process ends (lib/rebeam/actor/interrupt.ex), and
 *                                        actor/kill.h has what still runs
 *
 * A job is found by its caller, under the actor's lock: so what is hit is that call's work
 * and nothing else's. The exception comes from a job of the executor that knows the number of
 * the job it is for; a wait or the end of the run takes back what did not come through. Without
 * memory for that job the call's process ends in a second.
 */
#ifndef REBEAM_ACTOR_INTERRUPT_H
#define REBEAM_ACTOR_INTERRUPT_H

#include <erl_nif.h>

struct actor;
struct actor_job;

/* (Actor, {Pid, Tag}) -> withdrawn | working | over. The caller waits no more: a call that has not
 * begun is taken back; code that works on it gets CallInterrupted, once. */
ERL_NIF_TERM actor_nif_interrupt(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* What an INTERRUPT does. GIL held. */
void actor_interrupt_run(struct actor *self, struct actor_job *job);

#endif
