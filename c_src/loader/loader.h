/* What happens before there is a Python: the small library that is loaded into
 * every VM, opens libpython, and hands the process over to a fresh VM.
 *
 * Knows nothing of Python's headers. No call here is repeated or concurrent:
 * Mix's task and the command line use them one after the other, at start-up.
 * Failures are `{error, Text}` with the system's own text.
 */
#ifndef REBEAM_LOADER_H
#define REBEAM_LOADER_H

#include <erl_nif.h>

/* `ok`, and `{error, Text}`. */
ERL_NIF_TERM loader_ok(ErlNifEnv *env);
ERL_NIF_TERM loader_error(ErlNifEnv *env, const char *text);

/* stdin.c: keeps what the VM has read from standard input for its successor. */
ERL_NIF_TERM stdin_detach(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
ERL_NIF_TERM stdin_attach(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

/* process.c: the environment and the image of this OS process. */
ERL_NIF_TERM process_set_env(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
ERL_NIF_TERM process_limit_data(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
ERL_NIF_TERM process_seal_descriptors(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
ERL_NIF_TERM process_exec(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
