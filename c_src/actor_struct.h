/* The actor's struct, for the files of the actor topic alone:
 * actor.c (life and NIFs), actor_work.c (what jobs do), actor_wait.c (the plain path). */
#ifndef REBEAM_ACTOR_STRUCT_H
#define REBEAM_ACTOR_STRUCT_H

#include "actor.h"
#include "executor.h"

#include <pthread.h>
#include <stdatomic.h>

struct answer;

struct actor {
    struct executor *executor;
    ErlNifPid owner;
    bool has_owner;
    atomic_bool dead;

    /* Jobs on the executor only (GIL held). All references owned. */
    PyObject *instance; /* NULL before construct */
    PyObject *run;      /* the suspended coroutine */
    PyObject *waiting;  /* what it waits for */
    uint64_t sequence;  /* number of the last wait, never used twice */

    /* The call that runs now, if its caller can be answered directly. */
    ErlNifPid caller;
    uint64_t caller_sequence;
    bool has_caller;
    unsigned char work; /* enum actor_work of the run */

    struct actor_waiter *waiters; /* guarded by actor_wait_lock: innermost first */
};

/* What the owner may ask for. RESUME and RELEASE are the native part's own. */
enum actor_work {
    WORK_CONSTRUCT, /* make the instance; goes on with START unless it has a name */
    WORK_START,
    WORK_CALL,
    WORK_CAST,
    WORK_INFO,
    WORK_STOP,
    WORK_RUN, /* a function item */
    WORK_RESUME,
    WORK_RELEASE,
};

enum answer_kind { ANSWER_VALUE, ANSWER_REPLY, ANSWER_RAISE };

/* One piece of work. Owns its bytes, its environment and one reference to the actor. */
struct actor_job {
    struct job base;
    struct actor *actor;
    enum actor_work work;
    enum answer_kind answer; /* RESUME: */
    ERL_NIF_TERM status;     /* RESUME with REPLY: the status; CAST: the status or nil */
    uint64_t sequence;
    ErlNifPid source;
    bool has_source, has_caller;
    uint64_t caller_sequence;
    ErlNifEnv *env;   /* NULL unless the payload or the recipe's handle is kept there */
    PyObject *recipe; /* CONSTRUCT, RUN: borrowed from that handle */
    const unsigned char *subject, *payload, *external;
    size_t subject_length, payload_length, external_length; /* external: a remote source */
    unsigned char bytes[];
};

/* actor_work.c */
void actor_work_run(struct job *base);
/* The result of an answer: finishes or fails the suspension. GIL held. */
void actor_answer(struct actor_job *job, PyObject *suspension);
/* Sends the pending suspension's request as a new wait. GIL held. */
bool actor_send_request(struct actor *self, PyObject *suspension);

/* actor_wait.c */
/* Gives the answer to the thread that waits for it. False if none does. Takes the job then. */
bool actor_wait_answer(struct actor *self, struct actor_job *job);
/* The owner died: wakes every waiting thread of the actor. */
void actor_wait_abandon(struct actor *self);

/* actor.c */
void actor_job_free(struct actor_job *job);
bool actor_clients(ErlNifPid *pid);
extern atomic_ulong actor_suspended_count, actor_blocked_count;

#endif
