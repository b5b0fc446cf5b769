/* What the suspension files share among themselves, and nobody else.
 *
 * One struct per interpreter, made by suspend_init and kept until the process
 * ends. All of it is read and written with the GIL held.
 */
#ifndef REBEAM_SUSPEND_PRIVATE_H
#define REBEAM_SUSPEND_PRIVATE_H

#include <stdbool.h>

#include "suspend/suspend.h"
#include "suspend/walker/tree.h"

/* A str constant that begins so stands in the rewritten tree for a function of the
 * runtime; suspend_pair puts the function there. Nobody writes it by accident. */
#define SUSPEND_MARKER "\0rebeam:"

#define SUSPEND_PLACES(X)                                                                          \
    X(call)   /* call(f, /, *args, **kwargs) -> what the twin awaits */                            \
    X(spread) /* spread(f) -> the same for calls with * or **: spread(f)(*args, **kwargs) */       \
    X(bridge) /* bridge(awaitable) -> the same for code that an asyncio loop runs */               \
    X(result) /* result(x) -> x, or raises the StopIteration that x stands for */                  \
    X(stop)   /* the class StopIteration, however the user's module names it */                    \
    X(mark)   /* mark() -> stands for the StopIteration being handled */

enum suspend_place {
#define PLACE(name) SUSPEND_PLACE_##name,
    SUSPEND_PLACES(PLACE)
#undef PLACE
        SUSPEND_PLACE_COUNT
};

/* Where a call goes on in a twin instead of `function`. */
struct suspend_replacement {
    PyObject *function;
    PyObject *primitive;
};

enum { SUSPEND_REPLACEMENTS_MAX = 16 };

struct suspend_state {
    struct suspend_tree tree;
    PyTypeObject *suspension_type;
    PyTypeObject *primitive_type;
    PyTypeObject *mark_type;
    PyTypeObject *spread_type;
    PyTypeObject *delegate_type;
    PyTypeObject *bridge_type;
    PyObject *get_running;  /* asyncio's, for the loop of this thread; NULL until it is there */
    PyObject *partial_type; /* functools.partial */
    PyObject *places[SUSPEND_PLACE_COUNT];
    PyObject *markers[SUSPEND_PLACE_COUNT]; /* the str constants that stand for them */
    struct suspend_replacement replacements[SUSPEND_REPLACEMENTS_MAX];
    int replacement_count;
    Py_ssize_t extra_index; /* of twins in code objects */
    bool all;               /* REBEAM_SUSPEND=all: every call is a suspension point */
    size_t suspensions;     /* how often a run has stopped */
};

/* The calling thread's. Never NULL once suspend_init has run there. */
static inline struct suspend_state *suspend_state_get(void) {
    return interpreter_get()->suspend;
}

/* Makes a heap type of this part's module. New reference, or NULL. */
static inline PyTypeObject *suspend_type_new(PyType_Spec *spec) {
    return (PyTypeObject *)PyType_FromSpec(spec);
}

