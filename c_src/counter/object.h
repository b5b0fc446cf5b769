/* The types that rebeam.Counter, rebeam.Gauge and rebeam.Flag are made of: a cell, whose index the
 * class is asked for at the first use. Their methods are single atomic instructions and suspend
 * nothing. GIL held. */
#ifndef REBEAM_COUNTER_OBJECT_H
#define REBEAM_COUNTER_OBJECT_H

#include "base/python.h"

/* Adds them to the module. 0, or -1 with an exception. */
int counter_init(PyObject *module);

#endif
