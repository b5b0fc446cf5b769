/* What a suspended primitive wants done: a message to the actor's owner, or to
 * another process at once, or something in Python. Owned by its suspension.
 */
#ifndef REBEAM_MESSAGE_REQUEST_H
#define REBEAM_MESSAGE_REQUEST_H

#include "base/interpreter.h"
#include "message/origin.h"

#include <erl_nif.h>
#include <stdbool.h>
#include <stdint.h>

/* What code may ask for that ends: see actor_kill_refuses and actor_kill_by_client. */
enum request_kind {
    REQUEST_WAIT,
    REQUEST_OPERATION, /* over soon: code of a killed actor may ask for it */
    REQUEST_CAST       /* the same, and nothing to wait for: code that ends in order goes on */
};

struct request {
    ErlNifEnv *env;         /* owned: holds the terms; NULL once they are sent */
    ERL_NIF_TERM operation; /* for the owner: {call, ...}, {sleep, ...}, {operation, ...} */
    bool actor;             /* the target of one is an actor: why it ended will be known */
    bool direct;            /* a call that goes to a process of this node without the owner: */
    ErlNifPid target;
    ERL_NIF_TERM subject, payload;
    struct mailbox *mailbox; /* until it is sent: kept, with a place there; NULL for no actor's */
    int64_t timeout;         /* milliseconds; negative: for ever */
    bool interrupt;          /* once it is over, so is the work on the call */
    bool sleeps;             /* for the clock alone */
    enum request_kind kind;
    PyObject *begin;         /* owned: called with a promise (actor/promise.c); else NULL */
    PyObject *end;           /* owned: called with it when the actor ends; may be NULL */
    PyObject *promise;       /* owned: once `begin` was called */
    int ends_told;           /* how often `end` was called: on closing, on death */
    struct answers *answers; /* owned: of many calls (actor/many.h), in place of one; or NULL */
    struct actor_branch
        *branch;          /* of asynchronous code, which it is for (actor/branch.c); or NULL */
    struct origin origin; /* of a message */
};

/* Makes interpreter->request. 0, or -1 with an exception. */
int request_init(struct interpreter *interpreter);
/* What every primitive begins with. NULL with an exception. GIL held. */
struct request *request_new(void);
/* _rebeam._refuse(exception or None): until None, all that the calling thread asks of the runtime
 * raises the exception. For the definitions of a script (python/rebeam/_program/units.py). */
PyObject *request_refuse(PyObject *module, PyObject *exception);
/* GIL held. */
void request_free(void *request);

/* What the owner is told of a wait: `suspend` for the one that its run is in, `branch` for one of
 * the many that asynchronous code, or other threads' code, may be in. */

/* Asks the owner for the operation, as wait number `sequence`. False if the owner is gone. */
bool request_send(struct request *self, const ErlNifPid *owner, ERL_NIF_TERM word,
                  uint64_t sequence);
/* The same for a thread without a process: the client process acts for `actor`. */
bool request_send_client(struct request *self, const ErlNifPid *clients, ERL_NIF_TERM actor,
                         uint64_t sequence);

/* A direct call: the message goes to the target's process now, from `owner`, answered to `actor`.
 * False if the target is gone. */
bool request_send_direct(struct request *self, const ErlNifPid *owner, ERL_NIF_TERM actor,
                         uint64_t sequence);
/* A direct call went to the target's queue (actor/direct.h), which has its place in the mailbox. */
void request_passed(struct request *self);
/* Tells the owner of a direct call: that it waits, so that it watches target and time; or, unless
 * it was `sent`, that its target is gone. False if the owner is gone. */
bool request_announce(const struct request *self, bool sent, const ErlNifPid *owner,
                      ERL_NIF_TERM word, uint64_t sequence);
/* Tells the owner that a wait is over which it may be watching: see actor_settle. */
void request_settled(const ErlNifPid *owner, uint64_t sequence);

/* The tag of a call from one of our actors, [`$rebeam`, Sequence | Actor]. `actor` and the
 * tag are terms of `env`. */
ERL_NIF_TERM request_tag(ErlNifEnv *env, uint64_t sequence, ERL_NIF_TERM actor);
/* Takes a tag apart; false if it is none of ours. */
bool request_parse_tag(ErlNifEnv *env, ERL_NIF_TERM tag, uint64_t *sequence, ERL_NIF_TERM *actor);

#endif
