/* Mailboxes with a bound: how many messages an actor may have accepted but not begun. The bound is
 * the actor's own, a sender's (of what is published), or both.
 *
 * The sender sees the bound: a table leads from the target's pid to its count. A message
 * that was admitted says so ({rebeam_admitted, ...} in place of {rebeam, ...}), so that it
 * is not counted again when it arrives. What arrives without that (from another node, or
 * from Elixir code of the user's) is counted then, or refused.
 *
 *   sender: mailbox_admit ----message----> owner ----> queue ----> begins: mailbox_leave
 *             \--> full: "overloaded"        \--not admitted: mailbox_enter--> full: refused
 *
 * Any thread; no GIL. Where no actor has a bound, a sender pays for one atomic load.
 */
#ifndef REBEAM_MESSAGE_MAILBOX_H
#define REBEAM_MESSAGE_MAILBOX_H

#include <erl_nif.h>
#include <stdbool.h>

struct mailbox;

/* ---- for senders ------------------------------------------------------------- */

enum mailbox_room { MAILBOX_UNBOUNDED, MAILBOX_ADMITTED, MAILBOX_FULL };

/* Takes a place in the mailbox of `pid`. What was admitted must be sent, or cancelled. */
enum mailbox_room mailbox_admit(const ErlNifPid *pid);
/* The same if fewer than `limit` wait there, and its own bound has room. */
enum mailbox_room mailbox_admit_below(const ErlNifPid *pid, long limit);
void mailbox_cancel(const ErlNifPid *pid);

/* Sends a cast to a process of this node. False if it is gone, or its mailbox is full. The terms
 * are of `message_env`; that may be NULL if they are of the calling process's `env`. */
bool mailbox_cast(ErlNifEnv *env, const ErlNifPid *pid, ErlNifEnv *message_env,
                  const ERL_NIF_TERM parts[4]);

/* (Pid, Subject, Payload, Sender, Status) -> Sent. The cast to a process of this node. */
ERL_NIF_TERM mailbox_nif_cast(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Pid, Subject, Payload, Limit | nil) -> Sent | overloaded. A cast without a sender to a process
 * of this node, if fewer than `limit` messages wait there: for an actor whose messages are counted.
 */
ERL_NIF_TERM mailbox_nif_publish(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Pid) -> ok. A message that was admitted there never comes to its actor. */
ERL_NIF_TERM mailbox_nif_cancel(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

/* ---- for the actor that has it ------------------------------------------------- */

/* Senders find it from now on. NULL without memory. The caller owns it. */
struct mailbox *mailbox_open(const ErlNifPid *owner, long limit);
/* It may hold that many from now on. */
void mailbox_limit(struct mailbox *self, long limit);
/* Senders do not find it any more. Once is enough, more does no harm. */
void mailbox_close(struct mailbox *self);
/* Closes and frees it. NULL is fine. */
void mailbox_free(struct mailbox *self);
/* A message came that was not admitted. False if there is no place for it. */
bool mailbox_enter(struct mailbox *self);
/* A message begins to be handled, or is dropped. */
void mailbox_leave(struct mailbox *self);

#endif
