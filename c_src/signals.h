/* Signals belong to Python's main thread.
 *
 * All other threads block them (the program that starts this VM sees to that for
 * ERTS's threads, thread.c for ours), so a signal interrupts what the main thread
 * waits for, as under python. A child process inherits the mask of the thread that
 * starts it: that thread opens its own first, and shuts it after the job.
 */
#ifndef REBEAM_SIGNALS_H
#define REBEAM_SIGNALS_H

/* On Python's main thread, before CPython is initialised. */
void signals_accept(void);
/* Watches for the start of child processes. 0, or -1 with an exception. GIL held. */
int signals_watch_children(void);
/* On a worker, between two jobs. */
void signals_refuse_again(void);

#endif
