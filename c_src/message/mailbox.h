/* Mailboxes: how senders of this VM find an actor, how many messages wait for it, and whether one
 * may go to its queue without its process.
 *
 * A directory leads from the pid of an actor's process to its mailbox. Who sends takes a place
 * there first, so that it sees the bound: how many messages the actor may have accepted but not
 * begun. The bound is the actor's own, a sender's (of what is published), or both. A message that
 * was admitted says so ({rebeam_admitted, ...} in place of {rebeam, ...}), so that it is not
 * counted again when it arrives. What arrives without that (from another node, or from Elixir code
 * of the user's) is counted then, or refused.
 *
 *   sender: mailbox_enter --passes?--------------------------> queue ----> begins: mailbox_leave
 *             |       \------detour: message----> owner --arrived--^
 *             \--> full: "overloaded"               \--not admitted: mailbox_enter--> full: refused
 *
 * The short way, past the process, is closed unless it is proven open: the start is over, nobody
 * looks at the process or holds it up by system messages, and nothing that our senders sent through
 * it is still under way. So messages keep the order of each pair of sender and receiver, however
 * they go. What is sent by other means than these functions is followed by a message of the same
 * process that says it has arrived (lib/rebeam/nodes/courier.ex).
 *
 * Any thread; no GIL.
 */
#ifndef REBEAM_MESSAGE_MAILBOX_H
#define REBEAM_MESSAGE_MAILBOX_H

#include <erl_nif.h>
#include <stdbool.h>

struct mailbox;

/* ---- for senders ------------------------------------------------------------- */

/* The mailbox of that process, or NULL. The caller has a reference to its actor, to be released. */
struct mailbox *mailbox_find(const ErlNifPid *pid);
void mailbox_release(struct mailbox *self);
/* Its actor, a resource: what mailbox_open was given. */
void *mailbox_actor(const struct mailbox *self);
/* Takes a place. False if there is none. Who took one sends, or leaves. */
bool mailbox_enter(struct mailbox *self);
/* The place is given back: a message begins to be handled, is dropped, or was never sent. */
void mailbox_leave(struct mailbox *self);
/* Whether messages ever go to the queue past the process. */
bool mailbox_has_way(const struct mailbox *self);
/* How many have a place. */
long mailbox_waiting(const struct mailbox *self);
/* Whether a message may go to the queue now. */
bool mailbox_passes(struct mailbox *self);
/* A message goes through the process, from now until it has arrived in the queue, or is lost. */
void mailbox_detour(struct mailbox *self);
/* Sends a message to a process of this node, as a detour if it is an actor's that has a way. The
 * terms are of `message_env`, or of the calling process's `env`, as for enif_send. False if it is
 * gone. */
bool mailbox_send(ErlNifEnv *env, const ErlNifPid *pid, ErlNifEnv *message_env,
                  ERL_NIF_TERM message);
void mailbox_arrived(struct mailbox *self);

/* Sends a cast through the process, whose place in the mailbox it has; NULL: it has none. False if
 * it is gone; the place is given back then. The terms are of `message_env`; that may be NULL if
 * they are of the calling process's `env`. */
bool mailbox_cast(ErlNifEnv *env, const ErlNifPid *pid, struct mailbox *self,
                  ErlNifEnv *message_env, const ERL_NIF_TERM parts[4]);

/* (Pid, Subject, Payload, Sender, Status) -> Sent. The cast to a process of this node. */
ERL_NIF_TERM mailbox_nif_cast(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Pid, Subject, Payload, Limit | nil) -> Sent | overloaded. A cast without a sender to a process
 * of this node, if fewer than `limit` messages wait there. */
ERL_NIF_TERM mailbox_nif_publish(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Pid) -> ok. A message that was admitted there never comes to its actor. */
ERL_NIF_TERM mailbox_nif_cancel(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Pid, Message) -> ok. A message of the calling process: a detour, if the actor may be reached
 * without its process, and behind it what says that it has arrived. */
ERL_NIF_TERM mailbox_nif_send(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Pid) -> Told. A signal of the calling process is a detour, if the actor may be reached without
 * its process: then it sends `$rebeam_arrived` behind it. */
ERL_NIF_TERM mailbox_nif_detour(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

/* ---- for the actor that has it ------------------------------------------------- */

/* Senders find it from now on, and `actor`, a resource, is kept until it is closed. It has a way
 * past its process, or never. NULL without memory. The caller owns it. */
struct mailbox *mailbox_open(const ErlNifPid *owner, void *actor, bool has_way);
/* It may hold that many from now on. */
void mailbox_limit(struct mailbox *self, long limit);
/* Opens or closes the way. */
void mailbox_open_way(struct mailbox *self, bool open);
/* Senders do not find it any more. Once is enough, more does no harm. */
void mailbox_close(struct mailbox *self);
/* Frees it, when it was closed. NULL is fine. */
void mailbox_free(struct mailbox *self);

#endif
