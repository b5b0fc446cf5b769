/* Erlang term -> bytes. No GIL, no Python. An error text is static or lives until the calling
 * thread's next conversion. */
#ifndef REBEAM_VALUE_ERLANG_FROM_TERM_H
#define REBEAM_VALUE_ERLANG_FROM_TERM_H

#include "base/buffer.h"

#include <erl_nif.h>
#include <stdbool.h>

/* What becomes of a term. Zero-initialised is empty and valid. */
struct value_of_term {
    struct buffer bytes;
    bool flat;           /* everything is to be in `bytes` */
    size_t limit;        /* gives up with `value_too_large` when they are more; 0: no limit */
    ERL_NIF_TERM *parts; /* owned (malloc): terms of the same environment */
    size_t count, capacity;
};
/* The packed form of `term`. NULL, or a text that says why not. To be freed in both cases. */
const char *value_from_term(ErlNifEnv *env, ERL_NIF_TERM term, struct value_of_term *out);
void value_of_term_free(struct value_of_term *self);
extern const char *const value_too_large;

#endif
