/* Small helpers to make Erlang terms. No GIL, no Python. */
#ifndef REBEAM_BASE_TERM_H
#define REBEAM_BASE_TERM_H

#include <erl_nif.h>

/* A binary in `env` with a copy of the bytes. */
ERL_NIF_TERM term_binary(ErlNifEnv *env, const void *bytes, size_t length);
/* The same of a C string. */
ERL_NIF_TERM term_text(ErlNifEnv *env, const char *text);

#endif
