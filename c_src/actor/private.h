/* The actor's struct, for the files of this folder alone; its states are drawn in actor/actor.h. */
#ifndef REBEAM_ACTOR_PRIVATE_H
#define REBEAM_ACTOR_PRIVATE_H

#include "actor/account.h"
#include "actor/handler.h"
#include "base/python.h"
#include "message/mailbox.h"
#include "run/dedicated.h"
#include "run/executor.h"
#include "value/parts.h"

#include <erl_nif.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct actor {
    /* All that a survey reads of each: close together, as memory is what it waits for. */
    struct actor *next_by_pid; /* guarded by the lock of actor/directory.c, as `listed_by_pid` */
    ErlNifPid owner;
    struct executor *executor;
    struct mailbox *mailbox; /* how senders find it, or NULL; owned, set once */
    struct account account;  /* atomics */
    atomic_bool dead;        /* the owner is gone, or its one wait is over */
    bool listed_by_pid;

    struct dedicated *dedicated; /* its own thread, or NULL; owned */
    bool has_owner;
    bool body;           /* of a script: it runs on Python's main thread, without jobs */
    int64_t output;      /* whose group leader gets what its code prints (output/output.h) */
    ErlNifPid server;    /* without an owner: the process that works for its wait */
    bool served;         /* there is one; guarded by `lock`, both */
    atomic_bool counted; /* in the tally: until it is dead or freed */
    atomic_bool closing; /* only STOP is taken any more; whoever waits gets ActorExit */
    bool asynchronous;   /* its context knows whose it is: code of it may run in a loop */
    bool tell_closed;    /* guarded by `lock`: the owner waits for the end of the run */

    pthread_mutex_t lock;            /* guards the queue, `busy` and `waiters` */
    struct actor_job *first, *last;  /* once closing: callers to be told that the actor is down */
    struct value_packed down;        /* the text that they are told; empty: none */
    bool busy;                       /* a job is queued on the executor, runs or is suspended */
    bool sealed, parked, left;       /* it moves; guarded by `lock`, all: actor/leave.h */
    struct actor_job *working;       /* that job, until its run is over; actor/interrupt.c */
    uint64_t jobs_begun;             /* the number of the last one */
    struct actor_waiter *waiters;    /* threads on the plain path, innermost first */
    struct answers *_Atomic answers; /* of many calls; written under the lock; actor/answers.c */
    struct actor_asked *asked;       /* who waits for its start, or NULL; actor/asked.c */
    struct actor_deferred *deferred; /* callers of no_reply() handlers, or NULL; actor/defer.c */
    bool watched;                    /* its idle times matter: they are measured */
    bool rested;                     /* an idle time was noticed: the next message tells */
    int64_t idle_since;              /* microseconds; while it is not busy and is watched */

    /* Jobs on the executor only (GIL held). All references owned. */
    struct actor_job *current;      /* the job of the run */
    PyObject *instance;             /* NULL before construct */
    struct handler_table table;     /* of its class */
    unsigned stop_version;          /* of the class, as it was looked for @stop */
    bool stops;                     /* the owner knows of one: handlers end before it */
    PyObject *run;                  /* the suspended coroutine */
    PyObject *waiting;              /* what it waits for */
    PyObject *context;              /* what its code runs in; see actor/context.c */
    atomic_uint_least64_t sequence; /* number of the last wait, never used twice */
    uint64_t run_sequence;          /* of the wait that `run` is in */
    struct actor_branch *first_branch, *last_branch; /* waits of asynchronous code */
    struct actor *next_silent, *previous_silent;     /* see actor/announce.c */
    unsigned long silent_since;                      /* the tick; 0: not in that list */
    unsigned long thread;                            /* that its run is on now; 0: none */
    PyThreadState *thread_state;                     /* its; borrowed, while there is one */
    bool listed;                                     /* in the list of actor/kill.c */
    bool abandoned;                                  /* in the tally: it died, and is listed */
    bool kill_traced;                                /* its thread runs no further line */
    bool tasks_end;                                  /* asynchronous ones, after its last run */
    bool interrupting;                               /* an exception was raised there that is not
                                                        for what its thread does next */
    bool told;                                       /* of its run: it heard of the end */
    unsigned char relayed;                           /* casts, since its code waited for one */
    int kill_raises, kill_cancels;
    unsigned long raises;       /* how often something was raised in a thread of its */
    long long kill_next;        /* milliseconds, CLOCK_MONOTONIC: not to be raised before */
    long long kill_cancel_next; /* nor its tasks to be cancelled again */
    struct actor *next_ending;

    ErlNifPid tracer; /* guarded by `lock`; of a traced actor: actor/tracing.c */
    atomic_bool traced;
    atomic_long trace_left; /* messages that are told of yet */
};

#endif
