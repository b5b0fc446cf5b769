#include "launcher/release.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where a release may be, seen from the folder above that of the executable. */
static const char *const PLACES[] = {"", "/lib/rebeam"};

/* False if the path is too long for its buffer. */
static bool path(char buffer[PATH_MAX], const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(buffer, PATH_MAX, format, arguments);
    va_end(arguments);
    return length >= 0 && length < PATH_MAX;
}

/* The folder above that of the executable, whatever links lead to it. */
static bool prefix(char buffer[PATH_MAX]) {
    ssize_t length = readlink("/proc/self/exe", buffer, PATH_MAX - 1);
    if (length < 0)
        return false;
    buffer[length] = '\0';
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(buffer, '/');
        if (slash == NULL)
            return false;
        *slash = '\0';
    }
    return true;
}

/* Reads "ERTS-VERSION RELEASE-VERSION", which every release has. */
static bool open_at(struct release *release) {
    char name[PATH_MAX], erts[64], version[64];
    FILE *file = path(name, "%s/releases/start_erl.data", release->root) ? fopen(name, "re") : NULL;
    if (file == NULL)
        return false;
    int read = fscanf(file, "%63s %63s", erts, version);
    fclose(file);
    return read == 2 && path(release->erts, "%s/erts-%s/bin", release->root, erts) &&
           path(release->version, "%s/releases/%s", release->root, version) &&
           path(release->priv, "%s/lib/rebeam-%s/priv", release->root, version);
}

bool release_find(struct release *release) {
    char above[PATH_MAX];
    if (!prefix(above)) {
        fprintf(stderr, "rebeam: cannot tell where it is installed: %s\n", strerror(errno));
        return false;
    }
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++)
        if (path(release->root, "%s%s", above, PLACES[i]) && open_at(release))
            return true;
    fprintf(stderr,
            "rebeam: no release in %s, nor in its lib/rebeam: the file bin/rebeam belongs to the "
            "rest of its folder; link to it instead of copying it\n",
            above);
    return false;
}
