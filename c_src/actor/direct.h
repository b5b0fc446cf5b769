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

/* A direct call (message/request.h) of `self`, as its wait `sequence`. */
enum direct actor_direct_call(struct actor *self, struct request *request, uint64_t sequence);
/* A cast to a mailbox in which it has a place: the message has that then; it is given back if the
 * target is gone. Subject, payload and sender are terms of `env`; the sender is a pid or nil. */
enum direct actor_direct_cast(struct mailbox *mailbox, const ErlNifPid *target, ErlNifEnv *env,
                              ERL_NIF_TERM subject, ERL_NIF_TERM payload, ERL_NIF_TERM sender,
                              struct origin *origin);

#endif
