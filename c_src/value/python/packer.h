/* How values are packed: the frames and numbers of a message that is being written. GIL held.
 *
 * The packer lives on the stack of value_pack, which owns all that is in it. */
#ifndef REBEAM_VALUE_PYTHON_PACKER_H
#define REBEAM_VALUE_PYTHON_PACKER_H

#include "value/format.h"
#include "value/parts.h"
#include "value/python/memo.h"

enum { VALUE_PACK_FRAMES = 16 };
/* Of an OBJECT's parts: with the second, the arguments, it can be made. */
enum { VALUE_PARTS_TO_MAKE = 2 };

/* A container whose parts are being packed. User code may run between two parts
 * (__reduce__, __getstate__) and change the container, so the frame owns what it
 * looks at, and the size is compared again at every step. */
struct value_pack_frame {
    enum value_tag tag;
    PyObject *object;   /* owned: the container */
    PyObject *iterator; /* owned: of a set or frozenset, else NULL */
    PyObject *key;      /* owned: of a dict, the present pair's, else NULL */
    PyObject *part;     /* owned: the part that is being packed, or NULL */
    PyObject *value;    /* owned: of a dict, to be packed after its key, or NULL;
                           of a DATETIME_ZONED its tzinfo; of an OBJECT the tuple of its parts */
    size_t count;       /* as written */
    size_t index;       /* parts taken */
    Py_ssize_t cursor;  /* PyDict_Next's */
    size_t mark;        /* where SHARED was written, or VALUE_NOT_SHARED */
    size_t flags_at;    /* of an OBJECT: where its flags were written */
};

#define VALUE_NOT_SHARED SIZE_MAX

struct value_packer {
    struct interpreter *interpreter;
    struct value_packed *packed;
    struct buffer *out; /* its bytes */
    struct value_memo memo;
    struct value_pack_frame *frames, first[VALUE_PACK_FRAMES];
    size_t capacity;
    size_t depth;
    size_t start; /* of the message in `out` */
    bool all;     /* everything may be met again */
    bool again;   /* it has to be begun anew with `all` */
    bool told;    /* the exception says all there is to say */
    /* The type of the last object that was taken apart, and where its text was written: the next
     * is often of the same. */
    PyObject *type; /* owned, or NULL */
    size_t type_at, type_length;
    const char *root;
};

/* Each: 0, or -1 with an exception. */

/* Opens a frame for `object`. Takes `iterator`. */
int value_packer_push(struct value_packer *self, enum value_tag tag, PyObject *object,
                      PyObject *iterator, size_t count, size_t mark);
/* A shared object is complete: it gets its number, if it did not when it opened. */
int value_packer_number(struct value_packer *self, PyObject *object, size_t mark);

#endif
