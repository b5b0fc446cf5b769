/* A CPython in this OS process that somebody else has started, such as another library that embeds
 * one: two cannot be beside each other, whether they are of the same library or not. */
#ifndef REBEAM_LOADER_EMBEDDED_H
#define REBEAM_LOADER_EMBEDDED_H

#include <stddef.h>

/* NULL, or the path of a libpython that is initialised, in `path`. Not for after our own start. */
const char *embedded_find(char *path, size_t size);

#endif
