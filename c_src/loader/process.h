/* The environment of this OS process, what it opened, and its replacement by another program.
 *
 * Nothing is kept; nothing here is called twice at once. A failure is `{error, Text}`. */
#ifndef REBEAM_LOADER_PROCESS_H
#define REBEAM_LOADER_PROCESS_H

#include <erl_nif.h>

/* (Name, Value | nil) -> ok | {error, Text}. In the C environment, which Python will see. Erlang's
 * os:putenv changes a copy of its own. */
ERL_NIF_TERM process_set_env(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Bytes) -> ok | {error, Text}. What allocates more than that gets an error. Only this process is
 * limited, and what it starts. */
ERL_NIF_TERM process_limit_data(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* () -> ok. What this VM opened is not inherited by what Python starts. */
ERL_NIF_TERM process_seal_descriptors(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* () -> ok. SIGTERM, SIGINT and SIGHUP end this process at once, as any that never asked for
 * anything else; also what came since process_exec. */
ERL_NIF_TERM process_default_signals(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Path) -> ok | {error, Text}. The program of process_exec loads that library (loader/preload.h).
 */
ERL_NIF_TERM process_hand_over(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Program, Arguments) -> {error, Text}: same process id, same terminal, same environment. Returns
 * only if that failed. SIGTERM waits until the program calls process_default_signals. */
ERL_NIF_TERM process_exec(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
