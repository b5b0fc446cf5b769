/* Python that hears of each message of the actors of an interpreter, and of each answer that their
 * code got: what records, and what traces (python/rebeam/_engine/watching.py). Where nobody does,
 * all that a message costs is the look at a flag. GIL held in every function.
 */
#ifndef REBEAM_ACTOR_WATCHED_H
#define REBEAM_ACTOR_WATCHED_H

#include "actor/handler.h"

struct actor;

/* _rebeam._watch(begins, ends, trace_now, /): from now on. `begins(instance, work, subject,
 * message, source, status, trace)` before a handler is called, `ends(instance)` once it is over,
 * both in the actor's context; `trace_now()`: the bytes of the trace that goes with what is sent
 * here; or None. */
PyObject *watched_watch(PyObject *module, PyObject *args);

/* A handler is to be called with that, in its context. */
void watched_begins(struct actor *self, const struct handler_arguments *arguments);
/* The run of its job is over. */
void watched_ends(struct actor *self);

#endif
