#include "run/thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

/* Where faulthandler tells of an overflow of the thread's own stack. */
enum { SIGNAL_STACK_BYTES = 64 * 1024 };

struct start {
    void *(*run)(void *);
    void *argument;
    const char *name;
    char signal_stack[SIGNAL_STACK_BYTES];
};

sigset_t thread_refused_signals(void) {
    const int accepted[] = {SIGSEGV, SIGBUS, SIGFPE,  SIGILL,
                            SIGTRAP, SIGSYS, SIGABRT, SIGRTMIN + THREAD_WAKE};
    sigset_t mask;
    sigfillset(&mask); /* but those that the C library keeps for itself: setuid needs them */
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++)
        sigdelset(&mask, accepted[i]);
    return mask;
}

static void *enter(void *argument) {
    struct start *self = argument;
    const stack_t stack = {.ss_sp = self->signal_stack, .ss_size = sizeof self->signal_stack};
    const stack_t none = {.ss_flags = SS_DISABLE};
    sigaltstack(&stack, NULL);
    pthread_setname_np(pthread_self(), self->name); /* here: it may be over for its maker */
    void *result = self->run(self->argument);
    sigaltstack(&none, NULL);
    free(self);
    return result;
}

/* A limit of memory (--unit-memory, ulimit -v) counts all of a stack. */
static bool is_limited(void) {
    struct rlimit data, space;
    return getrlimit(RLIMIT_DATA, &data) != 0 || data.rlim_cur != RLIM_INFINITY ||
           getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_cur != RLIM_INFINITY;
}

/* 0, or what pthread_create says. */
static int create(pthread_attr_t *attributes, struct start *start) {
    pthread_t thread;
    int failed = -1;
    if (!is_limited()) {
        pthread_attr_setstacksize(attributes, THREAD_STACK_BYTES);
        failed = pthread_create(&thread, attributes, enter, start);
    }
    if (failed != 0) {
        pthread_attr_setstacksize(attributes, THREAD_STACK_BYTES_LEAST);
        failed = pthread_create(&thread, attributes, enter, start);
    }
    return failed;
}

bool thread_start(const char *name, void *(*run)(void *), void *argument) {
    pthread_attr_t attributes;
    sigset_t before, refused = thread_refused_signals();
    struct start *start = malloc(sizeof *start);
    if (start == NULL || pthread_attr_init(&attributes) != 0) {
        free(start);
        return false;
    }
    start->run = run;
    start->argument = argument;
    start->name = name;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &refused, &before); /* the new thread inherits the mask */
    int failed = create(&attributes, start);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (failed != 0)
        free(start);
    return failed == 0;
}

void thread_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}
