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
 *   started (Name | nil, HasStop, Later | nil)   the instance was made: see actor/idle.ex
 *   done                               construct, start, stop or run is over
 *   reply (From, Status, Payload, Subject)   to be passed on to who is not ours
 *   raised (Code | nil, Type, Message, Traceback, State, {Work, Subject, Payload})
 *   suspend (Sequence, Operation)      the code waits for that; see lib/rebeam/actor/wait.ex
 *   wake                               a message came after an idle time (actor_nif_idle)
 *   beside (Sequence, Operation)       asynchronous code does, beside other waits: branches.ex
 *   settled (Sequence)                 and does no more
 *   closed                             after actor_nif_close: nothing runs any more
 */
#ifndef REBEAM_ACTOR_ACTOR_H
#define REBEAM_ACTOR_ACTOR_H

#include "base/interpreter.h"

#include <erl_nif.h>
#include <stdbool.h>
#include <stdint.h>

struct actor;
struct request;
struct suspend_waiting;

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
    PyObject *actor_kill;   /* rebeam._errors.ActorKill */
    PyObject *interrupted;  /* rebeam._errors.CallInterrupted */
    PyObject *settings;     /* rebeam._genpy.settings */
    PyObject *name_receive; /* attribute names, interned */
    PyObject *name_other;
    PyObject *name_start;
    PyObject *name_continue;
    PyObject *name_info;
    PyObject *name_idle;
    PyObject *name_stop;
    PyObject *name_name;
    PyObject *variable;      /* the ContextVar that tells whose context it is: a capsule */
    PyObject *spare_context; /* an empty Context, or NULL */
    PyObject *ended;         /* called with the context of an asynchronous actor; or NULL */
    PyObject *place;         /* where an asynchronous actor's code runs; or NULL */
    PyTypeObject *promise;   /* _rebeam.Promise */
    struct actor *first_silent, *last_silent; /* actor/announce.c */
    struct actor *first_killed;               /* actor/kill.c */
    bool signalled;                           /* an exception was taken back; actor_kill_settle */
    unsigned long ticks;
    bool tuned; /* actor_tune has looked */
};

/* ---- used by the primitives; GIL held ---------------------------------- */

/* Whose code the calling thread runs; NULL outside actors. Borrowed. Asynchronous code belongs to
 * the actor in whose context it runs, on whatever thread. */
struct actor *actor_current(void);
/* The same without asynchronous code. */
struct actor *actor_of_thread(void);
/* False if the actor has no process of its own (a plain thread's). */
bool actor_owner(struct actor *self, ErlNifPid *pid);
/* True once the owner died: nothing may be sent for it any more. */
bool actor_is_dead(struct actor *self);
/* True if this thread waits for it on the plain path: what runs now is a signal handler. */
bool actor_waits(struct actor *self);
/* How primitives wait outside runs (suspend/suspend.h). */
extern const struct suspend_waiting actor_waiting;
/* Called when an ActorKill is raised (rebeam._errors): the thread runs no further line. */
PyObject *actor_kill_hard(PyObject *module, PyObject *unused);
/* The plain path: borrows a suspension and waits on this thread for its result. */
PyObject *actor_wait(PyObject *suspension);

/* _suspend(begin, end=None), as a primitive's `begin`. */
PyObject *actor_promise_suspend(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
/* Makes the type Promise and adds what Python needs of asynchronous actors. 0, or -1. */
int actor_promise_init(struct interpreter *interpreter, PyObject *module);

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
/* The actor's run goes on, on this thread: should the owner die, it gets ActorExit there. If it is
 * dead already, the code has heard of that. GIL held, both (actor/kill.c). */
void actor_kill_enter(struct actor *self);
/* It is over, or waits: from now on another thread may go on with it, or with the next. */
void actor_kill_leave(struct actor *self);

/* Its code runs on the calling thread, without jobs. */
void actor_run_here(struct actor *self);

/* The process that acts for threads without one. Set once by the application. */
void actor_set_clients(const ErlNifPid *pid);

/* ---- NIFs ----------------------------------------------------------------*/

/* (Recipe, shared | dedicated) -> Actor. A recipe is a handle, or {Handle, Packed}: called with
 * what is packed. Dedicated: its code runs on a thread of its own. */
ERL_NIF_TERM actor_nif_new(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Work, Subject, Payload | Recipe, Source, Status) -> ok | overloaded. Source: nil, a pid
 * or {Pid, Tag}. Overloaded: a call or cast for which a bounded mailbox has no place; dropped. */
ERL_NIF_TERM actor_nif_work(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Kind, Prefix) -> true | false. Takes back the first queued event of that kind (info with
 * that subject) whose payload begins so; false if there is none. */
ERL_NIF_TERM actor_nif_withdraw(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, {Pid, Tag}) -> withdrawn | working | over. The caller waits no more: a call that has not
 * begun is taken back; code that works on it gets CallInterrupted, once. */
ERL_NIF_TERM actor_nif_interrupt(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Reason) -> closed | closing. Only @stop runs from now on. */
ERL_NIF_TERM actor_nif_close(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Sequence, value | reply | raise, Status, Payload) -> ok */
ERL_NIF_TERM actor_nif_resume(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

/* (Tag, Status, Payload) -> true; false if the tag of a call is none of this node's actors'. */
ERL_NIF_TERM actor_nif_reply(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Milliseconds) -> 0 if nothing ran or waited for that long: then the next message makes
 * the actor send {'$rebeam', wake}. Else how many milliseconds are left. */
ERL_NIF_TERM actor_nif_idle(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
