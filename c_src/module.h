/* The Python module `_rebeam`: the native half of the rebeam package. */
#ifndef REBEAM_MODULE_H
#define REBEAM_MODULE_H

#include "python.h"

PyMODINIT_FUNC PyInit__rebeam(void);

#endif
