/* The nodes that suspend_rewrite puts in: see suspend/walker/rewrite.c for what they are for. GIL
 * held. */
#ifndef REBEAM_SUSPEND_WALKER_NODE_H
#define REBEAM_SUSPEND_WALKER_NODE_H

#include "base/python.h"

struct suspend_state;

/* New references to what suspend_rewrite puts in place of a node, or NULL. */

/* Where the code being walked runs, in the rewritten tree. */
enum suspend_where {
    SUSPEND_IN_PLAIN,  /* module, class body, generator: cannot await */
    SUSPEND_IN_TWIN,   /* an async def to be */
    SUSPEND_IN_ASYNC,  /* the user's async def */
    SUSPEND_IN_LAMBDA, /* a generator lambda to be: may yield, except in comprehensions */
};

/* result(await call(f, ...)) for f(...); result(await bridge(call(f, ...))) in the user's async
 * defs; `yield from` in a lambda. */
PyObject *suspend_node_call(struct suspend_state *state, PyObject *call, enum suspend_where where);
/* result(value) */
PyObject *suspend_node_result(struct suspend_state *state, PyObject *value);
/* async def, with a `try` around its body, for def. */
PyObject *suspend_node_async_def(struct suspend_state *state, PyObject *function);

#endif
