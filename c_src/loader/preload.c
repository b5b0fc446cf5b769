#include "loader/preload.h"

#include "loader/forked.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What LD_PRELOAD is to be, malloced; NULL with errno. */
static char *compose(int descriptor) {
    const char *others = getenv("LD_PRELOAD");
    const char *separator = others != NULL && others[0] != '\0' ? ":" : "";
    char *value = NULL;
    if (asprintf(&value, "%s%s" FORKED_DESCRIPTOR, others ? others : "", separator, descriptor) < 0)
        return NULL;
    return value;
}

int preload_forked(const char *path) {
    int descriptor = open(path, O_RDONLY); /* stays open, until the library is loaded */
    if (descriptor < 0)
        return -1;
    char *value = compose(descriptor);
    int status = value != NULL ? setenv("LD_PRELOAD", value, 1) : -1;
    int number = errno;
    free(value);
    if (status != 0)
        close(descriptor);
    errno = number;
    return status;
}
