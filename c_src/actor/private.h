/* The actor's struct, for the files of the actor topic alone:
 * actor/life.c (life and NIFs), actor/work.c (what jobs do), actor/wait.c (the plain path),
 * actor/beside.c (waits of asynchronous code), actor/context.c (context variables). */
#ifndef REBEAM_ACTOR_PRIVATE_H
#define REBEAM_ACTOR_PRIVATE_H

#include "actor/actor.h"
#include "base/buffer.h"
#include "message/mailbox.h"
#include "run/dedicated.h"
#include "run/executor.h"
#include "value/parts.h"

#include <pthread.h>
#include <stdatomic.h>

struct actor {
    struct executor *executor;
    struct dedicated *dedicated; /* its own thread, or NULL; owned */
    ErlNifPid owner;
    bool has_owner;
    atomic_bool dead;    /* the owner is gone */
    atomic_bool counted; /* in the tally: until it is dead or freed */
    atomic_bool closing; /* only STOP is taken any more; whoever waits gets ActorExit */
    bool asynchronous;   /* its context knows whose it is: code of it may run in a loop */
    bool tell_closed;    /* guarded by `lock`: the owner waits for the end of the run */

    pthread_mutex_t lock;            /* guards the queue, `busy` and `waiters` */
    struct actor_job *first, *last;  /* once closing: callers to be told that the actor is down */
    struct value_packed down;        /* the text that they are told; empty: none */
    bool busy;                       /* a job is queued on the executor, runs or is suspended */
    struct actor_job *working;       /* that job, until its run is over; actor/interrupt.c */
    uint64_t jobs_begun;             /* the number of the last one */
    struct actor_waiter *waiters;    /* threads on the plain path, innermost first */
    struct actor_deferred *deferred; /* callers of no_reply() handlers, or NULL; actor/defer.c */
    struct mailbox *mailbox;         /* its bound, or NULL; owned, set once */
    bool watched;                    /* its idle times matter: they are measured */
    bool rested;                     /* owner's NIFs: an idle time was noticed */
    int64_t idle_since;              /* microseconds; while it is not busy and is watched */

    /* Jobs on the executor only (GIL held). All references owned. */
    struct actor_job *current;      /* the job of the run */
    PyObject *instance;             /* NULL before construct */
    PyObject *run;                  /* the suspended coroutine */
    PyObject *waiting;              /* what it waits for */
    PyObject *context;              /* what its code runs in; see actor/context.c */
    atomic_uint_least64_t sequence; /* number of the last wait, never used twice */
    uint64_t run_sequence;          /* of the wait that `run` is in */
    struct actor_beside *first_beside, *last_beside; /* waits of asynchronous code */
    struct actor *next_silent, *previous_silent;     /* see actor/announce.c */
    unsigned long silent_since;                      /* the tick; 0: not in that list */
    unsigned long thread;                            /* that its run is on now; 0: none */
    bool killed;                                     /* in the list of actor/kill.c */
    bool kill_traced;                                /* its thread runs no further line */
    bool tasks_end;                                  /* asynchronous ones, after its last run */
    bool interrupting;                               /* a CallInterrupted was raised there */
    int kill_raises, kill_cancels;
    long long kill_next;        /* milliseconds, CLOCK_MONOTONIC: not to be raised before */
    long long kill_cancel_next; /* nor its tasks to be cancelled again */
    struct actor *next_killed;
};

/* The number of a new wait. GIL held; who reads it may be in another interpreter. */
static inline uint64_t actor_next_sequence(struct actor *self) {
    uint64_t next = atomic_load_explicit(&self->sequence, memory_order_relaxed) + 1;
    atomic_store_explicit(&self->sequence, next, memory_order_relaxed);
    return next;
}

/* What the owner may ask for. The last four pass the queue: they end a wait. */
enum actor_work {
    WORK_CONSTRUCT, /* make the instance; goes on with START unless it has a name */
    WORK_START,
    WORK_CONTINUE, /* @start(continues=True) */
    WORK_CALL,
    WORK_CAST,
    WORK_INFO,
    WORK_IDLE,
    WORK_STOP,
    WORK_RUN, /* a function item */
    WORK_RESUME,
    WORK_INTERRUPT, /* the job of that number shall end */
    WORK_CLOSE,
    WORK_RELEASE,
};

