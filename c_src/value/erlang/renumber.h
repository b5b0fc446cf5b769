/* The numbers of a message that is taken apart, old and new: an open-addressing table. No GIL. */
#ifndef REBEAM_VALUE_ERLANG_RENUMBER_H
#define REBEAM_VALUE_ERLANG_RENUMBER_H

#include "value/erlang/walk_node.h"

/* What is known of the number `old` of the message: where it is, and what it became. */
struct value_renumbering {
    size_t old;
    size_t renamed; /* VALUE_UNNAMED: not written yet */
    struct value_place place;
    bool used;
};

#define VALUE_UNNAMED SIZE_MAX

/* Zero-initialised is empty and valid. Owns its slots. */
struct value_renumbered {
    struct value_renumbering *slots;
    size_t capacity, count;
};

/* The entry of `old`, made if there is none yet; it stays until the next one is made. NULL without
 * memory. */
struct value_renumbering *value_renumber(struct value_renumbered *self, size_t old);
/* What `old` became; VALUE_UNNAMED if it is not written, or not known. */
size_t value_renumber_find(const struct value_renumbered *self, size_t old);
void value_renumber_free(struct value_renumbered *self);

#endif
