#include "launcher/init.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a shell makes of the end by a signal. */
enum { BY_SIGNAL = 128 };

/* Signals that tell of this process itself, and those of stopped children. */
static bool is_own(int number) {
    return number == SIGCHLD || number == SIGTTOU || number == SIGTTIN;
}

/* Reaps all that have ended. The status to exit with once `child` is among them, else -1. */
static int reap(pid_t child) {
    int status, result = -1;
    for (;;) {
        pid_t ended = waitpid(-1, &status, WNOHANG);
        if (ended <= 0)
            return result;
        if (ended == child)
            result = WIFSIGNALED(status) ? BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
    }
}

/* A terminal's Ctrl-C goes to its foreground group: to the program alone, not to both. */
static void take_terminal(void) {
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    if (isatty(STDIN_FILENO))
        tcsetpgrp(STDIN_FILENO, getpid());
    signal(SIGTTOU, SIG_DFL);
}

static _Noreturn void serve(pid_t child, const sigset_t *all) {
    int number, status = reap(child);
    while (status < 0) {
        if (sigwait(all, &number) == 0 && !is_own(number))
            kill(child, number);
        status = reap(child);
    }
    exit(status);
}

void init_if_first(void) {
    sigset_t all, before;
    if (getpid() != 1)
        return;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t child = fork();
    if (child < 0) {
        fprintf(stderr, "rebeam: cannot start a process: %s\n", strerror(errno));
        exit(1);
    }
    if (child > 0)
        serve(child, &all);
    take_terminal();
    sigprocmask(SIG_SETMASK, &before, NULL);
}
