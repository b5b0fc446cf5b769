#include "loader/answer.h"

#include <string.h>

ERL_NIF_TERM loader_ok(ErlNifEnv *env) {
    return enif_make_atom(env, "ok");
}

ERL_NIF_TERM loader_error(ErlNifEnv *env, const char *text) {
    ERL_NIF_TERM binary;
    size_t size = strlen(text);
    memcpy(enif_make_new_binary(env, size, &binary), text, size);
    return enif_make_tuple2(env, enif_make_atom(env, "error"), binary);
}
