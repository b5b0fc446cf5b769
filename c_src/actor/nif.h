/* The functions of the actor's owner, and what a resource needs from above: destructor and monitor.
 * No GIL: any scheduler's thread, for a moment. */
#ifndef REBEAM_ACTOR_NIF_H
#define REBEAM_ACTOR_NIF_H

#include <erl_nif.h>
#include <stdbool.h>

/* Opens the resource type, and says who runs jobs. */
bool actor_load(ErlNifEnv *env);

/* (Recipe, shared | dedicated) -> Actor. A recipe is a handle, or {Handle, Packed}: called with
 * what is packed. Dedicated: its code runs on a thread of its own. */
ERL_NIF_TERM actor_nif_new(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Work, Subject, Payload | Recipe, Source, Status) -> ok | overloaded. Source: nil, a pid
 * or {Pid, Tag}. Overloaded: a call or cast for which a bounded mailbox has no place; dropped. */
ERL_NIF_TERM actor_nif_work(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Kind, Prefix) -> true | false. Takes back the first queued event of that kind (info with
 * that subject) whose payload begins so; false if there is none. */
ERL_NIF_TERM actor_nif_withdraw(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Begin) -> Counted: whether senders see how many calls and casts wait for it. Begin: from
 * now on they do. */
ERL_NIF_TERM actor_nif_count(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor) -> ok. Its senders find it from now on; once, in its process, which reads its messages by
 * Rebeam.Actor.Loop. */
ERL_NIF_TERM actor_nif_enlist(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Open) -> ok. Whether they may pass its process; in its process. */
ERL_NIF_TERM actor_nif_open(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor) -> ok. What a sender told of by mailbox_detour was handed on; in its process. */
ERL_NIF_TERM actor_nif_arrived(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor) -> ok. After its `move`, for which it is sealed: it goes on here. In its process. */
ERL_NIF_TERM actor_nif_stay(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor) -> [Message]. In place of that: it has moved, with what waits for it. In its process. */
ERL_NIF_TERM actor_nif_leave(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Reason) -> closed | closing. Only @stop runs from now on. */
ERL_NIF_TERM actor_nif_close(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Sequence, value | reply | raise, Status, Payload) -> ok */
ERL_NIF_TERM actor_nif_resume(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

/* (Tag, Status, Payload) -> true; false if the tag of a call is none of this node's actors'. */
ERL_NIF_TERM actor_nif_reply(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Milliseconds) -> 0 if nothing ran or waited for that long: then the next message makes
 * the actor send {'$rebeam', wake}. Else how many milliseconds are left. */
ERL_NIF_TERM actor_nif_idle(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor) -> ok. Its code ends as if its process had: for who waits for that. */
ERL_NIF_TERM actor_nif_kill(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor) -> the number of where goes what its code prints (output/output.h) */
ERL_NIF_TERM actor_nif_output(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
