#include "signals.h"

#include "python.h"

#include <dirent.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/* Of a thread that opened its mask for a child. */
static _Thread_local bool opened;

/* Of Python's main thread. */
static _Thread_local bool main_thread;

/* Threads that have blocked their signals. */
static atomic_int blocked;

/* What ERTS did on SIGTERM. Python's main thread only. */
static struct sigaction erts_term;

/* Signals of our own, above SIGRTMIN; nobody's, so far. */
enum { BLOCK = 5, WAKE = 6 };

void signals_fill(sigset_t *mask) {
    sigfillset(mask);
    sigdelset(mask, SIGRTMIN + WAKE);
}

static void set_mask(bool block) {
    sigset_t mask;
    if (block)
        signals_fill(&mask);
    else
        sigemptyset(&mask);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

/* A thread's mask can only be changed by that thread. So each is sent a signal whose handler
 * changes the mask that the thread returns to. The kernel's mask has 64 bits; glibc's type is
 * larger than what is on the signal's stack frame. */
static void block_on_return(int number, siginfo_t *info, void *context) {
    const uint64_t all = ~(uint64_t)0;
    (void)number, (void)info;
    memcpy(&((ucontext_t *)context)->uc_sigmask, &all, sizeof all);
    atomic_fetch_add(&blocked, 1);
}

/* Sends `number` to all threads but this one; returns how many. */
static int send_to_others(int number) {
    int sent = 0;
    pid_t own = (pid_t)syscall(SYS_gettid);
    DIR *folder = opendir("/proc/self/task");
    struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        pid_t thread = (pid_t)atoi(entry->d_name);
        if (thread > 0 && thread != own && syscall(SYS_tgkill, getpid(), thread, number) == 0)
            sent++;
    }
    if (folder != NULL)
        closedir(folder);
    return sent;
}

static void block_others(void) {
    const struct timespec step = {.tv_nsec = 1000000};
    int number = SIGRTMIN + BLOCK;
    struct sigaction block = {.sa_sigaction = block_on_return, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigfillset(&block.sa_mask);
    atomic_store(&blocked, 0);
    sigaction(number, &block, NULL); /* and it stays: a late one must not end the process */
    int sent = send_to_others(number);
    for (int i = 0; i < 1000 && atomic_load(&blocked) < sent; i++)
        nanosleep(&step, NULL);
}

/* That it was called is all: without SA_RESTART the system call returns EINTR. */
static void woken(int number) {
    (void)number;
}

void signals_wake(pthread_t thread) {
    pthread_kill(thread, SIGRTMIN + WAKE);
}

void signals_claim(void) {
    struct sigaction wake = {.sa_handler = woken};
    const struct sigaction initial = {.sa_handler = SIG_DFL};
    main_thread = true;
    sigfillset(&wake.sa_mask);
    sigaction(SIGRTMIN + WAKE, &wake, NULL);
    block_others();
    set_mask(false);
    sigaction(SIGCHLD, &initial, NULL); /* ERTS ignores it; subprocess could not wait then */
    sigaction(SIGUSR1, &initial, NULL); /* ERTS writes a crash dump on it */
    sigaction(SIGTERM, &initial, &erts_term);
}

void signals_share(void) {
    sigaction(SIGTERM, &erts_term, NULL);
}

bool signals_are_here(void) {
    return main_thread;
}

void signals_refuse_again(void) {
    if (opened)
        set_mask(true);
    opened = false;
}

/* A copy of the VM without its threads would hang at once. */
static int refuse_fork(void) {
    PyErr_SetString(PyExc_RuntimeError,
                    "fork would copy the Erlang VM without its threads: use subprocess, or "
                    "multiprocessing with the 'spawn' start method");
    return -1;
}

static int audit(const char *event, PyObject *arguments, void *unused) {
    static const char *const starts[] = {"subprocess.Popen", "os.posix_spawn", "os.system",
                                         "os.exec"};
    (void)arguments, (void)unused;
    if (event[0] != 's' && event[0] != 'o')
        return 0;
    if (strcmp(event, "os.fork") == 0 || strcmp(event, "os.forkpty") == 0)
        return refuse_fork();
    for (size_t i = 0; !opened && i < sizeof starts / sizeof starts[0]; i++) {
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
