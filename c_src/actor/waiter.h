/* Threads that wait on the plain path (actor/wait.h): each has a waiter on its stack, which is in
 * its actor's list. The answer comes from a scheduler's thread, which only fills in the job and
 * signals.
 *
 * Any thread, no GIL; the list is guarded by the actor's lock. */
#ifndef REBEAM_ACTOR_WAITER_H
#define REBEAM_ACTOR_WAITER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct actor;
struct actor_job;

struct actor_waiter {
    struct actor_waiter *outer; /* a signal handler may wait inside a wait */
    uint64_t sequence;
    struct actor_job *answer; /* owned by the waiter once set */
    bool abandoned;           /* the actor ends, or: */
    bool interrupted;         /* its caller waits no more */
    bool branch;              /* not the wait of the actor's run */
    pthread_cond_t answered;
};

/* True if this thread waits for it on the plain path: what runs now is a signal handler. */
bool actor_waits(struct actor *self);
/* Gives the answer to the thread that waits for it, and takes it. False if none does. */
bool actor_waiter_answer(struct actor *self, struct actor_job *job);
/* The actor ends: wakes every waiting thread. */
void actor_waiter_abandon(struct actor *self);
/* The thread on which the actor's run waits gets CallInterrupted there. False if none does. */
bool actor_waiter_interrupt(struct actor *self);

#endif
