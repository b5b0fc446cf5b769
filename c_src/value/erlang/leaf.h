/* The part of value/erlang/term.c that reads values which contain no others. No GIL, no Python. */
#ifndef REBEAM_VALUE_ERLANG_LEAF_H
#define REBEAM_VALUE_ERLANG_LEAF_H

#include "value/parts.h"

#include <erl_nif.h>

/* Reads what follows `tag`, which the reader has just passed. NULL and *term set, or a
 * text as value_to_term's. Malformed for tags of values that contain others. */
const char *value_leaf_read(ErlNifEnv *env, const struct value_source *source,
                            struct value_reader *reader, enum value_tag tag, ERL_NIF_TERM *term);
/* The part of this number of the present message, as it came; false if there is none. */
bool value_leaf_part(const struct value_source *source, uint64_t index, ERL_NIF_TERM *term);

#endif
