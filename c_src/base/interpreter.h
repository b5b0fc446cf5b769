/* What the runtime keeps for each Python interpreter.
 *
 * Python objects never cross interpreters, so there is no static PyObject *
 * anywhere: each topic keeps its own in its part of this struct.
 *
 * Owned by the interpreter that it describes; lives until the process ends.
 * Read and written with that interpreter's GIL held.
 */
#ifndef REBEAM_BASE_INTERPRETER_H
#define REBEAM_BASE_INTERPRETER_H

#include "base/python.h"

#include <stdbool.h>

struct suspend_state;  /* suspend/suspend.h: the walker and the awaitables */
struct memory_state;   /* memory/object.h: the shared memory that is in use */
struct value_state;    /* value/python/state.h: the codec's types and imported names */
struct identity_state; /* identity/identity.h: ProcessID, Reference, Atom, Term */
struct request_state;  /* message/request.h: whose requests are refused */
struct actor_state;    /* actor/state.h: names used while handlers run */
struct executor;       /* run/executor.h: who runs code in this interpreter */

struct interpreter {
    struct suspend_state *suspend;
    struct memory_state *memory;
    struct value_state *value;
    struct identity_state *identity;
    struct request_state *request;
    struct actor_state *actor;
    struct executor *executor;
};

/* The calling thread's interpreter. GIL held. Never NULL after `_rebeam` was
 * imported there. Cheap: cached in the thread, also for Python's own threads. */
struct interpreter *interpreter_get(void);

/* The calling thread is about to run code in another interpreter, or comes back with what this
 * returned before. */
struct interpreter *interpreter_switch(struct interpreter *to);

/* The calling thread has made this interpreter for Re:BEAM, and imports `_rebeam` there next.
 * Without that, it can be imported in the main interpreter alone: not in those that the program
 * makes. */
void interpreter_admit(void);
/* False with an ImportError if it cannot be imported in the current interpreter. */
bool interpreter_is_admitted(void);

/* Makes the struct for the current interpreter. GIL held. Returns NULL with a
 * Python exception set. Called once, by `_rebeam`'s initialisation. */
struct interpreter *interpreter_new(void);

#endif
