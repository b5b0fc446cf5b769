/* Whether a class has changed since: CPython counts versions of classes for its own caches. */
#ifndef REBEAM_BASE_TYPE_VERSION_H
#define REBEAM_BASE_TYPE_VERSION_H

#include "base/python.h"

/* A number that no other class has, and that the class has until it or a class that it inherits
 * from changes. 0 if there is none: CPython gives out only so many, and then what was found must be
 * found again. GIL held. No exceptions. */
unsigned type_version(PyTypeObject *type);

#endif
