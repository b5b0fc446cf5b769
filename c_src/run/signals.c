#include "run/signals.h"

#include "base/python.h"
#include "run/thread.h"

#include <dirent.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
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

/* What ends a program, and what it did before Python. */
enum { TERMINATE, INTERRUPT, HANGUP, ENDS };
static const int ends[ENDS] = {SIGTERM, SIGINT, SIGHUP};
static struct sigaction vm_actions[ENDS];

/* CPython's action on Ctrl-C, which ours goes on to; and whether it is yet to be set. */
static struct sigaction python_interrupt;
static bool python_waits;

/* Of what asked for the end: the first signal, or 0; a bit for each that is to be told. */
static atomic_int asked;
static atomic_uint untold;
static sem_t telling;
static void (*tell_end)(int number); /* set once */
static atomic_bool ending;

/* A signal of our own, above SIGRTMIN, as THREAD_WAKE is; nobody's, so far. */
enum { BLOCK = 5 };

static void set_mask(bool block) {
    sigset_t mask = thread_refused_signals();
    if (!block)
        sigemptyset(&mask);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

static sigset_t end_mask(void) {
    sigset_t mask;
    sigemptyset(&mask);
    for (int i = 0; i < ENDS; i++)
        sigaddset(&mask, ends[i]);
    return mask;
}

/* Schedulers run Erlang code on the stacks of Erlang's processes, which a handler would overwrite:
 * ERTS gives each of its threads a stack for handlers. Up to OTP 25 it has every handler use that
 * by itself. */
static void handle(int number, struct sigaction action) {
    action.sa_flags |= SA_ONSTACK;
    sigaction(number, &action, NULL);
}

/* A thread's mask can only be changed by that thread. So each is sent a signal whose handler
 * changes the mask that the thread returns to. The kernel's mask has 64 bits; glibc's type is
 * larger than what is on the signal's stack frame, and begins with them. */
static void block_on_return(int number, siginfo_t *info, void *context) {
    sigset_t mask = thread_refused_signals();
    (void)number, (void)info;
    sigaddset(&mask, SIGABRT); /* as its handler is Python's, which these do not run, or no more */
    memcpy(&((ucontext_t *)context)->uc_sigmask, &mask, sizeof(uint64_t));
    atomic_fetch_add(&blocked, 1);
}

/* Has the thread `number` blocked? Then it has blocked the rest as well, as who started this
 * process did, and would never answer. */
static bool thread_blocks(pid_t thread, int number) {
    char path[64], line[256];
    unsigned long long mask = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)thread);
    FILE *status = fopen(path, "re");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "SigBlk:", 7) == 0)
            mask = strtoull(line + 7, NULL, 16);
    if (status != NULL)
        fclose(status);
    return mask >> (number - 1) & 1;
}

/* Sends `number` to all threads but this one that accept it; returns how many. */
static int send_to_others(int number) {
    int sent = 0;
    pid_t own = (pid_t)syscall(SYS_gettid);
    DIR *folder = opendir("/proc/self/task");
    struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        pid_t thread = (pid_t)atoi(entry->d_name);
        if (thread > 0 && thread != own && !thread_blocks(thread, number) &&
            syscall(SYS_tgkill, getpid(), thread, number) == 0)
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
    handle(number, block); /* and it stays: a late one must not end the process */
    int sent = send_to_others(number);
    for (int i = 0; i < 1000 && atomic_load(&blocked) < sent; i++)
        nanosleep(&step, NULL);
}

/* That it was called is all: without SA_RESTART the system call returns EINTR. */
static void woken(int number) {
    (void)number;
}

void signals_wake(pthread_t thread) {
    pthread_kill(thread, SIGRTMIN + THREAD_WAKE);
}

void signals_claim(void) {
    struct sigaction wake = {.sa_handler = woken};
    const struct sigaction initial = {.sa_handler = SIG_DFL};
    const sigset_t waits = end_mask();
    main_thread = true;
    sigfillset(&wake.sa_mask);
    handle(SIGRTMIN + THREAD_WAKE, wake);
    block_others();
    pthread_sigmask(SIG_SETMASK, &waits, NULL);
    sigaction(SIGCHLD, &initial, NULL); /* ERTS ignores it; subprocess could not wait then */
    sigaction(SIGUSR1, &initial, NULL); /* ERTS writes a crash dump on it */
    sigaction(SIGFPE, &initial, NULL);  /* ERTS ignores it, and so would children */
    for (int i = 0; i < ENDS; i++)
        sigaction(ends[i], NULL, &vm_actions[i]);
    sigaction(SIGTERM, &initial, NULL); /* ERTS handles it */
}

