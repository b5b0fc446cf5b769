/* Suspension: plain `def` code that can stop at a call and go on later.
 *
 * An `async def` can stop anyway: there the walker only puts an `await` before each call that may
 * suspend, and the runtime hands what is to be waited for to the asyncio loop that runs the code
 * (suspend/runtime/bridge.h).
 *
 * Two halves. The *walker* (scan, names, rewrite, pair) turns the AST of a user's module into a
 * second, asynchronous set of code objects and ties each to the plain code object CPython compiles
 * by itself: its *twin*. The *runtime* calls a function through its twin and steps the coroutine
 * that comes of it. Others see of it one wait (suspend/runtime/await.h), the primitives that begin
 * one (suspend/runtime/primitive.h), and runs (suspend/runtime/step.h).
 *
 * Everything in this folder wants the GIL and reports failure as a Python exception. What is kept
 * belongs to the interpreter, until the process ends. Nothing here knows more of Re:BEAM than
 * base/.
 */
#ifndef REBEAM_SUSPEND_SUSPEND_H
#define REBEAM_SUSPEND_SUSPEND_H

#include "base/interpreter.h"

/* Makes the types and reads REBEAM_SUSPEND. Fills interpreter->suspend. 0, or -1. */
int suspend_init(struct interpreter *interpreter);
/* Adds the walker's functions, which python/rebeam/_engine/importer.py calls, to `_rebeam`:
 *   suspend_scan(tree) -> summary of a module (see suspend/walker/summary.h)
 *   suspend_names(summaries) -> (frozenset of suspendable names, bool unknown callees too)
 *   suspend_rewrite(tree, names, unknown) -> None; makes the tree asynchronous in place
 *   suspend_pair(plain_code, async_code) -> the code to run: plain_code, its functions tied to
 *           their twins, and its async defs in their rewritten form
 *   suspend_twin(code) -> the code of its twin, or None
 *   suspend_run(f, /, *args, **kwargs) -> f(...), through twins, waiting on this thread
 *   suspend_count() -> how often runs of this interpreter have stopped
 *   _initializer(function) -> what stands in a class for its __init__, `function`, and runs it in a
 *           Context of the instance's own (see suspend/runtime/initializer.h)
 *   _made(instance) -> whether the class has one; __init__ of this instance comes next
 * 0, or -1. */
int suspend_add_functions(PyObject *module);

#endif
