/* The plain path: where CPython cannot suspend, the thread waits, with a waiter on its stack
 * (actor/waiter.h). */
#ifndef REBEAM_ACTOR_WAIT_H
#define REBEAM_ACTOR_WAIT_H

#include "base/python.h"

/* Borrows a suspension and waits on this thread for its result: a new reference, or NULL with an
 * exception. GIL held, and given away meanwhile. */
PyObject *actor_wait(PyObject *suspension);

#endif
