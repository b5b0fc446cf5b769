/* Coverage and debuggers in the threads that run actors.
 *
 * They ask for new threads with `threading.settrace`; to Python our workers are threads that it
 * did not start, so they look for themselves. The GIL is held. */
#ifndef REBEAM_RUN_TRACE_H
#define REBEAM_RUN_TRACE_H

#include "base/python.h"

/* Of one thread; starts zeroed. */
struct trace {
    PyObject *threading; /* owned: its namespace, once the program has imported it */
    PyObject *name;      /* owned: of the hook in it */
    PyObject *hook;      /* owned: what this thread traces with; NULL for nothing */
};

/* The calling thread traces as `threading.settrace` says now. Costs a look into a dict. */
void trace_follow(struct trace *self);
void trace_free(struct trace *self);

#endif
