/* OS threads that run Python: large stacks, signals left to the main thread. No GIL is needed. */
#ifndef REBEAM_RUN_THREAD_H
#define REBEAM_RUN_THREAD_H

#include <signal.h>
#include <stdbool.h>

/* Python's C recursion needs far more than a scheduler's 320 kB, and a program may raise its limit:
 * a sort key that sorts takes up to 1.5 kB a level. Only touched pages cost memory. The smaller one
 * is for where address space is counted as if it was memory. */
enum {
    THREAD_STACK_BYTES = 512 * 1024 * 1024,
    THREAD_STACK_BYTES_LEAST = 16 * 1024 * 1024,
};

/* The signal that has a system call return early (signals_wake), above SIGRTMIN; nobody's, so far.
 */
enum { THREAD_WAKE = 6 };
/* The one of which Python's main thread is told, by CPython alone, that a body is to end. */
enum { THREAD_END = 7 };
/* What all threads but Python's main one block: all but what a thread's own fault, or its abort(),
 * sends to it, and the one that wakes it. Blocked, the former end the process without a word of
 * faulthandler's. */
sigset_t thread_refused_signals(void);

/* Starts a detached thread with a large stack, which refuses signals (run/signals.h). `name`
 * has at most 15 characters and stays. False if the system refuses. */
bool thread_start(const char *name, void *(*run)(void *), void *argument);

/* Tells the processor that the caller spins. */
void thread_pause(void);

#endif
