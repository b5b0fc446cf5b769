/* How values are made again: the frames and numbers of a message that is being read. GIL held.
 *
 * The unpacker lives on the stack of value_unpack, which owns all that is in it. */
#ifndef REBEAM_VALUE_PYTHON_UNPACKER_H
#define REBEAM_VALUE_PYTHON_UNPACKER_H

#include "value/format.h"
#include "value/parts.h"
#include "value/python/make.h"

enum { VALUE_UNPACK_FRAMES = 16, VALUE_UNPACK_NUMBERS = 32 };

/* A container that is being filled. */
struct value_unpack_frame {
    enum value_tag tag;
    PyObject *object; /* owned: the container; of a DATETIME_ZONED what came before
                         the tzinfo; of a NESTED NULL; of an OBJECT its callable, then itself */
    PyObject *key;    /* owned: of a dict, until its value comes, or NULL; of an OBJECT with a
                         SETTER its state, until that comes */
    size_t count;     /* parts still to come */
    size_t index;
    bool shared;               /* gets a number when complete */
    bool recursive;            /* to be replaced by its copy */
    unsigned flags;            /* of an OBJECT: the parts still to come, and NEW */
    const unsigned char *type; /* of an OBJECT: its text */
    size_t type_length;
    /* of a NESTED: what it hides of the message around it */
    size_t base;
    const unsigned char *end;
    struct value_parts_range range;
};

struct value_unpacker {
    struct interpreter *interpreter;
    struct value_source source;
    struct value_maker maker;
    struct value_reader reader;
    struct value_unpack_frame *frames, first_frames[VALUE_UNPACK_FRAMES];
    size_t capacity, depth;
    PyObject **numbered, *first_numbered[VALUE_UNPACK_NUMBERS]; /* owned references */
    size_t numbered_capacity, numbered_count;
    size_t base; /* where the numbers of the present message begin */
};

/* Each: 0, or -1 with an exception. */

/* Opens a frame. Takes `object`. */
int value_unpacker_push(struct value_unpacker *self, enum value_tag tag, PyObject *object,
                        size_t count);
/* Gives `object` the next number. */
int value_unpacker_number(struct value_unpacker *self, PyObject *object);

#endif
