/* The actor's struct, for the files of the actor topic alone:
 * actor.c (life and NIFs), actor_work.c (what jobs do), actor_wait.c (the plain path). */
#ifndef REBEAM_ACTOR_STRUCT_H
#define REBEAM_ACTOR_STRUCT_H

#include "actor.h"
#include "buffer.h"
#include "executor.h"

#include <pthread.h>
#include <stdatomic.h>

struct actor {
    struct executor *executor;
    ErlNifPid owner;
    bool has_owner;
    atomic_bool dead;    /* the owner is gone */
    atomic_bool counted; /* in actor_count: until it is dead or freed */
    atomic_bool closing; /* only STOP is taken any more; whoever waits gets ActorExit */
    bool tell_closed;    /* guarded by `lock`: the owner waits for the end of the run */

    pthread_mutex_t lock;           /* guards the queue, `busy` and `waiters` */
    struct actor_job *first, *last; /* once closing: callers to be told that the actor is down */
    struct buffer down;             /* the packed text that they are told; empty: none */
    bool busy;                      /* a job is queued on the executor, runs or is suspended */
    struct actor_waiter *waiters;   /* threads on the plain path, innermost first */

    /* Jobs on the executor only (GIL held). All references owned. */
    struct actor_job *current;                   /* the job of the run */
    PyObject *instance;                          /* NULL before construct */
    PyObject *run;                               /* the suspended coroutine */
    PyObject *waiting;                           /* what it waits for */
    uint64_t sequence;                           /* number of the last wait, never used twice */
    struct actor *next_silent, *previous_silent; /* see actor_announce.c */
    unsigned long silent_since;                  /* the tick; 0: not in that list */
    unsigned long thread;                        /* that runs its code now; 0: none */
    bool killed;                                 /* in the list of actor_kill.c */
    int kill_raises;
    long long kill_next; /* milliseconds, CLOCK_MONOTONIC: not to be raised before */
    struct actor *next_killed;
};

/* What the owner may ask for. The last three pass the queue: they end a wait. */
enum actor_work {
    WORK_CONSTRUCT, /* make the instance; goes on with START unless it has a name */
    WORK_START,
    WORK_CALL,
    WORK_CAST,
    WORK_INFO,
    WORK_STOP,
    WORK_RUN, /* a function item */
    WORK_RESUME,
    WORK_CLOSE,
    WORK_RELEASE,
};

enum answer_kind { ANSWER_VALUE, ANSWER_REPLY, ANSWER_RAISE };

/* One piece of work. Owns its bytes, its environment and its references to actors. */
struct actor_job {
    struct job base;
    struct actor_job *next;
    struct actor *actor;
    enum actor_work work;
    enum answer_kind answer; /* RESUME: */
    ERL_NIF_TERM status;     /* RESUME with REPLY: the status; CAST: the status or nil */
    uint64_t sequence;       /* RESUME: of which wait */
    ErlNifEnv *env;          /* NULL unless something below is kept there */
    PyObject *recipe;        /* CONSTRUCT, RUN: borrowed from its handle */
    ERL_NIF_TERM from;       /* CALL, CAST: to be answered through the owner; nil if not */
    struct actor *caller;    /* CALL: one of our actors, answered directly */
    uint64_t caller_sequence;
    bool answered;    /* CALL: the caller was */
    ErlNifPid source; /* the sender, if it is of this node */
    bool has_source;
    const unsigned char *subject, *payload, *external;      /* in `bytes`, or kept by `env` */
    size_t subject_length, payload_length, external_length; /* external: a remote sender */
    unsigned char bytes[];
};

/* actor_job.c */
/* Payloads up to here are copied into the job; larger ones are kept by reference. */
enum { ACTOR_JOB_COPY_MAX = 1024 };
/* The parts of a job; copied, but for large payloads. `payload_term` is a term of `env`. */
struct actor_job_parts {
    ErlNifBinary subject, payload, external;
    ERL_NIF_TERM payload_term;
};
/* NULL without memory. Takes no reference of the caller's. */
struct actor_job *actor_job_new(struct actor *actor, enum actor_work work,
                                const struct actor_job_parts *parts);
