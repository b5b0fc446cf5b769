#include "base/term.h"

#include <string.h>

ERL_NIF_TERM term_binary(ErlNifEnv *env, const void *bytes, size_t length) {
    ERL_NIF_TERM term;
    unsigned char *place = enif_make_new_binary(env, length, &term);
    if (length > 0)
        memcpy(place, bytes, length);
    return term;
}

ERL_NIF_TERM term_text(ErlNifEnv *env, const char *text) {
    return term_binary(env, text, strlen(text));
}
