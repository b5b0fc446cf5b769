/* OS threads that run Python: large stacks, signals left to the main thread. */
#ifndef REBEAM_RUN_THREAD_H
#define REBEAM_RUN_THREAD_H

#include <stdbool.h>

/* Python's C recursion needs far more than a scheduler's 320 kB. Only touched pages cost memory. */
enum { THREAD_STACK_BYTES = 16 * 1024 * 1024 };

/* Starts a detached thread with a large stack, which refuses signals (run/signals.h). `name`
 * has at most 15 characters and stays. False if the system refuses. */
bool thread_start(const char *name, void *(*run)(void *), void *argument);

/* Tells the processor that the caller spins. */
void thread_pause(void);

#endif
