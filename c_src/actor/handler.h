/* From a message to the method that handles it, its parameters matched by name.
 *
 * GenPy's class set-up (python/rebeam/_genpy.py) leaves these attributes on each
 * class: __rebeam_receive__ (dict: subject -> entry) and __rebeam_other__,
 * __rebeam_start__, __rebeam_continue__, __rebeam_info__, __rebeam_idle__,
 * __rebeam_stop__ (entry or None). An entry is
 * (function, codes, names): one letter and one keyword for each argument passed.
 *
 * All that is given is borrowed. GIL held in every function.
 */
#ifndef REBEAM_ACTOR_HANDLER_H
#define REBEAM_ACTOR_HANDLER_H

#include "suspend/runtime/step.h"

/* What a handler may ask for; all borrowed, NULL where it does not apply. */
struct handler_arguments {
    PyObject *self;    /* s */
    PyObject *message; /* m */
    PyObject *source;  /* o */
    PyObject *subject; /* u */
    PyObject *status;  /* t */
    PyObject *reason;  /* r */
};

/* A new reference to the entry, NULL without exception if the class has none,
 * NULL with one on failure. `attribute` is one of actor_state's names. */
PyObject *handler_find(PyObject *instance, PyObject *attribute);
/* The same for a subject: its own handler, else the catch-all. */
PyObject *handler_find_subject(PyObject *instance, PyObject *subject);
/* True if the handler takes the argument with this letter. */
int handler_wants(PyObject *entry, char code);
/* As suspend_start. */
enum suspend_outcome handler_start(PyObject *entry, const struct handler_arguments *arguments,
                                   PyObject **run, PyObject **out);

#endif
