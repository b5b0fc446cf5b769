/* Which objects of a message were packed already, and under which number. */
#ifndef REBEAM_VALUE_PYTHON_MEMO_H
#define REBEAM_VALUE_PYTHON_MEMO_H

#include "base/python.h"

#include <stdbool.h>

enum { VALUE_MEMO_FIRST = 32 };

/* An open-addressing table by address. Owns a reference to each object in it, so
 * that no address is used twice while a message is packed. GIL held throughout. */
struct value_memo {
    struct value_memo_slot {
        PyObject *object; /* NULL: free */
        size_t number;
    } * slots, first[VALUE_MEMO_FIRST]; /* small messages need no allocation */
    size_t capacity;                    /* a power of two */
    size_t count;
};

void value_memo_init(struct value_memo *self);
void value_memo_free(struct value_memo *self);
/* True if `object` has a number; *number is it then. */
bool value_memo_find(const struct value_memo *self, PyObject *object, size_t *number);
/* Gives `object`, which has none, the next number: 0, 1, 2... False when memory ran out. */
bool value_memo_add(struct value_memo *self, PyObject *object);

#endif
