/* Objects of Python, which stay packed in Erlang. No GIL. Each function fails as those of
 * value/erlang/builder.h do. */
#ifndef REBEAM_VALUE_ERLANG_TERM_OBJECT_H
#define REBEAM_VALUE_ERLANG_TERM_OBJECT_H

#include <erl_nif.h>
#include <stdbool.h>
#include <stddef.h>

struct value_builder;

/* An OBJECT whose tag was just read, behind a RECURSIVE or not. */
const char *value_term_object(struct value_builder *self, bool shared, bool recursive,
                              ERL_NIF_TERM *term, size_t *words);
/* A term for what has this number, and is in an object: its own message is read
 * now. */
const char *value_term_unfold(struct value_builder *self, size_t index);
void value_term_free_copies(struct value_builder *self);

#endif
