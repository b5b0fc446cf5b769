/* One step of a walk over packed values: see value/erlang/walk.h. */
#ifndef REBEAM_VALUE_ERLANG_WALK_NODE_H
#define REBEAM_VALUE_ERLANG_WALK_NODE_H

#include "value/format.h"

/* Where a value with a number is. */
struct value_place {
    const unsigned char *node; /* its tag, behind SHARED */
    size_t first;              /* the number that the next one gets, before it is read */
    bool open;                 /* it contains what is read now */
};

/* What was read of a value: a leaf as a whole, else what comes before its parts. */
struct value_node {
    enum value_tag tag;
    bool shared;
    bool recursive;             /* its tag is behind a RECURSIVE; after its parts comes a count */
    const unsigned char *at;    /* its tag, or the RECURSIVE before it */
    const unsigned char *end;   /* of what was read */
    size_t children;            /* values that follow */
    uint64_t index;             /* of a BACK, and of parts */
    struct value_nested nested; /* of NESTED and PACKED */
};

/* False if it is malformed. */
bool value_node_read(struct value_reader *reader, const struct value_parts_range *range,
                     struct value_node *node);
/* When it gets its number, if it is shared: after so many of its children; SIZE_MAX: when it is
 * complete. */
size_t value_node_numbered_after(enum value_tag tag);

#endif
