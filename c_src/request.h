/* What a suspended primitive wants done: a message to the actor's owner, or to
 * another process at once. Owned by its suspension.
 */
#ifndef REBEAM_REQUEST_H
#define REBEAM_REQUEST_H

#include <erl_nif.h>
#include <stdbool.h>
#include <stdint.h>

struct request {
    ErlNifEnv *env;         /* owned: holds the terms below */
    ERL_NIF_TERM operation; /* for the owner: {call, ...}, {sleep, ...}, {operation, ...} */
    bool direct;            /* a call that goes to a process of this node without a detour: */
    ErlNifPid target;
    ERL_NIF_TERM message;   /* {rebeam, Subject, Payload} */
    ERL_NIF_TERM timeout;   /* milliseconds or infinity */
};

/* NULL without memory. */
struct request *request_new(void);
void request_free(void *request);

/* Sends the request for `self_term`/`owner`, the waiting actor, as its wait number
 * `sequence`. With direct, the owner learns of it first, so that the reply cannot
 * overtake. False if the owner is gone. The environment is empty afterwards. */
bool request_send(struct request *self, const ErlNifPid *owner, uint64_t sequence);
/* The same for a thread without a process: the client process acts for it. */
bool request_send_client(struct request *self, const ErlNifPid *clients, ERL_NIF_TERM actor,
                         uint64_t sequence);

#endif
