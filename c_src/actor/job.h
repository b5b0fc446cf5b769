/* Jobs: the pieces of an actor's work. A job owns all that it refers to; it is made and freed with
 * or without the GIL. */
#ifndef REBEAM_ACTOR_JOB_H
#define REBEAM_ACTOR_JOB_H

#include "run/executor.h"
#include "value/parts.h"

#include <erl_nif.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct actor;
struct origin;
struct handle;

/* What runs a job on the executor: registered from above, once (actor/nif.c). */
void actor_job_load(void (*run)(struct job *base));

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
    ANSWER_OBJECT,    /* `object` as it is */
    ANSWER_EXCEPTION, /* `object` is raised */
    ANSWER_MANY       /* the request has them */
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
    bool past_owner;         /* RESUME: the owner knows nothing of the answer */
    uint64_t number;         /* of the actor's own, once it is `working` */
    ErlNifEnv *env;          /* NULL unless something below is kept there */
    PyObject *object;        /* RESUME with OBJECT or EXCEPTION: owned */
    struct handle *handle;   /* CONSTRUCT, RUN: kept */
    PyObject *recipe;        /* borrowed from it */
    ERL_NIF_TERM from;       /* CALL, CAST: to be answered through the owner; nil if not */
    struct actor *caller;    /* CALL: one of our actors, answered directly */
    uint64_t caller_sequence;
    bool held;            /* CONSTRUCT: START is work of its own, as there is a name to register */
    bool admitted;        /* CALL, CAST: has a place in the mailbox, until it begins */
    atomic_bool answered; /* CALL: the caller was, or will be by `reply` */
    atomic_int stage;     /* enum job_stage */
    bool interrupted;     /* CALL: its code got CallInterrupted */
    bool seals;           /* CALL: of the owner, whose actor moves: nothing runs behind it */
    bool watched;         /* it is to be told that it is over (actor/watched.h) */
    ErlNifPid source;     /* the sender, if it is of this node */
    bool has_source;
    const unsigned char *subject, *payload, *external;      /* in `bytes`, or kept by `env` */
    size_t subject_length, payload_length, external_length; /* external: a remote sender */
    const unsigned char *origin;                            /* in `bytes`: message/origin.h */
    size_t origin_length;                                   /* 0: nothing is known */
    ERL_NIF_TERM parts; /* of the payload, a list kept by `env`; 0: none */
    unsigned char bytes[];
};

/* Payloads up to here are copied into the job; larger ones are kept by reference. */
enum { ACTOR_JOB_COPY_MAX = 1024 };
/* The parts of a job; copied, but for large payloads. `payload_term` is a term of `env`. */
struct actor_job_parts {
    ErlNifBinary subject, payload, external, origin;
    ERL_NIF_TERM payload_term;
    bool has_parts; /* there is more to the payload than its bytes */
};
/* CALL is call, and so on, for who looks in; nil for what ends a wait. */
ERL_NIF_TERM actor_job_work_atom(enum actor_work work);
/* Who sent it, or nil if that is not known. */
ERL_NIF_TERM actor_job_sender(const struct actor_job *job, ErlNifEnv *env);
/* What somebody sent, as opposed to what the owner wants done. */
bool actor_job_is_message(const struct actor_job *job);
/* A CAST that answers one of ours is answered by nobody: its source is who answered. */
bool actor_job_is_answer(const struct actor_job *job);
/* The message as it comes to a process: what it would have been, had it not passed that. 0 for what
 * is no message, or was withdrawn. */
ERL_NIF_TERM actor_job_message(ErlNifEnv *env, struct actor_job *job);
/* Looks into a payload: its bytes are then in `parts`. False if it is none. */
bool actor_job_inspect(ErlNifEnv *env, ERL_NIF_TERM term, struct actor_job_parts *parts);
/* The payload as the codec reads it, and as a term. */
struct value_payload actor_job_payload(const struct actor_job *job);
ERL_NIF_TERM actor_job_payload_term(ErlNifEnv *env, const struct actor_job *job);
/* NULL without memory. Takes no reference of the caller's. */
struct actor_job *actor_job_new(struct actor *actor, enum actor_work work,
                                const struct actor_job_parts *parts);
/* The same of a packed message, a subject, and what led there, which may be NULL. */
struct actor_job *actor_job_packed(struct actor *actor, enum actor_work work,
                                   const ErlNifBinary *subject, const struct value_packed *packed,
                                   const struct origin *origin);
/* What led to it, to go on with it. */
void actor_job_origin(const struct actor_job *job, struct origin *out);
/* The environment of the job, made when first needed. */
ErlNifEnv *actor_job_env(struct actor_job *job);
void actor_job_free(struct actor_job *job);
/* It begins, or never will: its place in the mailbox is free. */
void actor_job_leave(struct actor_job *job);

#endif