/* The environment of the job, made when first needed. */
ErlNifEnv *actor_job_env(struct actor_job *job);
void actor_job_free(struct actor_job *job);

/* actor_queue.c: one job at a time, the others wait here. Any thread, no GIL. */
void actor_queue_add(struct actor *self, struct actor_job *job);
/* The run is over: the next job, if any, goes to the executor. True if there is none and the
 * owner waits to hear that. */
bool actor_queue_next(struct actor *self);
/* The actor takes only STOP from now on; who waits will be told `reason` (UTF-8) once the owner is
 * gone, and with it its name. The first reason counts. */
void actor_queue_end(struct actor *self, const char *reason, size_t length);
/* The job failed or was cut off: its caller waits for the owner's end with the others. Takes it. */
void actor_queue_return(struct actor *self, struct actor_job *job);
/* The owner is gone: tells who waits, and empties the queue. Any thread. */
void actor_queue_drain(struct actor *self);
/* The actor ends. True if nothing runs; else the owner is told when nothing does. */
bool actor_queue_close(struct actor *self);

/* actor_work.c */
void actor_work_run(struct job *base);
/* True if code of the actor that waits shall get ActorExit instead. */
bool actor_exits(struct actor *self);

/* actor_report.c: messages to the owner and to callers. GIL held. */
void actor_report_word(struct actor *self, ERL_NIF_TERM word);
void actor_report_started(struct actor *self, PyObject *name, bool has_stop);
/* The exception that is set; the actor takes no more work. */
void actor_report_raised(struct actor *self);
/* A call or cast was handled with this result (borrowed). */
void actor_report_result(struct actor *self, PyObject *result);
/* The message of the current job could not be rebuilt: the exception that is set says why. */
void actor_report_refused(struct actor *self);
/* {Status, Payload} to the waiting code of one of ours. Any thread, no GIL. */
void actor_reply(struct actor *caller, uint64_t sequence, ERL_NIF_TERM status, const void *payload,
                 size_t length);

/* actor_answer.c: what comes back to waiting code. */
/* The job is a RESUME: to the thread that waits for it, or to the executor. Takes it. No GIL. */
void actor_answer_deliver(struct actor_job *job);
/* Finishes or fails the suspension. GIL held. */
void actor_answer_apply(struct actor_job *job, PyObject *suspension);
PyObject *actor_answer_status(ERL_NIF_TERM atom); /* borrowed */

/* actor_announce.c: the owner learns of a direct call only if it lasts. GIL held. */
/* Begins the wait for a pending suspension. False if its owner or clients are gone. */
bool actor_announce_begin(struct actor *self, PyObject *suspension, bool at_once);
/* The wait is over. */
void actor_announce_forget(struct actor *self);
/* What is to be done every few milliseconds. True while anything is left. */
bool actor_tick(void);

/* actor_kill.c: ends code that runs on after its actor died. GIL held. */
void actor_kill_begin(struct actor *self);
/* The code has ended; it ran on `thread`. */
void actor_kill_end(struct actor *self, unsigned long thread);
bool actor_kill_tick(void);

/* actor_wait.c */
/* Gives the answer to the thread that waits for it, and takes it. False if none does. */
bool actor_wait_answer(struct actor *self, struct actor_job *job);
/* The actor ends: wakes every waiting thread. */
void actor_wait_abandon(struct actor *self);

/* actor.c */
bool actor_clients(ErlNifPid *pid);
void actor_keep(struct actor *self);
/* It has no process any more, or never had one and its wait is over. Any thread. */
void actor_end(struct actor *self);
struct actor *actor_get(ErlNifEnv *env, ERL_NIF_TERM term); /* borrowed; NULL if it is none */
/* actor_state.c */
/* A new ActorExit; never NULL but without memory. */
PyObject *actor_exit_new(void);

extern atomic_ulong actor_suspended_count, actor_blocked_count, actor_abandoned_count;

#endif
