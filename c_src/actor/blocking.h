/* Waits of CPython's own locks, queues and threads, in actors: an actor that is to end hears it
 * there.
 *
 * CPython lets a signal end such a wait on its main thread alone: on any other it waits again (PEP
 * 475), and what is raised there comes when the lock is free, or never. In all else the methods are
 * the originals: their arguments, errors and texts are CPython's. */
#ifndef REBEAM_ACTOR_BLOCKING_H
#define REBEAM_ACTOR_BLOCKING_H

#include "base/interpreter.h"

/* What waits for a lock without a limit, or with one. Owned by the interpreter's actor_state. */
struct blocking;

/* From now on the interpreter's Lock.acquire, RLock.acquire, `with` of both, SimpleQueue.get and
 * the join of threads look about while they wait, if an actor's code called them. Does nothing
 * where they are not as known. GIL held. */
void blocking_init(struct interpreter *interpreter);

#endif
