/* What an actor has done and what it is at, for those who look in from outside.
 *
 *   IDLE --account_runs--> RUNS --account_waits--> WAITS --account_runs--> ...
 *     ^                      | \--account_blocks--> BLOCKS --account_runs--> ...
 *     \-----account_leaves---/
 *
 * Written by the thread that its run is on (GIL held), `queued` under the actor's lock: plain
 * stores, none of which waits. `now` is what executor_clock says. Read by anybody at any time,
 * without the GIL: each number is whole, and two of them may be of different moments.
 */
#ifndef REBEAM_ACTOR_ACCOUNT_H
#define REBEAM_ACTOR_ACCOUNT_H

#include "base/python.h"
#include "message/request.h"

#include <erl_nif.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

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
    atomic_int_least64_t begun;    /* its present run, once that has lasted; 0: it has not */
    atomic_uint_least64_t handled; /* messages */
    _Atomic(ERL_NIF_TERM) target;  /* the process that it waits for; 0: its own one knows */
    atomic_uint queued;            /* jobs that wait in its queue */
    atomic_uint branches;          /* waits of its asynchronous code */
    atomic_ushort name;            /* of its class or function; see account_name */
    atomic_uchar state, purpose, kind;
};

#define ACCOUNT_LOAD(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define ACCOUNT_STORE(field, value) atomic_store_explicit(&(field), value, memory_order_relaxed)

/* Its code runs, on this thread. */
static inline void account_runs(struct account *self, int64_t now) {
    ACCOUNT_STORE(self->since, now);
    ACCOUNT_STORE(self->state, ACCOUNT_RUNS);
}

/* It has left the thread. */
static inline void account_leaves(struct account *self, int64_t now) {
    int64_t since = ACCOUNT_LOAD(self->since);
    if (now != since) { /* the clock goes on in steps */
        if (ACCOUNT_LOAD(self->state) == ACCOUNT_RUNS)
            ACCOUNT_STORE(self->busy, ACCOUNT_LOAD(self->busy) + now - since);
        if (ACCOUNT_LOAD(self->begun) == 0)
            ACCOUNT_STORE(self->begun, since);
        ACCOUNT_STORE(self->since, now);
    }
    ACCOUNT_STORE(self->state, ACCOUNT_IDLE);
}

/* What it was at is over, a message or something else. */
static inline void account_rests(struct account *self, bool message) {
    if (ACCOUNT_LOAD(self->begun) != 0)
        ACCOUNT_STORE(self->begun, 0);
    if (message)
        ACCOUNT_STORE(self->handled, ACCOUNT_LOAD(self->handled) + 1);
}

static inline enum account_purpose account_purpose_of(const struct request *request) {
    if (request->begin != NULL)
        return ACCOUNT_PYTHON;
    if (request->kind == REQUEST_OPERATION)
        return ACCOUNT_OPERATION;
    return request->sleeps ? ACCOUNT_SLEEP : ACCOUNT_CALL;
}

/* Nanoseconds of the present run so far, which is on a thread. */
static inline int64_t account_lasted(const struct account *self, int64_t now) {
    int64_t begun = ACCOUNT_LOAD(self->begun);
    return now - (begun != 0 ? begun : ACCOUNT_LOAD(self->since));
}

/* It waits for that, without a thread; called when it has left. */
static inline void account_waits(struct account *self, const struct request *request) {
    ACCOUNT_STORE(self->target, request->direct ? request->target.pid : 0);
    ACCOUNT_STORE(self->purpose, account_purpose_of(request));
    ACCOUNT_STORE(self->state, ACCOUNT_WAITS);
    if (ACCOUNT_LOAD(self->begun) == 0)
        ACCOUNT_STORE(self->begun, ACCOUNT_LOAD(self->since));
}

/* The same, keeping its thread, on which account_runs is called when it goes on. */
static inline void account_blocks(struct account *self, const struct request *request,
                                  int64_t now) {
    account_leaves(self, now);
    account_waits(self, request);
    ACCOUNT_STORE(self->state, ACCOUNT_BLOCKS);
}

static inline void account_queued(struct account *self, int change) {
    ACCOUNT_STORE(self->queued, ACCOUNT_LOAD(self->queued) + (unsigned)change);
}

static inline void account_branches(struct account *self, int change) {
    ACCOUNT_STORE(self->branches, ACCOUNT_LOAD(self->branches) + (unsigned)change);
}

/* It is one of that kind, of that class, or of that function. GIL held; no exception is left. */
void account_of_class(struct account *self, enum account_kind kind, PyTypeObject *class);
void account_of_function(struct account *self, PyObject *function);
/* It is read no more: what it counted stays in the sums of its name. */
void account_ends(const struct account *self);
/* Those sums. */
struct account_sum {
    uint64_t handled;
    int64_t busy;
};
struct account_sum account_ended(unsigned name);
/* Names are numbered from 0, which is none, to below this. */
unsigned account_names(void);
/* The text of a name; lives for ever. */
const char *account_name(unsigned number);

#endif
