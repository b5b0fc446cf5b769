#ifndef LAUNCHER_RELEASE_H
#define LAUNCHER_RELEASE_H

#include <limits.h>
#include <stdbool.h>

/* A release as `mix release` lays it out: erts-VSN, lib, releases/VSN. */
struct release {
    char root[PATH_MAX];
    char erts[PATH_MAX];    /* the folder of the emulator */
    char version[PATH_MAX]; /* the folder of the boot script and of the flags */
    char priv[PATH_MAX];    /* the folder of the native libraries */
};

/* Finds the release that the running executable belongs to: the folder above that of the
 * executable, or `lib/rebeam` in it, where a wheel puts it. False, with a line on standard
 * error, if there is none. */
bool release_find(struct release *release);

#endif
