/* Locks on files: held by this OS process until it ends, in whatever way, or gives them back.
 *
 * A lock is a resource that owns an open file description, which no program that is started here
 * inherits. It lives in the VM's memory, so any thread may free it. */
#ifndef REBEAM_LOADER_LOCK_H
#define REBEAM_LOADER_LOCK_H

#include <erl_nif.h>
#include <stdbool.h>

bool lock_load(ErlNifEnv *env);
/* (Path) -> {ok, Lock} | locked | {error, Text}. A file that is not there is made, for its owner
 * alone. */
ERL_NIF_TERM lock_take(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Lock) -> ok. Once only: later calls do nothing. */
ERL_NIF_TERM lock_release(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
