/* The actor's contextvars.Context: one for each actor, entered around each piece of its code. GIL
 * held. */
#ifndef REBEAM_ACTOR_CONTEXT_H
#define REBEAM_ACTOR_CONTEXT_H

#include "base/interpreter.h"

#include <stdbool.h>

struct actor;

/* Makes the variable that tells whose a context is; adds `_on_ended` to the module. 0, or -1. */
int actor_context_init(struct interpreter *interpreter, PyObject *module);

/* Whose code the calling thread runs; NULL outside actors. Borrowed. Asynchronous code belongs to
 * the actor in whose context it runs, on whatever thread. */
struct actor *actor_current(void);
/* The code that runs until actor_context_exit, on this thread, sees the actor's variables. False
 * with an exception. */
bool actor_context_enter(struct actor *self);
void actor_context_exit(struct actor *self);
/* The context itself, which from now on tells whose it is wherever it runs. New reference, or
 * NULL. */
PyObject *actor_context_get(struct actor *self);
/* It has this one from now on: its instance was made there. No code of it runs. */
void actor_context_adopt(struct actor *self, PyObject *context);
/* Where its asynchronous code runs, or None: (thread, what tells a loop's task, loop, the actor's
 * tasks). May give the GIL away. A new reference. */
PyObject *actor_context_place(struct actor *self);
/* The thread of the place, if it runs the actor's code right now; else 0. Does not give the GIL
 * away: what is raised there then meets that code. */
unsigned long actor_context_thread(PyObject *place);
/* The actor is gone: cancels its tasks. True if there are any, for which it stays asynchronous. */
bool actor_context_end(struct actor *self);
void actor_context_drop(struct actor *self);

#endif
