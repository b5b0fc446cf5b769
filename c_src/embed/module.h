/* The Python module `_rebeam`: the native half of the rebeam package. */
#ifndef REBEAM_EMBED_MODULE_H
#define REBEAM_EMBED_MODULE_H

#include "base/python.h"

PyMODINIT_FUNC PyInit__rebeam(void);

#endif
