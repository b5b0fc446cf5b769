/* The main interpreter, and the folder from which every interpreter imports the rebeam package.
 *
 * Set by embed/embed.c: the folder once, before CPython starts, and for ever; the interpreter when
 * it is ready, and NULL again when it is finalised.
 */
#ifndef REBEAM_EMBED_HOME_H
#define REBEAM_EMBED_HOME_H

#include "base/python.h"

/* Takes the folder, a malloced string. No GIL. */
void embed_set_package(char *folder);
/* The main interpreter; NULL until it is ready. Any thread. */
PyInterpreterState *embed_interpreter(void);
void embed_set_interpreter(PyInterpreterState *interpreter);
/* Imports a module of the rebeam package into the current interpreter; sys.path is afterwards as it
 * was. A new reference, or NULL with an exception. GIL held. */
PyObject *embed_import(const char *name);

#endif
