#include "loader/forked.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void open_mask(void) {
    sigset_t waits;
    sigemptyset(&waits);
    sigaddset(&waits, SIGTERM);
    sigprocmask(SIG_UNBLOCK, &waits, NULL);
}

/* What is started from here finds the variable as the user has it: our entry is the last one, and
 * names the descriptor that the library was loaded from. */
static void leave_environment(void) {
    int descriptor;
    char *value = getenv("LD_PRELOAD");
    char *last = value ? strrchr(value, ':') : NULL;
    if (value != NULL && sscanf(last ? last + 1 : value, FORKED_DESCRIPTOR, &descriptor) == 1)
        close(descriptor);
    if (last != NULL)
        *last = 0;
    else
        unsetenv("LD_PRELOAD");
}

static int is_program(const char *name) {
    return strncmp(program_invocation_short_name, name, strlen(name)) == 0;
}

__attribute__((constructor)) static void begin(void) {
    if (is_program("beam")) {
        leave_environment();
        pthread_atfork(NULL, NULL, open_mask);
    } else if (!is_program("erlexec")) {
        open_mask();
    }
}
