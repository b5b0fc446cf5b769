#include "loader/embedded.h"

#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct search {
    char *paths; /* a line each */
    size_t size;
};

/* Of a library that is loaded already, whatever its symbols are visible to. */
static bool is_initialized(const char *path) {
    bool initialized = false;
    void *library = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
    if (library == NULL)
        return false;
    int (*ask)(void) = NULL;
    *(void **)&ask = dlsym(library, "Py_IsInitialized");
    initialized = ask != NULL && ask() != 0;
    dlclose(library);
    return initialized;
}

/* The list is locked while it is walked, so the libraries are asked afterwards. */
static int note(struct dl_phdr_info *info, size_t size, void *argument) {
    struct search *search = argument;
    (void)size;
    const char *name = strrchr(info->dlpi_name, '/');
    size_t used = strlen(search->paths);
    if (name != NULL && strncmp(name, "/libpython3", 11) == 0 &&
        used + strlen(info->dlpi_name) + 2 < search->size)
        snprintf(search->paths + used, search->size - used, "%s\n", info->dlpi_name);
    return 0;
}

const char *embedded_find(char *path, size_t size) {
    struct search search = {.paths = path, .size = size};
    char *next = path, *end;
    path[0] = '\0';
    dl_iterate_phdr(note, &search);
    for (; (end = strchr(next, '\n')) != NULL; next = end + 1) {
        *end = '\0';
        if (is_initialized(next))
            return next;
    }
    return NULL;
}
