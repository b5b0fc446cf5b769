/* Signals belong to Python's main thread.
 *
 * All other threads block them, ERTS's and ours, so a signal interrupts what the
 * main thread waits for, as under python; the kernel would give it to the process's
 * first thread, which is ERTS's. A child process inherits the mask of the thread
 * that starts it: that thread opens its own for as long as it starts a child. os.system and
 * os.posix_spawn are not ours to wrap, nor is what starts one in a sub-interpreter: for those a
 * worker's stays open until the job ends.
 */
#ifndef REBEAM_RUN_SIGNALS_H
#define REBEAM_RUN_SIGNALS_H

#include "base/python.h"

#include <pthread.h>
#include <stdbool.h>

/* On Python's main thread, before CPython is initialised: makes it the only thread that accepts
 * signals, and lets CPython find the actions that it would find under python. What ends a program
 * (SIGTERM, SIGINT, SIGHUP) waits meanwhile. */
void signals_claim(void);
/* On the same thread, after that: for what ends a program the VM's actions hold again. */
void signals_share(void);
/* On the same thread, when a body begins: Ctrl-C is Python's from here on. */
void signals_govern(void);
/* `tell` is called on a thread of its own for each signal that asks for the program's end, after
 * one of the two below. False if there is no such thread. */
bool signals_tell(void (*tell)(int number));
/* SIGTERM asks for the end from now on, and SIGHUP, unless nohup has it ignored. */
void signals_heed(void);
/* On Python's main thread, after a body and signals_tell; GIL held. Where Python's own handler of
 * Ctrl-C is the default one, Ctrl-C asks for the end from now on, whoever has the GIL, and a second
 * one ends the process at once. */
void signals_end_on_interrupt(void);
/* Python governs no more: for what ends a program the actions are those before Python, also for
 * what is delivered to the calling thread. Returns the signal that asked for the end, or 0. */
int signals_over(void);
/* The end was begun by an exception: the next Ctrl-C is the second one. */
void signals_expect_end(void);
/* True on Python's main thread: whoever waits there has signals to see. */
bool signals_are_here(void);
/* _rebeam.opened(function): calls it with the thread's mask open. For _posixsubprocess.fork_exec,
 * with which subprocess, asyncio and multiprocessing start children. */
PyObject *signals_opened(PyObject *module, PyObject *function);
/* Watches for the start of child processes; refuses fork. 0, or -1 with an exception. GIL held. */
int signals_watch_children(void);
/* Has a system call on that thread, which runs jobs, return early. Any thread but that one. */
void signals_wake(pthread_t thread);
/* On a worker, between two jobs. */
void signals_refuse_again(void);

#endif