enum answer_kind {
    ANSWER_VALUE,
    ANSWER_REPLY,
    ANSWER_RAISE,
    ANSWER_OBJECT,   /* `object` as it is */
    ANSWER_EXCEPTION /* `object` is raised */
};

/* A call may be withdrawn until it begins. */
enum job_stage { JOB_WAITS, JOB_BEGUN, JOB_WITHDRAWN };

/* One piece of work. Owns its bytes, its environment and its references to actors. */
struct actor_job {
    struct job base;
    struct actor_job *next;
    struct actor *actor;
    enum actor_work work;
    enum answer_kind answer; /* RESUME: */
    ERL_NIF_TERM status;     /* RESUME with REPLY: the status; CAST: the status or nil */
    uint64_t sequence;       /* RESUME: of which wait; INTERRUPT: of which job */
    uint64_t number;         /* of the actor's own, once it is `working` */
    ErlNifEnv *env;          /* NULL unless something below is kept there */
    PyObject *object;        /* RESUME with OBJECT or EXCEPTION: owned */
    PyObject *recipe;        /* CONSTRUCT, RUN: borrowed from its handle */
    ERL_NIF_TERM from;       /* CALL, CAST: to be answered through the owner; nil if not */
    struct actor *caller;    /* CALL: one of our actors, answered directly */
    uint64_t caller_sequence;
    bool held;            /* CONSTRUCT: START is work of its own, as there is a name to register */
    bool admitted;        /* CALL, CAST: has a place in the mailbox, until it begins */
    atomic_bool answered; /* CALL: the caller was, or will be by `reply` */
    atomic_int stage;     /* enum job_stage */
    bool interrupted;     /* CALL: its code got CallInterrupted */
    ErlNifPid source;     /* the sender, if it is of this node */
    bool has_source;
    const unsigned char *subject, *payload, *external;      /* in `bytes`, or kept by `env` */
    size_t subject_length, payload_length, external_length; /* external: a remote sender */
    ERL_NIF_TERM parts; /* of the payload, a list kept by `env`; 0: none */
    unsigned char bytes[];
};

/* actor/job.c */
/* Payloads up to here are copied into the job; larger ones are kept by reference. */
enum { ACTOR_JOB_COPY_MAX = 1024 };
/* The parts of a job; copied, but for large payloads. `payload_term` is a term of `env`. */
struct actor_job_parts {
    ErlNifBinary subject, payload, external;
    ERL_NIF_TERM payload_term;
    bool has_parts; /* there is more to the payload than its bytes */
};
/* Looks into a payload: its bytes are then in `parts`. False if it is none. */
bool actor_job_inspect(ErlNifEnv *env, ERL_NIF_TERM term, struct actor_job_parts *parts);
/* The payload as the codec reads it, and as a term. */
struct value_payload actor_job_payload(const struct actor_job *job);
ERL_NIF_TERM actor_job_payload_term(ErlNifEnv *env, const struct actor_job *job);
/* NULL without memory. Takes no reference of the caller's. */
struct actor_job *actor_job_new(struct actor *actor, enum actor_work work,
                                const struct actor_job_parts *parts);
/* The environment of the job, made when first needed. */
ErlNifEnv *actor_job_env(struct actor_job *job);
void actor_job_free(struct actor_job *job);
/* It begins, or never will: its place in the mailbox is free. */
void actor_job_leave(struct actor_job *job);

/* actor/thread.c: dedicated actors. What begins a run goes to the thread; all else begins on the
 * executor, as the thread may be busy, and is handed on if it touches the run or the instance. */
/* To where the actor's code runs. Takes the job. Any thread. */
void actor_thread_submit(struct actor *self, struct actor_job *job);
/* True if the calling thread is the one for the actor's code. */
bool actor_thread_is_here(const struct actor *self);
/* The answer is for the run, which is to go on there: the job was taken to it. */
bool actor_thread_takes(struct actor *self, struct actor_job *answer);
/* False if it is, or there is none any more; else such a job comes to it. */
bool actor_thread_hand_on(struct actor *self, enum actor_work work, uint64_t sequence);

