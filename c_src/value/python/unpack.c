/* A loop over frames on the heap, as in value/python/pack.c. */
#include "value/python/unpack.h"

#include "value/options.h"
#include "value/python/explain.h"
#include "value/python/object.h"
#include "value/python/unpack_fill.h"
#include "value/python/unpack_leaf.h"
#include "value/python/unpacker.h"

#include <stdlib.h>

static int malformed(void) {
    value_malformed();
    return -1;
}

static void *no_memory(void) {
    PyErr_NoMemory();
    return NULL;
}

static PyObject *read_back(struct value_unpacker *self) {
    uint64_t index;
    if (!value_read_varint(&self->reader, &index) || index >= self->numbered_count - self->base)
        return value_malformed();
    return Py_NewRef(self->numbered[self->base + (size_t)index]);
}

/* ---- containers ------------------------------------------------------- */

/* Code of the user's may run before it is full, and look at it: a list grows, and a tuple with
 * holes is not to be found by way of gc. */
static PyObject *container_new(enum value_tag tag, size_t count) {
    if (tag == VALUE_LIST)
        return PyList_New(0);
    if (tag == VALUE_TUPLE) {
        PyObject *tuple = PyTuple_New((Py_ssize_t)count);
        if (tuple != NULL && count > 0)
            PyObject_GC_UnTrack(tuple);
        return tuple;
    }
    if (tag == VALUE_DICT)
        return PyDict_New();
    return tag == VALUE_SET ? PySet_New(NULL) : PyFrozenSet_New(NULL);
}

/* Opens a container; an empty one is complete at once: *whole. 0, or -1. */
static int read_container(struct value_unpacker *self, enum value_tag tag, bool shared,
                          PyObject **whole) {
    size_t count;
    if (!value_read_count(&self->reader, tag == VALUE_DICT ? 2 : 1, &count))
        return malformed();
    PyObject *object = container_new(tag, count);
    if (object == NULL)
        return -1;
    if (count == 0) {
        *whole = object;
        return 0;
    }
    bool numbered = shared && tag != VALUE_TUPLE && tag != VALUE_FROZENSET;
    if (numbered && value_unpacker_number(self, object) < 0) {
        Py_DECREF(object);
        return -1;
    }
    if (value_unpacker_push(self, tag, object, count) < 0)
        return -1;
    self->frames[self->depth - 1].shared = shared && !numbered;
    return 0;
}

static int read_zoned(struct value_unpacker *self, bool shared) {
    PyObject *opened = value_zoned_open(&self->reader);
    if (opened == NULL || value_unpacker_push(self, VALUE_DATETIME_ZONED, opened, 1) < 0)
        return -1;
    self->frames[self->depth - 1].shared = shared;
    return 0;
}

/* A message in the message: its numbers begin at 0 again, and it ends where it says. */
static int read_nested(struct value_unpacker *self) {
    struct value_nested nested;
    if (!value_nested_read(&self->reader, &self->source.range, &nested))
        return malformed();
    if (value_unpacker_push(self, VALUE_NESTED, NULL, 1) < 0)
        return -1;
    struct value_unpack_frame *frame = &self->frames[self->depth - 1];
    frame->base = self->base;
    frame->end = self->reader.end;
    frame->range = self->source.range;
    self->base = self->numbered_count;
    self->source.range = nested.range;
    self->reader =
        (struct value_reader){.at = nested.bytes + 1, .end = nested.bytes + nested.length};
    return 0;
}

static int read_object(struct value_unpacker *self, bool shared) {
    const unsigned char *type;
    size_t length;
    uint8_t flags;
    if (!value_read_data(&self->reader, &type, &length) ||
        !value_read_byte(&self->reader, &flags) || flags > VALUE_OBJECT_ALL)
        return malformed();
    if (value_refuses_objects())
        return value_refuse_object(type, length);
    if (value_unpacker_push(self, VALUE_OBJECT, NULL, value_object_count(flags)) < 0)
        return -1;
    struct value_unpack_frame *frame = &self->frames[self->depth - 1];
    frame->shared = shared;
    frame->flags = flags;
    frame->type = type;
    frame->type_length = length;
    return 0;
}

static int read_recursive(struct value_unpacker *self) {
    enum value_tag tag;
    PyObject *whole = NULL;
    int result = -1;
    if (!value_read_tag(&self->reader, &tag))
        return malformed();
    if (tag == VALUE_OBJECT)
        result = read_object(self, false);
    else if (tag == VALUE_DATETIME_ZONED)
        result = read_zoned(self, false);
    else if (tag == VALUE_TUPLE || tag == VALUE_FROZENSET)
        result = read_container(self, tag, false, &whole);
    else
        value_malformed();
    if (result < 0)
        return -1;
    if (whole != NULL) { /* an empty one contains nothing, so not itself */
        Py_DECREF(whole);
        return malformed();
    }
    self->frames[self->depth - 1].recursive = true;
    return 0;
}

/* ---- one value -------------------------------------------------------- */

