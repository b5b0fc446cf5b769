/* An actor that is traced tells what it handles, asks for and answers, for some messages.
 *
 * The tracer, a process, gets {'$rebeam_trace', Nanoseconds, Event}:
 *   {Work, Subject, Message, Sender | nil}   it begins with that
 *   {asks, Target, Subject, Message}         it calls a process of this VM, and waits
 *   {asks, Operation}                        it waits for what its process does
 *   {gets, Status | nil, Message}            what that came to
 *   {reply, Status, Message}                 its answer
 *   raised                                   an exception ended it
 *   done                                     it is through with that
 *   over                                     with the last of the messages: no more is told
 * A message is a payload, or {large, Bytes}. All that untraced actors pay is the look at a flag.
 * GIL held in all of these, but for the NIF.
 */
#ifndef REBEAM_ACTOR_TRACING_H
#define REBEAM_ACTOR_TRACING_H

#include "actor/private.h"

struct request;
struct value_packed;

static inline bool tracing_is_on(const struct actor *self) {
    return atomic_load_explicit(&self->traced, memory_order_relaxed);
}

void tracing_begins(struct actor *self, const struct actor_job *job);
void tracing_asks(struct actor *self, const struct request *request);
void tracing_gets(struct actor *self, const struct actor_job *answer);
void tracing_replies(struct actor *self, ERL_NIF_TERM status, const struct value_packed *payload);
void tracing_raised(struct actor *self);
void tracing_done(struct actor *self);

/* (Pid, Messages) -> ok | nil. The calling process traces it, in the place of any other one; for 0
 * messages nobody does. */
ERL_NIF_TERM tracing_nif_start(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