/* actor/queue.c: one job at a time, the others wait here. Any thread, no GIL. */
void actor_queue_add(struct actor *self, struct actor_job *job);
/* The run is over: the next job, if any, goes to the executor. True if there is none and the
 * owner waits to hear that. */
bool actor_queue_next(struct actor *self);
/* The actor takes only STOP from now on; who waits will be told `reason` (UTF-8) once the owner is
 * gone, and with it its name. The first reason counts; with NULL it is said later. */
void actor_queue_end(struct actor *self, const char *reason, size_t length);
/* The job failed or was cut off: its caller waits for the owner's end with the others. Takes it. */
void actor_queue_return(struct actor *self, struct actor_job *job);
/* Microseconds since anything ran or waited; -1 if something does. Of a watched actor. */
int64_t actor_queue_idle(struct actor *self);
/* The owner is gone: tells who waits, and empties the queue. Any thread. */
void actor_queue_drain(struct actor *self);
/* Takes the first event of that kind whose payload begins with `prefix` out of the queue. False if
 * there is none. */
bool actor_queue_withdraw(struct actor *self, const ErlNifBinary *kind, const ErlNifBinary *prefix);
/* The actor ends. True if nothing runs; else the owner is told when nothing does. */
bool actor_queue_close(struct actor *self);

/* actor/work.c */
void actor_work_run(struct job *base);
/* The code gets the exception, which is taken, where it is suspended. GIL held. */
void actor_work_fail(struct actor *self, PyObject *exception);
/* True if code of the actor that waits shall get ActorExit instead. */
bool actor_exits(struct actor *self);

/* actor/settings.c */
/* Learns what is particular about the new instance. *later as for actor_report_started: a new
 * reference. False with an exception. */
bool actor_settings_apply(struct actor *self, PyObject **later);

/* actor/report.c: messages to the owner and to callers. GIL held. */
void actor_report_word(struct actor *self, ERL_NIF_TERM word);
/* `later`: (has @start(continues=True), @idle's and hibernation's milliseconds or None), or None.
 */
void actor_report_started(struct actor *self, PyObject *name, bool has_stop, PyObject *later);
/* The exception that is set; the actor takes no more work. */
void actor_report_raised(struct actor *self);
/* A call or cast was handled with this result (borrowed). */
void actor_report_result(struct actor *self, PyObject *result);
/* The message of the current job could not be rebuilt: the exception that is set says why. */
void actor_report_refused(struct actor *self);
/* {Status, Payload} to the waiting code of one of ours. Any thread, no GIL. */
void actor_reply(struct actor *caller, uint64_t sequence, ERL_NIF_TERM status,
                 const struct value_packed *payload);

/* actor/answer.c: what comes back to waiting code. */
/* The job is a RESUME: to the thread that waits for it, or to the executor. Takes it. No GIL. */
void actor_answer_deliver(struct actor_job *job);
/* Finishes or fails the suspension. GIL held. */
void actor_answer_apply(struct actor_job *job, PyObject *suspension);
PyObject *actor_answer_status(ERL_NIF_TERM atom); /* borrowed */

/* actor/defer.c: handlers that returned no_reply(). */
/* The current job will be answered by `reply`, if at all. GIL held. */
void actor_defer(struct actor *self);
/* What `reply` needs of a CALL: a Term. A new reference, or NULL with an exception. */
PyObject *actor_defer_request(struct actor_job *job);
/* The actor is gone: tells the packed reason to who still waits. Takes it; NULL is fine. No GIL. */
void actor_defer_drain(struct actor_deferred *self, const struct value_packed *down);

/* actor/announce.c: the owner learns of a direct call only if it lasts. GIL held. */
enum announce {
    ANNOUNCE_IF_LONG, /* the run's wait */
    ANNOUNCE_AT_ONCE, /* a thread's wait */
    ANNOUNCE_BESIDE   /* a wait of asynchronous code */
};
/* Begins the wait of this number for a pending suspension. False if its owner or clients are
 * gone. */
bool actor_announce_begin(struct actor *self, PyObject *suspension, enum announce how,
                          uint64_t sequence);
/* The wait is over. */
void actor_announce_forget(struct actor *self);
/* What is to be done every few milliseconds. True while anything is left. */
bool actor_tick(void);

