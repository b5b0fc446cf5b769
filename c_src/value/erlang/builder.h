/* How terms are built: the frames and numbers of a message that is being read. No GIL.
 *
 * The builder lives on the stack of value_to_term, which owns all that is in it. */
#ifndef REBEAM_VALUE_ERLANG_BUILDER_H
#define REBEAM_VALUE_ERLANG_BUILDER_H

#include "value/erlang/walk.h"
#include "value/parts.h"

enum { VALUE_FIRST_FRAMES = 16, VALUE_FIRST_TERMS = 64, VALUE_FIRST_NUMBERS = 32 };
/* Words that a leaf takes at most, but for big integers and foreign terms. */
enum { VALUE_LEAF_WORDS = 16 };

/* A container whose parts gather at the end of the writer's `terms`. */
struct value_frame {
    enum value_tag tag;
    size_t left;    /* parts still to come */
    size_t start;   /* the first part in `terms` */
    size_t words;   /* of the parts */
    size_t number;  /* its own, or VALUE_NOT_NUMBERED */
    bool shared;    /* gets a number when complete */
    bool recursive; /* its copy's number follows */
    struct value_place place;
    /* of a NESTED: what it hides of the message around it */
    size_t base;
    const unsigned char *back; /* where that goes on, if not behind it */
    const unsigned char *end;
    struct value_parts_range range;
    size_t resolved; /* whose number it finds a term for, or VALUE_NOT_NUMBERED */
};

struct value_numbered {
    ERL_NIF_TERM term;
    size_t words;
    enum { VALUE_OPEN, VALUE_COMPLETE, VALUE_IN_OBJECT } state; /* the last: without a term */
    struct value_place place;
};

/* A message that was made of a part of another; lives as long as its terms are made. */
struct value_copy {
    struct value_copy *next;
    struct value_extracted extracted;
};

struct value_builder {
    ErlNifEnv *env;
    struct value_source source;
    struct value_reader reader;
    struct value_copy *copies;
    struct value_frame *frames, first_frames[VALUE_FIRST_FRAMES];
    size_t capacity, depth;
    ERL_NIF_TERM *terms, first_terms[VALUE_FIRST_TERMS];
    size_t terms_capacity, terms_count;
    struct value_numbered *numbers, first_numbers[VALUE_FIRST_NUMBERS];
    size_t numbers_capacity, numbers_count;
    size_t base; /* where the numbers of the present message begin */
    size_t repeated;
    size_t extracted; /* bytes */
};

#define VALUE_NOT_NUMBERED SIZE_MAX

/* Each function: NULL, or a text that says what is wrong; or this, which is no failure: a frame was
 * opened, and the value comes later. */
extern const char *const value_builder_pending;

/* Takes the next number. */
const char *value_builder_number(struct value_builder *self, struct value_numbered numbered);
/* Where the value is whose tag was just read. */
struct value_place value_builder_place(const struct value_builder *self);
/* Opens a frame. */
const char *value_builder_push(struct value_builder *self, struct value_frame frame);
/* Goes on with another message until that ends, and then at `back`. */
const char *value_builder_enter(struct value_builder *self, const struct value_nested *nested,
                                const unsigned char *back, size_t resolved);

#endif
