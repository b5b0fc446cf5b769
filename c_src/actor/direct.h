/* The short way: a message goes from its sender's thread to the target's queue, past its process,
 * where that is open (message/mailbox.h). Nothing wakes then but the target's executor.
 *
 * It is not taken while calls are accounted for (debug mode), nor if REBEAM_DIRECT is `no`: then
 * Erlang's tracing sees each message. Any thread; no GIL.
 */
#ifndef REBEAM_ACTOR_DIRECT_H
#define REBEAM_ACTOR_DIRECT_H

#include <erl_nif.h>
#include <stdbool.h>
#include <stdint.h>

struct actor;
struct actor_job;
struct mailbox;
struct origin;
struct request;

/* What came of it: it is closed, and nothing was sent; taken; or the target is gone. */
enum direct { DIRECT_CLOSED, DIRECT_TAKEN, DIRECT_GONE };

/* Reads the settings. */
void actor_direct_load(void);
/* Debug mode (lib/rebeam/message/debug.ex): every call goes through its owner, which keeps account
 * of who waits for whom. */
bool actor_direct_accounted(void);

/* A message that is a job of its target already, and has a place in its mailbox. Taken unless the
 * way is closed. */
enum direct actor_direct_job(struct actor_job *job);
/* A direct call (message/request.h) of `self`, as its wait `sequence`. */
enum direct actor_direct_call(struct actor *self, struct request *request, uint64_t sequence);
/* A cast {Subject, Payload, Sender | nil, Status | nil}, as mailbox_cast has it, to the queue of an
 * actor where the way is open, else to its process. False if it is gone, or its mailbox is full.
 * `caller`: the environment of the calling process, NULL on a thread of no scheduler; the terms are
 * of `env`, or, where that is NULL, of the caller's. The origin is NULL or travels with it, from
 * terms of `env`. */
bool actor_direct_cast(ErlNifEnv *caller, const ErlNifPid *target, ErlNifEnv *env,
                       const ERL_NIF_TERM parts[4], const struct origin *origin);
/* (Pids, Subject, Payload) -> {Missed, Rest}. A cast of Python's code without a sender, to
 * processes of this node: those that are gone or whose mailbox is full, and those that it did not
 * come to. */
ERL_NIF_TERM actor_nif_cast(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
