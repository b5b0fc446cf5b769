/* What the suspension files share among themselves, and nobody else: the state of an interpreter.
 *
 * One struct per interpreter, made by suspend_init and kept until the process
 * ends. All of it is read and written with the GIL held.
 */
#ifndef REBEAM_SUSPEND_PRIVATE_H
#define REBEAM_SUSPEND_PRIVATE_H

#include "base/interpreter.h"
#include "suspend/walker/tree.h"

#include <stdbool.h>

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
    PyTypeObject *initializer_type;
    PyObject *init_name;    /* "__init__", interned */
    PyObject *get_running;  /* asyncio's, for the loop of this thread; NULL until it is there */
    PyObject *partial_type; /* functools.partial */
    PyObject *record;       /* what hears of each use of a primitive, or NULL */
    PyObject *primitives;   /* list of their names, and of what they replace */
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

#endif
