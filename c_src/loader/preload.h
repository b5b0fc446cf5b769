/* What the loader and the launcher do before they start the VM that takes their place: see
 * loader/forked.h. */
#ifndef REBEAM_LOADER_PRELOAD_H
#define REBEAM_LOADER_PRELOAD_H

/* The program that takes this one's place loads the library, whatever its path is, behind what the
 * user has preloaded. 0, or -1 with errno. */
int preload_forked(const char *path);

#endif
