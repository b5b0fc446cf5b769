/* What an actor has done and what it is at, for those who look in from outside.
 *
 *   IDLE --account_runs--> RUNS --account_waits--> WAITS --account_runs--> ...
 *     ^                      | \--account_blocks--> BLOCKS --account_runs--> ...
 *     \-----account_leaves---/
 *
 * Written by the thread that its run is on (GIL held), `queued` under the actor's lock: plain
 * stores, none of which waits. Read by anybody at any time, without the GIL: each number is whole,
 * and two of them may be of different moments.
 */
#ifndef REBEAM_ACTOR_ACCOUNT_H
#define REBEAM_ACTOR_ACCOUNT_H

#include "base/python.h"

#include <erl_nif.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct request;

enum account_state { ACCOUNT_IDLE, ACCOUNT_RUNS, ACCOUNT_WAITS, ACCOUNT_BLOCKS };
/* What it waits for. */
enum account_purpose { ACCOUNT_CALL, ACCOUNT_OPERATION, ACCOUNT_SLEEP, ACCOUNT_PYTHON };
enum account_kind {
    ACCOUNT_NONE,
    ACCOUNT_SCRIPT,
    ACCOUNT_ACTOR,
    ACCOUNT_MACHINE,
    ACCOUNT_FUNCTION
};

struct account {
    atomic_int_least64_t busy;     /* nanoseconds on a thread, without the present piece */
    atomic_int_least64_t since;    /* in its state; nanoseconds, CLOCK_MONOTONIC */
    atomic_int_least64_t begun;    /* its present run; 0: there is none */
    atomic_uint_least64_t handled; /* messages */
    _Atomic(ERL_NIF_TERM) target;  /* the process that it waits for; 0: its own one knows */
    atomic_uint queued;            /* jobs that wait in its queue */
    atomic_uint branches;          /* waits of its asynchronous code */
    atomic_ushort name;            /* of its class or function; see account_name */
    atomic_uchar state, purpose, kind;
};

/* Its code runs, on this thread. */
void account_runs(struct account *self);
/* It has left the thread. */
void account_leaves(struct account *self);
/* What it was at is over, a message or something else. */
void account_rests(struct account *self, bool message);
/* It waits for that, without a thread; called when it has left. */
void account_waits(struct account *self, const struct request *request);
/* The same, keeping its thread, on which account_runs is called when it goes on. */
void account_blocks(struct account *self, const struct request *request);
void account_queued(struct account *self, int change);
void account_branches(struct account *self, int change);

/* It is one of that kind, of that class, or of that function. GIL held; no exception is left. */
void account_of_class(struct account *self, enum account_kind kind, PyTypeObject *class);
void account_of_function(struct account *self, PyObject *function);
/* The text of a name; lives for ever. */
const char *account_name(unsigned number);

#endif
