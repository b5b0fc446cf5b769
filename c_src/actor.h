/* An actor's native half: its messages, its Python object, the wait its code is in.
 *
 * The BEAM process is the owner. Messages come to its mailbox; it passes each on
 * (actor_nif_work), and they run here one at a time, in order:
 *
 *         job from the queue             result, exception
 *   IDLE -------------------> RUNNING -----------------------> IDLE, or the next
 *                              |   ^
 *                      suspend |   | answer: value, reply or exception
 *                              v   |
 *                             WAITING
 *
 * WAITING is a coroutine on the heap, or, where CPython could not suspend, a
 * thread in actor_wait. A reply to one of our actors goes straight to its wait.
 *
 * The struct is a NIF resource. Python references in it belong to jobs on its
 * executor (GIL held). When the owner dies, the monitor only marks the actor
 * dead, wakes a waiting thread and queues a job that drops the references: what
 * still runs then sends and replies nothing any more.
 *
 * What the owner is told, as {'$rebeam', Word, ...}:
 *   started (Name | nil, HasStop)      the instance was made
 *   done                               construct, start, stop or run is over
 *   reply (From, Status, Payload, Subject)   to be passed on to who is not ours
 *   raised (Code | nil, Type, Message, Traceback, State, {Work, Subject, Payload})
 *   suspend (Sequence, Operation)      the code waits for that; see lib/rebeam/wait.ex
 *   closed                             after actor_nif_close: nothing runs any more
 */
#ifndef REBEAM_ACTOR_H
#define REBEAM_ACTOR_H

#include "interpreter.h"

#include <erl_nif.h>
#include <stdbool.h>
#include <stdint.h>

struct actor;
struct request;

/* Python objects that running actors need; one set per interpreter. */
struct actor_state {
    PyTypeObject *response; /* rebeam.Response */
    PyObject *status_ok;    /* members of rebeam.Status */
    PyObject *status_error;
    PyObject *status_timeout;
    PyObject *status_down;
    PyObject *describe;     /* rebeam._errors.describe */
    PyObject *make_error;   /* rebeam._errors.make */
    PyObject *make_event;   /* rebeam._events.make */
    PyObject *actor_exit;   /* rebeam._errors.ActorExit */
    PyObject *name_receive; /* attribute names, interned */
    PyObject *name_other;
    PyObject *name_start;
    PyObject *name_info;
    PyObject *name_stop;
    PyObject *name_name;
    struct actor *first_silent, *last_silent; /* actor_announce.c */
    struct actor *first_killed;               /* actor_kill.c */
    unsigned long ticks;
};

/* ---- used by the primitives; GIL held ---------------------------------- */

/* Whose code the calling thread runs; NULL outside actors. */
struct actor *actor_current(void);
/* False if the actor has no process of its own (a plain thread's). */
bool actor_owner(struct actor *self, ErlNifPid *pid);
/* True once the owner died: nothing may be sent for it any more. */
bool actor_is_dead(struct actor *self);
/* True if a thread waits for it on the plain path: what runs now is a signal handler. */
bool actor_waits(struct actor *self);
/* The plain path: borrows a suspension and waits on this thread for its result. */
PyObject *actor_wait(PyObject *suspension);

/* ---- set-up ------------------------------------------------------------- */

bool actor_load(ErlNifEnv *env);
/* Makes interpreter->actor. 0, or -1 with an exception. */
int actor_prepare(struct interpreter *interpreter);
/* Finds the Python names. 0, or -1 with an exception. `rebeam` must be importable. */
int actor_init(struct interpreter *interpreter);

/* What `self` is as a term for its owner; used for the script's own actor. */
struct actor *actor_new(struct executor *executor, const ErlNifPid *owner);
ERL_NIF_TERM actor_term(ErlNifEnv *env, struct actor *self);
void actor_release(struct actor *self);
/* Makes `self` the calling thread's actor; returns the one before. */
struct actor *actor_enter(struct actor *self);

/* The process that acts for threads without one. Set once by the application. */
void actor_set_clients(const ErlNifPid *pid);

struct actor_counts {
    unsigned long actors;    /* whose process lives */
    unsigned long suspended; /* coroutines waiting on the heap */
    unsigned long blocked;   /* threads waiting on the plain path */
    unsigned long abandoned; /* threads on which code of ended actors still runs */
};
struct actor_counts actor_counts(void);

/* ---- NIFs ----------------------------------------------------------------*/

/* (Handle) -> Actor */
ERL_NIF_TERM actor_nif_new(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Work, Subject, Payload | Handle, Source, Status) -> ok. Source: nil, a pid or {Pid, Tag}.
 */
ERL_NIF_TERM actor_nif_work(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Reason) -> closed | closing. Only @stop runs from now on. */
ERL_NIF_TERM actor_nif_close(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Sequence, value | reply | raise, Status, Payload) -> ok */
ERL_NIF_TERM actor_nif_resume(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
