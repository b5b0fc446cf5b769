/* The instances that are actors of this interpreter now: for who brings them to what their classes
 * have become, and seldom. Nothing is kept of them for that. */
#ifndef REBEAM_ACTOR_INSTANCES_H
#define REBEAM_ACTOR_INSTANCES_H

#include "base/python.h"

/* _rebeam._instances(): a list of (instance, ProcessID). */
PyObject *actor_instances(PyObject *module, PyObject *unused);

#endif
