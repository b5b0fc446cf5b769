/* A Python object that Erlang holds: what a recipe or a tree is to a supervisor.
 *
 * Owned by Erlang's garbage collector. A destructor never takes the GIL: the
 * reference is given back by a job on the object's executor.
 */
#ifndef REBEAM_RUN_HANDLE_H
#define REBEAM_RUN_HANDLE_H

#include "base/interpreter.h"

#include <erl_nif.h>
#include <stdbool.h>

struct handle;

/* At library load. False if the type cannot be made. */
bool handle_load(ErlNifEnv *env);

/* A term in `env` that keeps `object` (a new reference is taken). GIL held. */
ERL_NIF_TERM handle_make(ErlNifEnv *env, PyObject *object);

/* The object behind `term`: borrowed, alive while the term is. NULL if it is no
 * handle. No GIL needed to get it; it may be used only in `*executor`'s jobs. */
PyObject *handle_get(ErlNifEnv *env, ERL_NIF_TERM term, struct executor **executor);

/* Keeps what is behind a term, whatever becomes of that; NULL if it is no handle. No GIL. */
struct handle *handle_keep(ErlNifEnv *env, ERL_NIF_TERM term);
void handle_drop(struct handle *self);

/* Gives a reference back on the executor's thread. Any thread, no GIL. */
void handle_release(struct executor *executor, PyObject *object);

#endif
