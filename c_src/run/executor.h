/* An executor owns one interpreter: it runs jobs in it, in order, one at a time.
 *
 * Any thread may submit; nothing but a short lock is taken then, so a NIF on a
 * normal scheduler may. Jobs run on the executor's workers: OS threads with
 * large stacks and one permanent thread state each.
 *
 *                 promoted                   queue empty
 *   PARKED ------------------> OWNER <--------------------- (spins, then sleeps)
 *     ^                          |
 *     |  job ended               | its job blocks (executor_block)
 *     +------------ DETACHED <---+ or lasts too long (the monitor)
 *
 * At most one worker is OWNER: it alone takes jobs off the queue. A worker
 * whose job blocks or goes on for long is DETACHED: it finishes that job alone,
 * while a parked worker, or a new one, becomes OWNER. So no job can keep others
 * from running, and no number of blocked jobs can use the workers up.
 */
#ifndef REBEAM_RUN_EXECUTOR_H
#define REBEAM_RUN_EXECUTOR_H

#include "base/python.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Embedded in what the submitter allocates. `run` is called once, on a worker,
 * GIL held, and disposes of the job. */
struct job {
    struct job *next;
    void (*run)(struct job *self);
};

/* What there is of an interpreter's besides; whose it is counts it here. Any thread. */
struct executor_tally {
    atomic_ulong actors;    /* whose process lives */
    atomic_ulong suspended; /* coroutines waiting on the heap */
    atomic_ulong blocked;   /* threads waiting on the plain path */
    atomic_ulong abandoned; /* threads on which code of ended actors still runs */
    atomic_ulong handles;   /* that live */
    atomic_ulong dedicated; /* threads of actors that have their own */
};

struct executor_counts {
    unsigned long threads;  /* workers that exist */
    unsigned long detached; /* of these, finishing a long or blocked job */
    unsigned long queued;   /* jobs that wait */
    unsigned long jobs;     /* jobs run since the start */
    unsigned long actors, suspended, blocked, abandoned, handles, dedicated; /* the tally */
};

/* What a worker works on has had that thread for so many seconds. GIL held. False, without having
 * given it away, if that is no news: it is asked again after as many. */
typedef bool (*executor_stuck)(void *what, unsigned long thread, long seconds);

/* For the current interpreter. GIL held. Starts no thread yet. NULL without memory. `tick` and
 * `stuck` are registered from above: see executor_tick and executor_works_on. */
struct executor *executor_new(bool (*tick)(void), executor_stuck stuck);

/* Of the jobs. Any thread. */
PyInterpreterState *executor_interpreter(struct executor *self);

/* Takes the job. Any thread, with or without the GIL. False if no worker could
 * be started at all; the job is then still queued for the next one. */
bool executor_submit(struct executor *self, struct job *job);

/* Has the tick run as a job, every few milliseconds, for as long as it returns true; call again
 * when there is something new for it. Any thread with the GIL. */
void executor_tick(struct executor *self);

/* The calling thread is about to wait: if it is an OWNER it becomes DETACHED.
 * Does nothing on other threads. With or without the GIL. */
void executor_block(void);

/* What the calling worker works on from now on, or NULL, for `stuck`; it stays for that long. Only
 * notes that on workers, and tells the time on all threads, as executor_clock. GIL held. */
int64_t executor_works_on(void *what);

/* Nanoseconds of CLOCK_MONOTONIC, for who counts what jobs take: on a worker as the monitor saw it
 * last, some milliseconds ago, which costs nothing; over many jobs the parts of each are right. Any
 * thread. */
int64_t executor_clock(void);

/* The calling worker ends with its job: what was cut off there may have left things of the thread's
 * undone, such as its running event loop. Does nothing on other threads. */
void executor_retire(void);

/* Of the interpreter: 0 is the main one. Any thread. */
int64_t executor_number(const struct executor *self);

struct executor_tally *executor_tally(struct executor *self);

/* NULL: of all executors together. */
struct executor_counts executor_counts(struct executor *self);

#endif
