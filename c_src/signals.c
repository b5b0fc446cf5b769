#include "signals.h"

#include "python.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>

/* Of a thread that opened its mask for a child. */
static _Thread_local bool opened;

static void set_mask(bool blocked) {
    sigset_t mask;
    if (blocked)
        sigfillset(&mask);
    else
        sigemptyset(&mask);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

void signals_accept(void) {
    set_mask(false);
    signal(SIGCHLD, SIG_DFL); /* ERTS ignores it; subprocess could not wait then */
}

void signals_refuse_again(void) {
    if (opened)
        set_mask(true);
    opened = false;
}

static int audit(const char *event, PyObject *arguments, void *unused) {
    static const char *const starts[] = {"subprocess.Popen", "os.fork",   "os.forkpty",
                                         "os.posix_spawn",   "os.system", "os.exec"};
    (void)arguments, (void)unused;
    if ((event[0] != 's' && event[0] != 'o') || opened)
        return 0;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (strcmp(event, starts[i]) == 0) {
            set_mask(false);
            opened = true;
        }
    }
    return 0;
}

int signals_watch_children(void) {
    return python_extra.add_audit_hook(audit, NULL);
}
