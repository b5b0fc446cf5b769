/* Suspension: plain `def` code that can stop at a call and go on later.
 *
 * An `async def` can stop anyway: there the walker only puts an `await` before each call that may
 * suspend, and the runtime hands what is to be waited for to the asyncio loop that runs the code
 * (suspend/runtime/bridge.c).
 *
 * Two halves. The *walker* (suspend/walker/scan.c, suspend/walker/rewrite.c, suspend/walker/pair.c)
 * turns the AST of a user's module into a second, asynchronous set of code
 * objects and ties each to the plain code object CPython compiles by itself: its
 * *twin*. The *runtime* (suspend/runtime/call.c, suspend/runtime/step.c) calls a function through
 * its twin and steps the coroutine that comes of it.
 *
 * Everything here wants the GIL and reports failure as a Python exception.
 */
#ifndef REBEAM_SUSPEND_SUSPEND_H
#define REBEAM_SUSPEND_SUSPEND_H

#include "base/interpreter.h"

/* ---- one wait ---------------------------------------------------------
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

/* ---- primitives -------------------------------------------------------
 *
 * A primitive is a Python callable that may suspend. `begin` parses the
 * arguments (vectorcall convention, no offset flag) and returns a new reference
 * to a suspension, or NULL with an exception set. In a twin the suspension goes to
 * who steps the run. Elsewhere it is waited for in one of two ways:
 *   here    returns the result when it has come, holding the thread meanwhile. So the
 *           primitive, called plainly, is here(begin(...)).
 *   beside  for code that an asyncio loop runs: starts the operation and returns 0 at
 *           once, or -1 with an exception. When the answer is there, finishes or fails
 *           the suspension and calls `wake`, on any thread. It borrows both.
 *   drop    ends that: a later answer is for nobody. Does nothing if none is awaited.
 */
typedef PyObject *(*suspend_begin)(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

struct suspend_waiting {
    PyObject *(*here)(PyObject *suspension);
    int (*beside)(PyObject *suspension, PyObject *wake);
    void (*drop)(PyObject *suspension);
};

/* Returns a new reference to the callable. `name`, `doc` and `waiting` are not copied. */
PyObject *suspend_primitive_new(const char *name, const char *doc, suspend_begin begin,
                                const struct suspend_waiting *waiting);
/* In twins, calls of `function` (any callable, such as time.sleep) go to
 * `primitive` instead. Takes no reference it does not add; 16 at most. 0, or -1. */
int suspend_replace(PyObject *function, PyObject *primitive);

/* ---- running ----------------------------------------------------------
 *
 * A run is started, then stepped until it is done:
 *
 *   suspend_start -> DONE | RAISED | PENDING --(finish/fail)--> suspend_step -> ...
 */
enum suspend_outcome {
    SUSPEND_DONE,    /* *out is the result, a new reference */
    SUSPEND_PENDING, /* *out is the suspension waited for, a new reference */
    SUSPEND_RAISED,  /* the Python exception is set, *out is NULL */
};

/* Calls `callable(*args, **kwargs)` so that it may suspend (vectorcall
 * convention: `args` holds nargs positional values and then those of the names
 * in `kwnames`, which may be NULL). With PENDING, *run is a new reference to
 * what suspend_step continues; otherwise it is NULL. */
enum suspend_outcome suspend_start(PyObject *callable, PyObject *const *args, Py_ssize_t nargs,
                                   PyObject *kwnames, PyObject **run, PyObject **out);
/* Goes on after the pending suspension was finished or failed. Steps over suspensions
 * that are done already (REBEAM_SUSPEND=all), so PENDING is always worth waiting for. With DONE and
 * RAISED the caller still owns `run` and drops it. */
enum suspend_outcome suspend_step(PyObject *run, PyObject **out);

/* ---- set-up -----------------------------------------------------------*/

/* Makes the types and reads REBEAM_SUSPEND. Fills interpreter->suspend. 0, or -1. */
int suspend_init(struct interpreter *interpreter);
/* Adds the walker's functions, which python/rebeam/_engine/importer.py calls, to `_rebeam`:
 *   suspend_scan(tree) -> summary of a module (see suspend/walker/scan.c)
 *   suspend_names(summaries) -> (frozenset of suspendable names, bool unknown callees too)
 *   suspend_rewrite(tree, names, unknown) -> None; makes the tree asynchronous in place
 *   suspend_pair(plain_code, async_code) -> the code to run: plain_code, its functions tied to
 *           their twins, and its async defs in their rewritten form
 *   suspend_run(f, /, *args, **kwargs) -> f(...), through twins, waiting on this thread
 *   suspend_count() -> how often runs of this interpreter have stopped
 * 0, or -1. */
int suspend_add_functions(PyObject *module);

#endif
