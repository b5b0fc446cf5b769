/* Exceptions that are raised from outside in the thread on which an actor's code runs. Whoever
 * raises one takes it back before other code can run there. GIL held. */
#ifndef REBEAM_ACTOR_RAISE_H
#define REBEAM_ACTOR_RAISE_H

#include "base/python.h"

#include <stdbool.h>

struct actor;

/* Raises an exception of that type there; what waits in C is sent a signal. False if that cannot be
 * done right now. */
bool actor_raise(struct actor *self, unsigned long thread, PyObject *type);
/* How often that was done for the actor whose code the calling thread runs; 0 outside actors. */
unsigned long actor_raise_count(void);
/* What was raised there and has not come through is forgotten. */
void actor_raise_take_back(unsigned long thread);
/* After a job, with no code of an actor's on this thread. May give the GIL away. */
void actor_raise_settle(void);

/* _rebeam._end_body(number, frame): a signal's handler, which raises what ends the body of a
 * script, if one is to end. In C, as nothing of Python runs between what is raised and the body. */
PyObject *actor_raise_in_body(PyObject *module, PyObject *args);

#endif
