/* Signals belong to Python's main thread.
 *
 * All other threads block them, ERTS's and ours, so a signal interrupts what the
 * main thread waits for, as under python; the kernel would give it to the process's
 * first thread, which is ERTS's. A child process inherits the mask of the thread
 * that starts it: that thread opens its own first, and shuts it after the job.
 */
#ifndef REBEAM_SIGNALS_H
#define REBEAM_SIGNALS_H

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

/* On Python's main thread, before CPython is initialised: makes it the only thread that accepts
 * signals, and lets CPython find the actions that it would find under python. */
void signals_claim(void);
/* On the same thread, after that: what ERTS handles goes to ERTS again. */
void signals_share(void);
/* True on Python's main thread: whoever waits there has signals to see. */
bool signals_are_here(void);
/* Watches for the start of child processes; refuses fork. 0, or -1 with an exception. GIL held. */
int signals_watch_children(void);
/* Has a system call on that thread, which runs jobs, return early. Any thread but that one. */
void signals_wake(pthread_t thread);
/* All signals, but for the one that wakes: the mask of our threads. */
void signals_fill(sigset_t *mask);
/* On a worker, between two jobs. */
void signals_refuse_again(void);

#endif
