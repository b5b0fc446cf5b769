/* When the owner learns that its code waits.
 *
 * Most calls between actors are answered within microseconds, from executor to
 * executor. The owner's process need not wake for them. So a direct call begins
 * silent: it is only in a list. A tick of the executor, every few milliseconds,
 * announces the calls that were there at the tick before; from then on the owner
 * monitors the target and counts the time. Those to a target that dies meanwhile are
 * announced when its native part hears of that, or, from another interpreter, at the tick;
 * why it died is asked for (lib/rebeam/message/reasons.ex).
 *
 * The list belongs to the interpreter: oldest first. GIL held in every function.
 */
#ifndef REBEAM_ACTOR_ANNOUNCE_H
#define REBEAM_ACTOR_ANNOUNCE_H

#include "base/python.h"

#include <erl_nif.h>
#include <stdbool.h>
#include <stdint.h>

struct actor;

enum announce {
    ANNOUNCE_IF_LONG, /* the run's wait */
    ANNOUNCE_AT_ONCE, /* a thread's wait */
    ANNOUNCE_BRANCH   /* a wait of asynchronous code */
};
/* Begins the wait of this number for a pending suspension. False if its owner or clients are
 * gone. */
bool actor_announce_begin(struct actor *self, PyObject *suspension, enum announce how,
                          uint64_t sequence);
/* The wait is over. */
void actor_announce_forget(struct actor *self);
/* Announces what was there at the last tick. True while anything is left. */
bool actor_announce_tick(void);
/* That process is gone: announces the calls to it, so that their owners hear of it now. */
void actor_announce_end(const ErlNifPid *target);

#endif
