/* bytes -> Erlang term. No GIL, no Python. An error text is static or lives until the calling
 * thread's next conversion. */
#ifndef REBEAM_VALUE_ERLANG_TERM_H
#define REBEAM_VALUE_ERLANG_TERM_H

#include "value/parts.h"

#include <erl_nif.h>

/* NULL and *out set, or a text that says why not. The payload is borrowed. */
const char *value_to_term(ErlNifEnv *env, const struct value_payload *payload, ERL_NIF_TERM *out);

#endif
