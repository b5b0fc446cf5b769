/* What the loader's NIFs answer. No Python, no state. */
#ifndef REBEAM_LOADER_ANSWER_H
#define REBEAM_LOADER_ANSWER_H

#include <erl_nif.h>

/* `ok`, and `{error, Text}` with the system's own text. */
ERL_NIF_TERM loader_ok(ErlNifEnv *env);
ERL_NIF_TERM loader_error(ErlNifEnv *env, const char *text);

#endif
