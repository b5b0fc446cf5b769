/* A packed message: its bytes, and beside them the parts that are too large to copy.
 *
 * As an Erlang term it is a binary, or [Bytes, Part, ...] where each part is a binary
 * or memory_term's {Ref, Binary}. So to Erlang it is plain data: inside one OS process
 * nothing is copied, and over the distribution the bytes go.
 */
#ifndef REBEAM_VALUE_PARTS_H
#define REBEAM_VALUE_PARTS_H

#include "base/buffer.h"
#include "memory/memory.h"
#include "value/format.h"

/* Runs of bytes from this size on are parts. */
enum { VALUE_PART_MIN = 65536 };

/* What packing makes. Zero-initialised is empty and valid; owns all. */
struct value_packed {
    struct buffer bytes;
    bool flat; /* everything is to be in `bytes` */
    bool own;  /* the runtime's, not a message that message_max is for; so is what is flat */
    struct memory_part *parts;
    size_t count, capacity;
    size_t size;         /* of the parts together */
    PyObject *to_freeze; /* owned, only while packing: NULL or a list, see value/python/buffer.h */
};

/* Takes the part's reference, also if it fails: false without memory. */
bool value_parts_add(struct value_packed *self, struct memory_part part);
/* Takes its parts away. */
void value_parts_drop(struct value_packed *self);
/* Any thread, no GIL. */
void value_parts_free(struct value_packed *self);
ERL_NIF_TERM value_parts_term(ErlNifEnv *env, const struct value_packed *self);

/* A message to be unpacked; borrows all. Its parts are `parts`, or else `list` (terms of
 * `env`), which is 0 if there are none. */
struct value_payload {
    const unsigned char *bytes;
    size_t length;
    const struct memory_part *parts;
    size_t count;
    ErlNifEnv *env;
    ERL_NIF_TERM list;
    bool foreign; /* to Erlang: no message, so it makes no atom, not even for a pid's node */
};

/* Takes the term apart. False if it is none of the two forms. */
bool value_parts_inspect(ErlNifEnv *env, ERL_NIF_TERM term, struct value_payload *out);

/* The parts of the message that is being read. */
struct value_source {
    const struct value_payload *payload;
    ERL_NIF_TERM *terms; /* owned (malloc): the parts, unless the payload has them ready */
    size_t count;        /* all that there are */
    struct value_parts_range range; /* those of the present message */
};
/* False without memory. */
bool value_parts_open(struct value_source *self, const struct value_payload *payload);
void value_parts_close(struct value_source *self);

#endif
