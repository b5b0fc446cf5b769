/* %Rebeam.Buffer{} and the heads of BUFFERs. No GIL, no Python. */
#ifndef REBEAM_VALUE_ERLANG_BUFFER_TERM_H
#define REBEAM_VALUE_ERLANG_BUFFER_TERM_H

#include "value/buffer_head.h"

#include <erl_nif.h>

/* `data` is a binary. */
ERL_NIF_TERM value_buffer_term(ErlNifEnv *env, const struct value_buffer_head *head,
                               ERL_NIF_TERM data);
/* What the struct says; the head's format lives as long as the struct's terms. NULL, or a text that
 * says what is wrong with it; it lives until the thread's next conversion. */
const char *value_buffer_parse(ErlNifEnv *env, ERL_NIF_TERM map, struct value_buffer_head *head,
                               ERL_NIF_TERM *data);

#endif
