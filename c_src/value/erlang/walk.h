/* Walking over packed values without making them: what value/erlang/term.c does with objects, which
 * stay packed in Erlang. No GIL, no Python.
 *
 * An object in a message may refer to what is outside it, and what is outside to what is in
 * it. value_walk_skip notes where everything with a number is; value_walk_extract writes a
 * message of its own that has one value and all that it refers to, each once. It is an
 * error if that value contains what is open, other than in an object.
 */
#ifndef REBEAM_VALUE_ERLANG_WALK_H
#define REBEAM_VALUE_ERLANG_WALK_H

#include "base/buffer.h"
#include "value/erlang/walk_node.h"

/* The message that is walked over. */
struct value_message {
    const unsigned char *end;
    struct value_parts_range range; /* its parts */
    void *context;
    /* What has the number `index`; false if it is not known. */
    bool (*find)(void *context, size_t index, struct value_place *place);
};

/* Passes one value, whose tag is at reader->at, and is SHARED if `shared`. Tells each number in it
 * and the last of all its own. `number` is the next one. NULL, or a text that says what is wrong.
 */
const char *value_walk_skip(const struct value_message *message, struct value_reader *reader,
                            bool shared, size_t number,
                            const char *(*tell)(void *context, struct value_place place));

extern const char *const value_walk_cyclic;

/* What one value became. */
struct value_extracted {
    struct buffer bytes;
    size_t *parts; /* owned (malloc): which parts of all it has, in order */
    size_t count, capacity;
};
/* The message that has what is at `place`, which has a number if it is `shared`. Gives up when it
 * becomes larger than `limit`. NULL, or a text. To be freed in both cases. */
const char *value_walk_extract(const struct value_message *message, struct value_place place,
                               bool shared, size_t limit, struct value_extracted *out);
void value_walk_free(struct value_extracted *self);

#endif
