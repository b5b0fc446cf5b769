/* Code of an actor that ends, or whose process is gone, and that still runs on a thread.
 *
 *   running --owner died-------------> ENDING --ActorExit, again and again--> over
 *   waiting --ActorExit where it waits--^
 *
 * Before that, an actor that ends in order is told once, with ActorExit where it waits. It is told
 * where it computes, too, if it is a function, or a handler that no @stop follows. From then on it
 * waits as ever, for as long as its process lives. Code of a killed actor that was told may send,
 * and ask for what is done at once; each of its waits ends with ActorExit.
 *
 * A tick of the executor raises ActorExit in that thread. `finally` blocks get half a second
 * before it comes again, also after the one that ended a wait. Code that swallowed it gets an
 * ActorKill, from which on the thread is traced, and each line that it tries to run raises: so no
 * handler holds it up.
 * Asynchronous code has that time first for being cancelled, and the exception comes only while
 * the loop is inside one of the actor's own tasks, which are not alone on its thread. Tasks that
 * a handler left behind are in the list by themselves, once no handler runs.
 * What waits in C is sent a signal, so that it returns early if it can: ctypes' sleep and poll do,
 * Python's own functions wait again. Until it returns its thread is abandoned, and fenced: what it
 * answers goes to nobody, and it sends nothing before it has heard of the end.
 *
 * The list belongs to the interpreter; it keeps its actors. GIL held in every function.
 */
#ifndef REBEAM_ACTOR_KILL_H
#define REBEAM_ACTOR_KILL_H

#include "base/python.h"

#include <stdbool.h>

struct actor;
struct request;

/* Called when an ActorKill is raised (rebeam._errors): the thread runs no further line. */
PyObject *actor_kill_hard(PyObject *module, PyObject *unused);

/* True if code of the actor that waits shall get ActorExit instead: once if it ends in order, as
 * often as it waits if it was killed. */
bool actor_exits(const struct actor *self);
/* The same of a wait that would begin now, for what `request` asks for. */
bool actor_kill_refuses(const struct actor *self, const struct request *request);
/* Sets an ActorExit. Code of the actor's run, on its thread, has heard of the end with it. */
void actor_kill_refuse(struct actor *self);
/* Before code of the actor, which may be NULL, tells others something. True with an ActorExit if it
 * was killed and has not heard of it: this is how it hears. */
bool actor_kill_stops_sending(struct actor *self);
/* True if it has no process any more that asks for that, but may ask: the client process does. */
bool actor_kill_by_client(struct actor *self, const struct request *request);
/* The actor's run goes on, on this thread: should the owner die, it gets ActorExit there. If it is
 * dead already, the code has heard of that. */
void actor_kill_enter(struct actor *self);
/* It is over, or waits: from now on another thread may go on with it, or with the next. */
void actor_kill_leave(struct actor *self);

/* The run gets ActorExit where it waits: the next comes only if that does not end it. */
void actor_kill_told(struct actor *self);
/* The actor ends in order, and its run is on a thread: it gets ActorExit there, once. An event loop
 * that runs there has its main task cancelled instead. */
void actor_kill_tell(struct actor *self);
/* The actor died: if its run is on a thread, it gets ActorExit there. */
void actor_kill_begin(struct actor *self);
/* The tasks of the dead actor swallow whatever comes: its run ends without them. */
bool actor_kill_gave_up(const struct actor *self);
/* The actor died, and nothing of it runs but asynchronous tasks, which were cancelled. */
void actor_kill_tasks(struct actor *self);
/* What is to be done every few milliseconds. True while anything is left. */
bool actor_kill_tick(void);

#endif
