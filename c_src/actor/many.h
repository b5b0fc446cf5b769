/* Many calls at once: all are in flight, and the wait ends with the last answer (actor/answers.h).
 *
 * Each goes as a call alone does: to its target's queue where the way is open, else through its
 * process. Only calls to actors of this VM go so; with others among them, another process sends all
 * (lib/rebeam/message/requests.ex). When the owner hears of the wait, as of other silent ones, it
 * has that process watch over what is not answered yet.
 *
 * GIL held in every function.
 */
#ifndef REBEAM_ACTOR_MANY_H
#define REBEAM_ACTOR_MANY_H

#include "base/python.h"

#include <erl_nif.h>
#include <stdbool.h>
#include <stdint.h>

struct actor;
struct answers;
struct answers_call;
struct origin;
struct request;
struct value_packed;

/* Whether the calls of its code may go so now. NULL is nobody's. */
bool actor_many_may(struct actor *self);
/* Makes a call to that process; copies the subject, UTF-8, the message, and what leads to it. False
 * if it is not to be reached so, or without memory. */
bool actor_many_call(struct actor *self, const ErlNifPid *target, const ErlNifBinary *subject,
                     const struct value_packed *message, const struct origin *origin,
                     struct answers_call *out);
/* Sends the request's calls, for the wait of that number. False without memory; *gone: an owner has
 * to ask why a target is. */
bool actor_many_send(struct actor *self, struct request *request, uint64_t sequence, bool *gone);
/* Tells the owner what is not answered yet. False if it is gone. */
bool actor_many_announce(const struct request *request, const ErlNifPid *owner, ERL_NIF_TERM word);
/* Whether one of them goes to that process. */
bool actor_many_asks(const struct answers *answers, const ErlNifPid *target);
/* Frees a request of many calls. */
void actor_many_free(void *request);

/* (Actor, Sequence) -> [Number]. What of that wait is not answered yet. */
ERL_NIF_TERM actor_nif_unanswered(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
