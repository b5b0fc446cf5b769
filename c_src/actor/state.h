/* What an interpreter has for all its actors: Python's names, found once, and lists of actors.
 *
 * The interpreter owns the objects; the lists borrow their actors, if nothing else is said. GIL
 * held in every function. */
#ifndef REBEAM_ACTOR_STATE_H
#define REBEAM_ACTOR_STATE_H

#include "base/interpreter.h"

#include <stdbool.h>

struct actor;
struct blocking;

/* Functions that programs without actors do without, as their modules take long to import. */
enum late_name {
    LATE_SETTINGS,         /* rebeam._genpy.settings */
    LATE_HANDLERS,         /* rebeam._handlers.table */
    LATE_DESCRIBE_HANDLER, /* rebeam._handlers.describe */
    LATE_BLAME,            /* rebeam._handlers.blame_subject */
    LATE_EVENT,            /* rebeam._events.make */
    LATE_NAMES
};

/* Python objects that running actors need; one set per interpreter. */
struct actor_state {
    PyTypeObject *response; /* rebeam.Response */
    PyObject *status_ok;    /* members of rebeam.Status */
    PyObject *status_error;
    PyObject *status_timeout;
    PyObject *status_down;
    PyObject *describe;         /* rebeam._errors.describe */
    PyObject *make_error;       /* rebeam._errors.make */
    unsigned long body_thread;  /* of a body that is to hear of its end by a signal; 0: none */
    PyObject *body_end;         /* the type that it gets, one of the next two; borrowed */
    PyObject *actor_exit;       /* rebeam._errors.ActorExit */
    PyObject *actor_kill;       /* rebeam._errors.ActorKill */
    PyObject *interrupted;      /* rebeam._errors.CallInterrupted */
    PyObject *name_name;        /* "name", interned */
    PyObject *variable;         /* the ContextVar that tells whose context it is: a capsule */
    PyObject *spare_context;    /* an empty Context, or NULL */
    PyObject *keep_context;     /* rebeam._kept.keep_context */
    PyObject *carry;            /* rebeam._kept.carry */
    PyObject *ended;            /* called with the context of an asynchronous actor; or NULL */
    PyObject *cancellation;     /* rebeam._engine.endings.cancellation */
    PyObject *wake;             /* rebeam._engine.endings.wake */
    PyObject *late[LATE_NAMES]; /* what actor_late found; or NULL */
    PyObject *watch_begins;     /* of actor/watched.h, as the next two; or NULL */
    PyObject *watch_ends;
    PyObject *trace_now;
    PyThreadState *loop_thread;               /* of the event loop; NULL before there is one */
    PyObject *place;                          /* where an asynchronous actor's code runs; or NULL */
    PyTypeObject *promise;                    /* _rebeam.Promise */
    struct actor *first_silent, *last_silent; /* actor/announce.c */
    struct actor *first_ending;               /* actor/kill.c */
    struct actor *next_ending;                /* that the walk there comes to next; or NULL */
    bool signalled;                           /* an exception was taken back; actor_raise_settle */
    unsigned long ticks;
    bool tuned;                /* actor_tune has looked */
    struct blocking *blocking; /* actor/blocking.c; NULL before actors run */
};

/* Makes interpreter->actor. 0, or -1 with an exception. */
int actor_prepare(struct interpreter *interpreter);
/* Finds the Python names. 0, or -1 with an exception. `rebeam` must be importable. */
int actor_init(struct interpreter *interpreter);

/* A new reference to module.first.second (second may be NULL), or NULL with an exception. */
PyObject *actor_find(const char *module_name, const char *first, const char *second);
/* Borrowed, or NULL with an exception. Imports its module the first time. */
PyObject *actor_late(enum late_name name);

/* A new ActorExit; never NULL but without memory. */
PyObject *actor_exit_new(void);
/* The same, a CallInterrupted. */
PyObject *actor_interrupted_new(void);

/* Sets an ActorExit. */
void actor_exit_raise(void);

#endif