/* The `tp_dealloc` of types whose instances hold nothing `clear` does not release. */
static inline void suspend_type_free(PyObject *self, inquiry clear) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    clear(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

/* ---- suspend/walker/node.c ----------------------------------------------------*/

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

/* ---- suspend/walker/twin.c ----------------------------------------------------*/

/* The second code of a function; belongs to the first one, which keeps it alive. */
struct suspend_twin {
    PyObject *code;
    bool lambda; /* a generator, and needs a delegate around it */
};

/* 0, or -1 with an exception. */
int suspend_twin_init(struct suspend_state *state);
/* Ties `twin_code` to `code`, in place of an older one. 0, or -1. */
int suspend_twin_set(struct suspend_state *state, PyObject *code, PyObject *twin_code, bool lambda);
/* The twin of the code that `function` has now; NULL (no exception) without one. */
struct suspend_twin *suspend_twin_get(const struct suspend_state *state, PyObject *function);
/* Calls `function` through `twin`: a new reference to what there is to await. */
PyObject *suspend_twin_call(const struct suspend_state *state, const struct suspend_twin *twin,
                            PyObject *function, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames);

/* ---- suspend/runtime/delegate.c ------------------------------------------------*/

int suspend_delegate_init(struct suspend_state *state);
/* Around a lambda's generator (`instance` is NULL), or around the coroutine of the
 * __init__ of `instance`. Takes `inner`, also on failure. */
PyObject *suspend_delegate_new(const struct suspend_state *state, PyObject *inner,
                               PyObject *instance);

/* ---- suspend/runtime/bridge.c --------------------------------------------------*/

int suspend_bridge_init(struct suspend_state *state);
/* What an async def awaits in place of `inner`. Takes `inner`, also on failure. */
PyObject *suspend_bridge_new(const struct suspend_state *state, PyObject *inner);

/* ---- suspend/walker/comprehension.c -------------------------------------------*/

/* Whether comprehensions are code objects of their own in this Python: 3.11. */
bool suspend_comprehension_is_code(void);
/* The code of an asynchronous comprehension, with a StopIteration made its result: a
 * new reference, or NULL. */
PyObject *suspend_comprehension_guard(const struct suspend_state *state, PyObject *code);

/* ---- suspend/runtime/mark.c ----------------------------------------------------*/

int suspend_mark_init(struct suspend_state *state);
/* Stands for `exception`, which it takes, also on failure. New reference. */
PyObject *suspend_mark_new(const struct suspend_state *state, PyObject *exception);
/* Takes `value` and returns it, or raises what it stands for and returns NULL. */
PyObject *suspend_mark_resolve(const struct suspend_state *state, PyObject *value);

/* ---- suspend/runtime/await.c, suspend/runtime/primitive.c, suspend/runtime/call.c
 * --------------*/

int suspend_await_init(struct suspend_state *state);
int suspend_primitive_init(struct suspend_state *state);
int suspend_call_init(struct suspend_state *state);
/* How to wait for a suspension outside a twin; NULL until a primitive began it. */
const struct suspend_waiting *suspend_await_waiting(PyObject *suspension);
void suspend_await_set_waiting(PyObject *suspension, const struct suspend_waiting *waiting);
/* Waits on this thread for what a run has stopped at, and finishes or fails it. 0, or -1. */
int suspend_await_here(PyObject *suspension);
/* True for a suspension that has its result already. */
bool suspend_await_is_ready(PyObject *object);

/* Begins the primitive that `callable` is or is replaced with: a new reference to a
 * suspension, or NULL; without an exception if it is none. */
PyObject *suspend_primitive_begin(const struct suspend_state *state, PyObject *callable,
                                  PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
/* Calls `callable` so that it may suspend: a new reference to what there is to await. */
PyObject *suspend_call(const struct suspend_state *state, PyObject *callable, PyObject *const *args,
                       Py_ssize_t nargs, PyObject *kwnames);

/* The same with a tuple and a dict (or NULL) of arguments. */
PyObject *suspend_call_object(const struct suspend_state *state, PyObject *callable, PyObject *args,
                              PyObject *kwargs);
/* Through the twin of `function`, with `self` before the arguments. NULL without an
 * exception if there is none, or if it refuses the arguments. */
PyObject *suspend_call_bound(const struct suspend_state *state, PyObject *function, PyObject *self,
                             PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* ---- suspend/runtime/object.c --------------------------------------------------*/

int suspend_object_init(struct suspend_state *state);
/* Calls what is no function, but comes down to one that has a twin: a class with its
 * __init__, an instance with its __call__, a functools.partial. A new reference to what
 * there is to await; NULL without an exception if `callable` is none of these. */
PyObject *suspend_object_call(const struct suspend_state *state, PyObject *callable,
                              PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* ---- functions of `_rebeam` --------------------------------------------*/

PyObject *suspend_scan(PyObject *module, PyObject *tree);
PyObject *suspend_names(PyObject *module, PyObject *summaries);
PyObject *suspend_rewrite(PyObject *module, PyObject *args);
PyObject *suspend_pair(PyObject *module, PyObject *args);
PyObject *suspend_run(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
PyObject *suspend_count(PyObject *module, PyObject *unused);

#endif
