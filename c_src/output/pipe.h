/* Pipes to group leaders, for what writes to a descriptor: processes that Python starts, above all.
 *
 * Each number (output.h) has one, from when it is first asked for. The relay reads it; it gets its
 * reading end:
 *
 *   {'$rebeam', pipe, Number, Pipe}
 */
#ifndef REBEAM_OUTPUT_PIPE_H
#define REBEAM_OUTPUT_PIPE_H

#include <erl_nif.h>
#include <stdbool.h>
#include <stdint.h>

bool pipe_load(ErlNifEnv *env);
/* The descriptor to write to, which stays this module's; -1 with errno if there can be none. */
int pipe_descriptor(int64_t number);

/* (Pipe) -> Binary | nil: what is there right now, of 64 KiB at most. */
ERL_NIF_TERM pipe_nif_read(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Pipe) -> ok. The caller gets {select, Pipe, undefined, ready_input} when there is something. */
ERL_NIF_TERM pipe_nif_select(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
