/* Deferred replies: a handler returned no_reply(), and its caller waits on.
 *
 * Whoever answers later does so by the request in the handler's `source`. Kept here is
 * only whom to tell, with the reason, when this actor ends: its caller may not monitor it
 * yet (see actor/announce.h). Callers whose wait is over are forgotten when room is short,
 * so there are at most twice as many entries as waiting callers.
 *
 * The list is the actor's, guarded by its lock; each entry keeps its caller. Without memory for one
 * its caller's own monitor has to tell.
 */
#ifndef REBEAM_ACTOR_DEFER_H
#define REBEAM_ACTOR_DEFER_H

#include "base/python.h"

struct actor;
struct actor_deferred;
struct actor_job;
struct value_packed;

/* The current job will be answered by `reply`, if at all. Who calls looks afterwards whether the
 * actor is dead by now, and drains its queue then. GIL held. */
void actor_defer(struct actor *self);
/* What `reply` needs of a CALL, {Pid, Tag}, or of a CAST with a sender, {Pid, Subject}: a Term. A
 * new reference, or NULL with an exception. */
PyObject *actor_defer_request(struct actor_job *job);
/* The actor is gone: tells the packed reason to who still waits. Takes it; NULL is fine. No GIL. */
void actor_defer_drain(struct actor_deferred *self, const struct value_packed *down);

#endif
