/* One wait: the suspension, which is what a twin awaits.
 *
 *   NEW --await--> PENDING --suspension_finish--> DONE   --await--> value
 *                     \------suspension_fail----> RAISED --await--> exception
 *
 * A suspension may also be made DONE at once (suspension_ready): awaiting it
 * then does not suspend. Who: the code that runs makes NEW and PENDING; the
 * thread that resumes, holding the GIL, makes DONE and RAISED.
 *
 * `request` is what the awaited primitive wants done; it is opaque here. The
 * suspension owns it and releases it with `request_free`.
 */
#ifndef REBEAM_SUSPEND_RUNTIME_AWAIT_H
#define REBEAM_SUSPEND_RUNTIME_AWAIT_H

#include "base/python.h"

#include <stdbool.h>

struct suspend_state;

enum suspension_state { SUSPENSION_NEW, SUSPENSION_PENDING, SUSPENSION_DONE, SUSPENSION_RAISED };

/* Returns a new reference to a NEW suspension; takes `request`, also on failure. */
PyObject *suspension_new(void *request, void (*request_free)(void *));
/* Returns a new reference to a DONE suspension; takes `value`, also on failure. */
PyObject *suspension_ready(PyObject *value);
/* The result. Takes `value`. */
void suspension_finish(PyObject *suspension, PyObject *value);
/* The failure: raised where the code awaits. Takes `exception`, an instance. */
void suspension_fail(PyObject *suspension, PyObject *exception);
/* Borrowed; NULL for one that was ready. */
void *suspension_request(PyObject *suspension);
enum suspension_state suspension_state(PyObject *suspension);
/* Takes the result out of a DONE or RAISED suspension: a new reference, or NULL
 * with the exception set. For a thread that waited instead of a coroutine. */
PyObject *suspension_take(PyObject *suspension);
/* Waits on this thread for what a run has stopped at, and finishes or fails it. 0, or -1. */
int suspend_await_here(PyObject *suspension);

/* How a suspension is waited for outside a twin.
 *   here    returns the result when it has come, holding the thread meanwhile.
 *   branch  for code that an asyncio loop runs: starts the operation and returns 0 at
 *           once, or -1 with an exception. When the answer is there, finishes or fails
 *           the suspension and calls `wake`, on any thread. It borrows both.
 *   drop    ends that: a later answer is for nobody. Does nothing if none is awaited. */
struct suspend_waiting {
    PyObject *(*here)(PyObject *suspension);
    int (*branch)(PyObject *suspension, PyObject *wake);
    void (*drop)(PyObject *suspension);
};

/* ---- for the files of this folder ------------------------------------- */

int suspend_await_init(struct suspend_state *state);
/* How to wait for this one; NULL until a primitive began it. */
const struct suspend_waiting *suspend_await_waiting(PyObject *suspension);
void suspend_await_set_waiting(PyObject *suspension, const struct suspend_waiting *waiting);
/* What is called with what it comes to: note(value, whether it is raised). Takes it. */
void suspend_await_set_note(PyObject *suspension, PyObject *note);
/* True for a suspension that has its result already. */
bool suspend_await_is_ready(PyObject *object);

#endif
