/* From a message to the method that handles it, its parameters matched by name.
 *
 * What a class handles is a table that python/rebeam/_handlers.py makes: a tuple of entries, each a
 * Handler (see there) or None, at the places below; the first is a dict of them, by subject. A
 * table holds until the class changes. What it names is looked up on the instance for each message,
 * so that the handler is what `getattr` finds.
 *
 * All that is given is borrowed. GIL held in every function.
 */
#ifndef REBEAM_ACTOR_HANDLER_H
#define REBEAM_ACTOR_HANDLER_H

#include "suspend/runtime/step.h"

#include <stdbool.h>

/* The places in a table. */
enum handler_kind {
    HANDLER_RECEIVE,
    HANDLER_OTHER,
    HANDLER_START,
    HANDLER_CONTINUE,
    HANDLER_INFO,
    HANDLER_IDLE,
    HANDLER_STOP,
    HANDLER_KINDS
};

/* The table of an instance's class, kept for the next message. Zero-initialised is empty. */
struct handler_table {
    PyObject *handlers; /* owned */
    unsigned version;   /* of the class */
    unsigned settled;   /* the one that the instance was last brought to */
};

/* A handler of one instance. Owns both. */
struct handler {
    PyObject *entry; /* NULL: none */
    PyObject *bound; /* what `getattr` found */
};

/* What a handler may ask for; all borrowed, NULL where it does not apply. */
struct handler_arguments {
    PyObject *message; /* m */
    PyObject *source;  /* o */
    PyObject *subject; /* u */
    PyObject *status;  /* t */
    PyObject *reason;  /* r */
};

/* Whether the class has a handler of that kind; false without exception also if it is no actor. */
bool handler_exists(struct handler_table *table, PyObject *instance, enum handler_kind kind);
/* The handler; its entry is NULL if there is none. False with an exception. */
bool handler_find(struct handler_table *table, PyObject *instance, enum handler_kind kind,
                  struct handler *out);
/* The same for a subject: its own handler, else the catch-all. */
bool handler_find_subject(struct handler_table *table, PyObject *instance, PyObject *subject,
                          struct handler *out);
void handler_drop(struct handler *self);
void handler_table_drop(struct handler_table *table);
/* True if the handler takes the argument with this letter. */
bool handler_wants(const struct handler *self, char letter);
/* As suspend_start. */
enum suspend_outcome handler_start(const struct handler *self, PyObject *instance,
                                   const struct handler_arguments *arguments, PyObject **run,
                                   PyObject **out);

/* _type_version(cls): see base/type_version.h. */
PyObject *handler_type_version(PyObject *module, PyObject *type);

#endif
