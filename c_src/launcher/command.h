#ifndef LAUNCHER_COMMAND_H
#define LAUNCHER_COMMAND_H

#include "launcher/release.h"

/* Becomes the emulator, which runs `arguments`, a NULL-terminated vector. Returns only if that
 * failed, with a line on standard error. */
void command_run(const struct release *release, char **arguments);

#endif
