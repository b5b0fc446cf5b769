/* Promises: an actor's code waits until Python, on any thread, says what for.
 *
 *   _suspend(begin, end) --run stops--> begin(promise) ... promise.set_result(x) --> x
 *                                           \-- the actor ends: end(promise) --/
 *
 * A promise names a wait: an actor and a number. What it is kept with travels as an
 * object to that wait, like any answer; too late, it is dropped.
 * GIL held in every function.
 */
#ifndef REBEAM_ACTOR_PROMISE_H
#define REBEAM_ACTOR_PROMISE_H

#include "base/interpreter.h"

#include <stdbool.h>
#include <stdint.h>

struct actor;
struct request;

/* _suspend(begin, end=None), as a primitive's `begin`. */
PyObject *actor_promise_suspend(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
/* Makes the type Promise and adds it to the module. 0, or -1. */
int actor_promise_init(struct interpreter *interpreter, PyObject *module);

/* Calls what the request wants called. Its answer may be there before this returns. */
void actor_promise_begin(struct actor *self, struct request *request, uint64_t sequence);
/* True if the suspension waits for Python. */
bool actor_promise_is(PyObject *suspension);
/* The actor ends. True if the wait goes on until the promise is kept, having been told. */
bool actor_promise_end(struct actor *self, PyObject *suspension);
/* True if the wait goes on until the promise is kept, having been told of the interrupt. */
bool actor_promise_interrupt(PyObject *suspension);

#endif