/* Reads a value: *whole is a new reference, or NULL if a frame was opened. 0, or -1. */
static int read_tagged(struct value_unpacker *self, enum value_tag tag, bool shared,
                       PyObject **whole) {
    switch (tag) {
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_DICT:
    case VALUE_SET:
    case VALUE_FROZENSET:
        return read_container(self, tag, shared, whole);
    case VALUE_DATETIME_ZONED:
        return read_zoned(self, shared);
    case VALUE_OBJECT:
        return read_object(self, shared);
    case VALUE_NESTED:
        return read_nested(self);
    case VALUE_RECURSIVE:
        return read_recursive(self);
    case VALUE_BACK:
        *whole = read_back(self);
        break;
    case VALUE_NONE:
    case VALUE_TRUE:
    case VALUE_FALSE:
    case VALUE_INT:
    case VALUE_BIGINT:
    case VALUE_FLOAT:
    case VALUE_STR:
    case VALUE_STR_SURROGATES:
    case VALUE_BYTES:
    case VALUE_BYTEARRAY:
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATETIME:
    case VALUE_DATETIME_UTC:
    case VALUE_DECIMAL:
    case VALUE_PID:
    case VALUE_REFERENCE:
    case VALUE_ATOM:
    case VALUE_TERM:
    case VALUE_PID_REQUEST:
    case VALUE_GLOBAL:
    case VALUE_BYTES_PART:
    case VALUE_STR_PART:
    case VALUE_BYTEARRAY_PART:
    case VALUE_BUFFER:
    case VALUE_PACKED:
    case VALUE_TIMEDELTA:
    case VALUE_TIMEZONE:
    case VALUE_ZONEINFO:
    case VALUE_AWARE:
    case VALUE_SHARED:
    case VALUE_TAG_COUNT:
        *whole = value_unpack_leaf(self->interpreter, &self->source, &self->reader, tag);
        break;
    }
    return *whole ? 0 : -1;
}

static int read_one(struct value_unpacker *self, PyObject **whole) {
    enum value_tag tag;
    *whole = NULL;
    if (!value_read_tag(&self->reader, &tag))
        return malformed();
    bool shared = tag == VALUE_SHARED;
    if (shared && (!value_read_tag(&self->reader, &tag) || tag == VALUE_NESTED ||
                   tag == VALUE_RECURSIVE || tag == VALUE_BACK))
        return malformed();
    if (read_tagged(self, tag, shared, whole) < 0)
        return -1;
    if (shared && *whole != NULL && value_unpacker_number(self, *whole) < 0) {
        Py_CLEAR(*whole);
        return -1;
    }
    return 0;
}

/* ---- the whole -------------------------------------------------------- */

/* Ends the topmost frame, which is full. Returns a new reference, or NULL with an exception. */
static PyObject *close_frame(struct value_unpacker *self) {
    struct value_unpack_frame *frame = &self->frames[--self->depth];
    PyObject *object = frame->object;
    if (frame->tag == VALUE_TUPLE)
        PyObject_GC_Track(object);
    if (frame->tag == VALUE_NESTED) {
        bool whole = self->reader.at == self->reader.end;
        while (self->numbered_count > self->base)
            Py_DECREF(self->numbered[--self->numbered_count]);
        self->reader.end = frame->end;
        self->base = frame->base;
        self->source.range = frame->range;
        if (whole)
            return object;
        value_malformed();
    } else if (frame->recursive) {
        Py_DECREF(object);
        return read_back(self);
    } else if (!frame->shared || value_unpacker_number(self, object) == 0) {
        return object;
    }
    Py_DECREF(object);
    return NULL;
}

/* Takes `part`, a complete value, up to where the next one is needed. 0, -1, or 1
 * with *result, a new reference, if it was the message's value. */
static int deliver(struct value_unpacker *self, PyObject *part, PyObject **result) {
    while (self->depth > 0) {
        struct value_unpack_frame *frame = &self->frames[self->depth - 1];
        if (value_unpack_fill(self, frame, part) < 0)
            return -1;
        if (frame->count > 0)
            return 0;
        if ((part = close_frame(self)) == NULL)
            return -1;
    }
    *result = part;
    return 1;
}

static void unpacker_free(struct value_unpacker *self) {
    while (self->depth > 0) {
        Py_XDECREF(self->frames[--self->depth].object);
        Py_XDECREF(self->frames[self->depth].key);
    }
    if (self->frames != self->first_frames)
        free(self->frames);
    while (self->numbered_count > 0)
        Py_DECREF(self->numbered[--self->numbered_count]);
    if (self->numbered != self->first_numbered)
        free(self->numbered);
}

/* What failed inside an object is about that object. */
static void explain(const struct value_unpacker *self) {
    for (size_t i = self->depth; i-- > 0;) {
        const struct value_unpack_frame *frame = &self->frames[i];
        if (frame->tag == VALUE_OBJECT) {
            value_explain_object(self->interpreter->value, frame->type, frame->type_length);
            return;
        }
    }
}

PyObject *value_unpack(const struct value_payload *payload) {
    struct value_unpacker self = {
        .interpreter = interpreter_get(),
        .reader = {.at = payload->bytes, .end = payload->bytes + payload->length}};
    PyObject *whole, *result = NULL;
    uint8_t version;
    self.frames = self.first_frames;
    self.capacity = VALUE_UNPACK_FRAMES;
    self.numbered = self.first_numbered;
    self.numbered_capacity = VALUE_UNPACK_NUMBERS;
    if (!value_read_byte(&self.reader, &version) || version != VALUE_VERSION)
        return value_malformed();
    if (!value_parts_open(&self.source, payload))
        return no_memory();
    int done = 0;
    while (done == 0) {
        done = read_one(&self, &whole);
        if (done == 0 && whole != NULL)
            done = deliver(&self, whole, &result);
    }
    if (done > 0 && self.reader.at != self.reader.end) {
        Py_CLEAR(result);
        value_malformed();
    }
    if (done < 0)
        explain(&self);
    unpacker_free(&self);
    Py_XDECREF(self.maker.type);
    value_parts_close(&self.source);
    return result;
}

PyObject *value_unpack_flat(const unsigned char *bytes, size_t length) {
    return value_unpack(&(struct value_payload){.bytes = bytes, .length = length});
}
