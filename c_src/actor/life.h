/* The making, keeping and naming of actors: resources, whose last reference may go on any thread.
 *
 * No GIL is needed, but where it says so; nothing fails but for memory. */
#ifndef REBEAM_ACTOR_LIFE_H
#define REBEAM_ACTOR_LIFE_H

#include "base/python.h"

#include <erl_nif.h>
#include <stdbool.h>
#include <stdint.h>

struct actor;
struct executor;

/* Opens the resource type. Registered from above, as they reach everything: what is done when the
 * last reference goes, which calls actor_free, and when the owner does (actor/nif.c). */
bool actor_life_load(ErlNifEnv *env, const ErlNifResourceTypeInit *callbacks);

/* The caller owns a reference. Without an owner it is a nameless one, of a thread without a
 * process or of asynchronous code. */
struct actor *actor_new(struct executor *executor, const ErlNifPid *owner);
void actor_keep(struct actor *self);
void actor_release(struct actor *self);
/* Gives back what it has, but for what its queue had. */
void actor_free(struct actor *self);

ERL_NIF_TERM actor_term(ErlNifEnv *env, struct actor *self);
struct actor *actor_get(ErlNifEnv *env, ERL_NIF_TERM term); /* borrowed; NULL if it is none */

/* It has no process any more, or never had one and its wait is over. Any thread. */
void actor_end(struct actor *self);
/* The wait of that number was dropped, or answered past the process that watches over it, which
 * hears `settled`. A nameless actor ends with that. GIL held. */
void actor_settle(struct actor *self, uint64_t sequence);
/* Of a nameless actor: the process that works for its wait from now on. False if that is over. Any
 * thread. */
bool actor_serve(struct actor *self, const ErlNifPid *pid);
/* True once it has ended: what its code comes to is told to nobody any more. */
bool actor_is_dead(const struct actor *self);
/* False if the actor has no process of its own (a plain thread's). */
bool actor_owner(const struct actor *self, ErlNifPid *pid);

/* Where goes what its code prints (output/output.h); of a nameless one, what its thread does. */
void actor_print_to(struct actor *self, int64_t number);
int64_t actor_output(const struct actor *self);

/* Makes `self` the calling thread's actor; returns the one before. Borrowed, both. */
struct actor *actor_enter(struct actor *self);
/* Whose code the calling thread runs, without asynchronous code: see actor_current. NULL outside
 * actors. Borrowed. */
struct actor *actor_of_thread(void);
/* It is the one of a script, for who looks in. */
void actor_be_script(struct actor *self);
/* Its code runs on the calling thread, without jobs. GIL held. */
void actor_run_here(struct actor *self);
/* Where a thread of this interpreter is, or the one that the actor's run is on: a new reference, or
 * NULL. No garbage is collected in there, which runs __del__ and may let the thread go on.
 * (Python's own sys._current_frames() looks at the threads of all interpreters, which run
 * meanwhile.) GIL held. */
PyObject *actor_frame_of(PyThreadState *thread);
PyObject *actor_frame(const struct actor *self);
/* The same of the body of a script, on Python's main thread. */
void actor_run_body(struct actor *self);
/* The number of a new wait. GIL held; who reads it may be in another interpreter. */
uint64_t actor_next_sequence(struct actor *self);
/* Numbers of that many waits, one after another: the first of them. The same. */
uint64_t actor_next_sequences(struct actor *self, size_t count);

/* The process that acts for threads without one. Set once by the application. */
void actor_set_clients(const ErlNifPid *pid);
/* False before that. */
bool actor_clients(ErlNifPid *pid);

#endif