void signals_share(void) {
    sigaction(SIGTERM, &vm_actions[TERMINATE], NULL);
    sigaction(SIGINT, &vm_actions[INTERRUPT], &python_interrupt);
    python_waits = true;
    set_mask(false);
}

void signals_govern(void) {
    if (python_waits)
        sigaction(SIGINT, &python_interrupt, NULL);
    python_waits = false;
}

static void ask_end(int number) {
    int none = 0;
    atomic_compare_exchange_strong(&asked, &none, number);
    atomic_fetch_or(&untold, 1U << number);
    sem_post(&telling);
}

/* CPython's handler only leaves a note for whoever has the GIL, which may be held for long. */
static void interrupt(int number) {
    if (atomic_exchange(&ending, true)) {
        signal(number, SIG_DFL);
        raise(number); /* delivered on return */
    } else {
        ask_end(number);
        python_interrupt.sa_handler(number);
    }
}

static void *tell_ends(void *unused) {
    for (;;) {
        if (sem_wait(&telling) != 0)
            continue;
        unsigned numbers = atomic_exchange(&untold, 0);
        for (int i = 0; i < ENDS; i++)
            if ((numbers & 1U << ends[i]) != 0)
                tell_end(ends[i]);
    }
    return unused;
}

bool signals_tell(void (*tell)(int number)) {
    if (tell_end != NULL)
        return true;
    sem_init(&telling, 0, 0);
    tell_end = tell;
    if (!thread_start("rebeam_signals", tell_ends, NULL))
        tell_end = NULL;
    return tell_end != NULL;
}

void signals_heed(void) {
    const struct sigaction ask = {.sa_handler = ask_end, .sa_flags = SA_RESTART};
    handle(SIGTERM, ask);
    if (vm_actions[HANGUP].sa_handler != SIG_IGN)
        handle(SIGHUP, ask);
}

/* Is signal.default_int_handler what Python does? Leaves no exception. */
static bool interrupt_is_default(void) {
    PyObject *module = PyImport_ImportModule("_signal");
    PyObject *standard = module ? PyObject_GetAttrString(module, "default_int_handler") : NULL;
    PyObject *now = module ? PyObject_CallMethod(module, "getsignal", "i", SIGINT) : NULL;
    bool same = now != NULL && now == standard;
    PyErr_Clear();
    Py_XDECREF(now);
    Py_XDECREF(standard);
    Py_XDECREF(module);
    return same;
}

void signals_end_on_interrupt(void) {
    struct sigaction now;
    if (!interrupt_is_default() || sigaction(SIGINT, NULL, &now) != 0 ||
        (now.sa_flags & SA_SIGINFO) != 0 || now.sa_handler == interrupt)
        return;
    python_interrupt = now;
    now.sa_handler = interrupt;
    handle(SIGINT, now);
}

void signals_expect_end(void) {
    atomic_store(&ending, true);
}

/* What Python's main thread handles just now is handled once it has blocked its signals. */
int signals_over(void) {
    const sigset_t open = end_mask();
    block_others();
    for (int i = 0; i < ENDS; i++)
        sigaction(ends[i], &vm_actions[i], NULL);
    pthread_sigmask(SIG_UNBLOCK, &open, NULL);
    return atomic_load(&asked);
}

bool signals_are_here(void) {
    return main_thread;
}

void signals_refuse_again(void) {
    if (opened)
        set_mask(true);
    opened = false;
}

/* self(*arguments), while this thread accepts signals, and its child will. */
static PyObject *call_opened(PyObject *self, PyObject *arguments) {
    sigset_t none, before;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, &before);
    PyObject *result = PyObject_CallObject(self, arguments);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

static PyMethodDef opened_function = {"fork_exec", call_opened, METH_VARARGS, NULL};

PyObject *signals_opened(PyObject *module, PyObject *function) {
    (void)module;
    return PyCFunction_New(&opened_function, function);
}

/* A copy of the VM without its threads would hang at once. */
static int refuse_fork(void) {
    PyErr_SetString(PyExc_RuntimeError,
                    "fork would copy the Erlang VM without its threads: use subprocess, or "
                    "multiprocessing with the 'spawn' start method");
    return -1;
}

static bool main_interpreter(void) {
    return PyInterpreterState_GetID(PyInterpreterState_Get()) == 0;
}

static int audit(const char *event, PyObject *arguments, void *unused) {
    static const char *const starts[] = {"os.posix_spawn", "os.system", "os.exec",
                                         "subprocess.Popen"};
    (void)arguments, (void)unused;
    if (event[0] != 's' && event[0] != 'o')
        return 0;
    if (strcmp(event, "subprocess.Popen") == 0 && main_interpreter())
        return 0; /* its fork_exec is wrapped */
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
