/* The Python module `_rebeam`: the native half of the rebeam package.
 *
 * Here each interpreter gets its struct, and what lower floors are given from above: the executor
 * its tick, identities whose id ProcessID() is. GIL held; a failure is a Python exception.
 */
#ifndef REBEAM_EMBED_MODULE_H
#define REBEAM_EMBED_MODULE_H

#include "base/python.h"

PyMODINIT_FUNC PyInit__rebeam(void);

#endif