/* actor/kill.c: ends code that runs on after its actor died; see also actor/actor.h. GIL held. */
/* The run gets ActorExit where it waits: the next comes only if that does not end it. */
void actor_kill_told(struct actor *self);
/* The actor died: if its run is on a thread, it gets ActorExit there. */
void actor_kill_begin(struct actor *self);
/* The tasks of the dead actor swallow whatever comes: its run ends without them. */
bool actor_kill_gave_up(const struct actor *self);
/* The actor died, and nothing of it runs but asynchronous tasks, which were cancelled. */
void actor_kill_tasks(struct actor *self);
bool actor_kill_tick(void);
/* After a job, with no code of an actor's on this thread. May give the GIL away. */
void actor_kill_settle(void);
/* Raises an exception of that type in the thread on which the actor's code runs. False if that
 * cannot be done right now. */
bool actor_kill_raise(struct actor *self, unsigned long thread, PyObject *type);

/* actor/interrupt.c: a call whose caller waits no more. GIL held. */
void actor_interrupt_run(struct actor *self, struct actor_job *job);

/* actor/wait.c */
/* The thread on which the actor's run waits gets CallInterrupted there. False if none does. */
bool actor_wait_interrupt(struct actor *self);
/* Gives the answer to the thread that waits for it, and takes it. False if none does. */
bool actor_wait_answer(struct actor *self, struct actor_job *job);
/* The actor ends: wakes every waiting thread. */
void actor_wait_abandon(struct actor *self);

/* actor/life.c */
bool actor_clients(ErlNifPid *pid);
void actor_keep(struct actor *self);
/* It has no process any more, or never had one and its wait is over. Any thread. */
void actor_end(struct actor *self);
struct actor *actor_get(ErlNifEnv *env, ERL_NIF_TERM term); /* borrowed; NULL if it is none */
/* actor/state.c */
/* Actors run: threads that compute are to give way soon, unless the user chose the interval. */
void actor_tune(void);
/* A new ActorExit; never NULL but without memory. */
PyObject *actor_exit_new(void);
/* The same, a CallInterrupted. */
PyObject *actor_interrupted_new(void);

/* actor/context.c: the actor's contextvars.Context. GIL held. */
/* The code that runs until actor_context_exit, on this thread, sees the actor's variables. False
 * with an exception. */
bool actor_context_enter(struct actor *self);
void actor_context_exit(struct actor *self);
/* The context itself, which from now on tells whose it is wherever it runs. New reference, or
 * NULL. */
PyObject *actor_context_get(struct actor *self);
/* Whose context the thread runs in: borrowed, or NULL. */
struct actor *actor_context_owner(void);
/* Where its asynchronous code runs, or None: (thread, what tells a loop's task, loop, the actor's
 * tasks). May give the GIL away. A new reference. */
PyObject *actor_context_place(struct actor *self);
/* The thread of the place, if it runs the actor's code right now; else 0. Does not give the GIL
 * away: what is raised there then meets that code. */
unsigned long actor_context_thread(PyObject *place);
/* The actor is gone: cancels its tasks. True if there are any, for which it stays asynchronous. */
bool actor_context_end(struct actor *self);
void actor_context_drop(struct actor *self);

/* actor/promise.c: waits for Python itself. GIL held. */
/* Calls what the request wants called. Its answer may be there before this returns. */
void actor_promise_begin(struct actor *self, struct request *request, uint64_t sequence);
/* True if the suspension waits for Python. */
bool actor_promise_is(PyObject *suspension);
/* The actor ends. True if the wait goes on until the promise is kept, having been told. */
bool actor_promise_end(struct actor *self, PyObject *suspension);
/* True if the wait goes on until the promise is kept, having been told of the interrupt. */
bool actor_promise_interrupt(PyObject *suspension);

/* actor/beside.c: see there. GIL held. */
int actor_beside_begin(PyObject *suspension, PyObject *wake);
void actor_beside_drop(PyObject *suspension);
/* Takes the answer to the wait that the job is for. False if there is none of that number. */
bool actor_beside_answer(struct actor *self, struct actor_job *job);
/* ActorExit for the waits of this actor: of its run's own thread, or all. */
void actor_beside_end(struct actor *self, bool all);

#endif
