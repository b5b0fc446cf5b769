/* bytes -> Python object. A loop over frames on the heap, as in value_pack.c. */
#include "identity.h"
#include "value.h"
#include "value_format.h"
#include "value_object.h"

#include <stdlib.h>

enum { FIRST_FRAMES = 16, FIRST_NUMBERS = 32 };

/* A container that is being filled. */
struct frame {
    enum value_tag tag;
    PyObject *object; /* owned: the container; of a DATETIME_ZONED what came before
                         the tzinfo; of a NESTED NULL */
    PyObject *key;    /* owned: of a dict, until its value comes, or NULL */
    size_t count;     /* parts still to come */
    size_t index;
    bool shared;    /* gets a number when complete */
    bool recursive; /* to be replaced by its copy */
    /* of a NESTED: what it hides of the message around it */
    size_t base;
    const unsigned char *end;
};

struct unpacker {
    struct interpreter *interpreter;
    struct value_reader reader;
    struct frame *frames, first_frames[FIRST_FRAMES];
    size_t capacity, depth;
    PyObject **numbered, *first_numbered[FIRST_NUMBERS]; /* owned references */
    size_t numbered_capacity, numbered_count;
    size_t base; /* where the numbers of the present message begin */
};

static int malformed(void) {
    value_malformed();
    return -1;
}

static void *no_memory(void) {
    PyErr_NoMemory();
    return NULL;
}

/* Gives `object` the next number. 0, or -1 with an exception. */
static int number(struct unpacker *self, PyObject *object) {
    if (self->numbered_count == self->numbered_capacity &&
        !value_grow((void **)&self->numbered, &self->numbered_capacity, sizeof object,
                    self->first_numbered)) {
        PyErr_NoMemory();
        return -1;
    }
    self->numbered[self->numbered_count++] = Py_NewRef(object);
    return 0;
}

static PyObject *read_back(struct unpacker *self) {
    uint64_t index;
    if (!value_read_varint(&self->reader, &index) || index >= self->numbered_count - self->base)
        return value_malformed();
    return Py_NewRef(self->numbered[self->base + (size_t)index]);
}

/* ---- leaves ----------------------------------------------------------- */

static PyObject *read_int(struct value_reader *reader) {
    int64_t value;
    return value_read_int(reader, &value) ? PyLong_FromLongLong(value) : value_malformed();
}

static PyObject *read_big(struct value_reader *reader) {
    uint8_t negative;
    const unsigned char *bytes;
    size_t length;
    if (!value_read_byte(reader, &negative) || negative > 1 ||
        !value_read_data(reader, &bytes, &length) || length == 0)
        return value_malformed();
    char *text = malloc(2 * length + 2);
    if (text == NULL)
        return no_memory();
    char *digit = text;
    if (negative)
        *digit++ = '-';
    for (size_t i = length; i-- > 0;) {
        *digit++ = "0123456789abcdef"[bytes[i] >> 4];
        *digit++ = "0123456789abcdef"[bytes[i] & 0xf];
    }
    *digit = '\0';
    PyObject *result = PyLong_FromString(text, NULL, 16);
    free(text);
    return result;
}

static PyObject *read_float(struct value_reader *reader) {
    double value;
    return value_read_float(reader, &value) ? PyFloat_FromDouble(value) : value_malformed();
}

/* The leaves that are a run of bytes. */
static PyObject *read_data(struct value_reader *reader, enum value_tag tag) {
    const unsigned char *bytes;
    size_t length;
    if (!value_read_data(reader, &bytes, &length))
        return value_malformed();
    const char *chars = (const char *)bytes;
    Py_ssize_t size = (Py_ssize_t)length;
    if (tag == VALUE_STR)
        return PyUnicode_DecodeUTF8(chars, size, NULL);
    if (tag == VALUE_STR_SURROGATES)
        return PyUnicode_DecodeUTF8(chars, size, "surrogatepass");
    if (tag == VALUE_BYTES)
        return PyBytes_FromStringAndSize(chars, size);
    if (tag == VALUE_BYTEARRAY)
        return PyByteArray_FromStringAndSize(chars, size);
    if (tag == VALUE_PID)
        return identity_process_id(bytes, length);
    if (tag == VALUE_REFERENCE)
        return identity_reference(bytes, length);
    return tag == VALUE_ATOM ? identity_atom(bytes, length) : identity_term(bytes, length);
}

static PyObject *read_pid_request(struct value_reader *reader) {
    struct identity_slice pid, request;
    if (!value_read_data(reader, &pid.bytes, &pid.length) ||
        !value_read_data(reader, &request.bytes, &request.length))
        return value_malformed();
    return identity_process_id_requested(pid, request);
}

/* ---- containers ------------------------------------------------------- */

/* Opens a frame. Takes `object`. 0, or -1 with an exception. */
static int push(struct unpacker *self, enum value_tag tag, PyObject *object, size_t count) {
    if (self->depth == VALUE_DEPTH_MAX) {
        PyErr_Format(PyExc_RecursionError, "packed value is nested more than %d levels deep",
                     VALUE_DEPTH_MAX);
        goto failed;
    }
    if (self->depth == self->capacity &&
        !value_grow((void **)&self->frames, &self->capacity, sizeof self->first_frames[0],
                    self->first_frames)) {
        PyErr_NoMemory();
        goto failed;
    }
    self->frames[self->depth++] = (struct frame){.tag = tag, .object = object, .count = count};
    return 0;
failed:
    Py_XDECREF(object);
    return -1;
}

static PyObject *container_new(enum value_tag tag, size_t count) {
    if (tag == VALUE_LIST)
        return PyList_New((Py_ssize_t)count);
    if (tag == VALUE_TUPLE)
        return PyTuple_New((Py_ssize_t)count);
    if (tag == VALUE_DICT)
        return PyDict_New();
    return tag == VALUE_SET ? PySet_New(NULL) : PyFrozenSet_New(NULL);
}

/* Opens a container; an empty one is complete at once: *whole. 0, or -1. */
static int read_container(struct unpacker *self, enum value_tag tag, bool shared,
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
    if (numbered && number(self, object) < 0) {
        Py_DECREF(object);
        return -1;
    }
    if (push(self, tag, object, count) < 0)
        return -1;
    self->frames[self->depth - 1].shared = shared && !numbered;
    return 0;
}

static int read_zoned(struct unpacker *self, bool shared) {
    PyObject *opened = value_zoned_open(&self->reader);
    if (opened == NULL || push(self, VALUE_DATETIME_ZONED, opened, 1) < 0)
        return -1;
    self->frames[self->depth - 1].shared = shared;
    return 0;
}

/* A message in the message: its numbers begin at 0 again, and it ends where it says. */
static int read_nested(struct unpacker *self) {
    const unsigned char *bytes;
    size_t length;
    if (!value_read_data(&self->reader, &bytes, &length) || length < 2 || *bytes != VALUE_VERSION)
        return malformed();
    if (push(self, VALUE_NESTED, NULL, 1) < 0)
        return -1;
    self->frames[self->depth - 1].base = self->base;
    self->frames[self->depth - 1].end = self->reader.end;
    self->base = self->numbered_count;
    self->reader = (struct value_reader){.at = bytes + 1, .end = bytes + length};
    return 0;
}

static int read_recursive(struct unpacker *self) {
    enum value_tag tag;
    PyObject *whole = NULL;
    if (!value_read_tag(&self->reader, &tag) || tag != VALUE_TUPLE)
        return malformed();
    if (read_container(self, tag, false, &whole) < 0)
        return -1;
    if (whole != NULL) { /* an empty tuple contains nothing, so not itself */
        Py_DECREF(whole);
        return malformed();
    }
    self->frames[self->depth - 1].recursive = true;
    return 0;
}

/* ---- one value -------------------------------------------------------- */

/* Reads a value: *whole is a new reference, or NULL if a frame was opened. 0, or -1. */
static int read_tagged(struct unpacker *self, enum value_tag tag, bool shared, PyObject **whole) {
    struct value_reader *reader = &self->reader;
    switch (tag) {
    case VALUE_NONE:
        *whole = Py_NewRef(Py_None);
        break;
    case VALUE_TRUE:
        *whole = Py_NewRef(Py_True);
        break;
    case VALUE_FALSE:
        *whole = Py_NewRef(Py_False);
        break;
    case VALUE_INT:
        *whole = read_int(reader);
        break;
    case VALUE_BIGINT:
        *whole = read_big(reader);
        break;
    case VALUE_FLOAT:
        *whole = read_float(reader);
        break;
    case VALUE_STR:
    case VALUE_STR_SURROGATES:
    case VALUE_BYTES:
    case VALUE_BYTEARRAY:
    case VALUE_PID:
    case VALUE_REFERENCE:
    case VALUE_ATOM:
    case VALUE_TERM:
        *whole = read_data(reader, tag);
        break;
    case VALUE_PID_REQUEST:
        *whole = read_pid_request(reader);
        break;
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATETIME:
    case VALUE_DATETIME_UTC:
    case VALUE_DECIMAL:
    case VALUE_PICKLE:
        *whole = value_object_unpack(self->interpreter->value, tag, reader);
        break;
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_DICT:
    case VALUE_SET:
    case VALUE_FROZENSET:
        return read_container(self, tag, shared, whole);
    case VALUE_DATETIME_ZONED:
        return read_zoned(self, shared);
    case VALUE_NESTED:
        return read_nested(self);
    case VALUE_RECURSIVE:
        return read_recursive(self);
    case VALUE_BACK:
        *whole = read_back(self);
        break;
    case VALUE_SHARED:
    case VALUE_TAG_COUNT:
        *whole = value_malformed();
        break;
    }
    return *whole ? 0 : -1;
}

static int read_one(struct unpacker *self, PyObject **whole) {
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
    if (shared && *whole != NULL && number(self, *whole) < 0) {
        Py_CLEAR(*whole);
        return -1;
    }
    return 0;
}

/* ---- filling ---------------------------------------------------------- */

/* Erlang tells 1 from 1.0 and true; Python does not, and a value must not get lost silently. */
static int merged(void) {
    PyErr_SetString(PyExc_ValueError,
                    "two keys or elements of the value are equal in Python (such as 1, 1.0 and "
                    "True)");
    return -1;
}

static int put_pair(struct frame *frame, PyObject *value) {
    int result = PyDict_SetItem(frame->object, frame->key, value);
    Py_CLEAR(frame->key);
    Py_DECREF(value);
    if (result == 0 && PyDict_Size(frame->object) != (Py_ssize_t)++frame->index)
        return merged();
    return result;
}

static int put_element(struct frame *frame, PyObject *part) {
    int result = PySet_Add(frame->object, part);
    Py_DECREF(part);
    if (result == 0 && PySet_Size(frame->object) != (Py_ssize_t)++frame->index)
        return merged();
    return result;
}

/* Puts `part` into the frame's container. Takes `part`. 0, or -1 with an exception. */
static int put_part(struct unpacker *self, struct frame *frame, PyObject *part) {
    if (frame->tag == VALUE_DICT) {
        if (frame->key == NULL) {
            frame->key = part;
            return 0;
        }
        frame->count--;
        return put_pair(frame, part);
    }
    frame->count--;
    if (frame->tag == VALUE_LIST)
        return PyList_SetItem(frame->object, (Py_ssize_t)frame->index++, part);
    if (frame->tag == VALUE_TUPLE)
        return PyTuple_SetItem(frame->object, (Py_ssize_t)frame->index++, part);
    if (frame->tag == VALUE_SET || frame->tag == VALUE_FROZENSET)
        return put_element(frame, part);
    PyObject *object = part;
    if (frame->tag == VALUE_DATETIME_ZONED) {
        object = value_zoned_close(self->interpreter->value, frame->object, part);
        Py_DECREF(part);
    }
    Py_XDECREF(frame->object);
    frame->object = object;
    return object ? 0 : -1;
}

/* Ends the topmost frame, which is full. Returns a new reference, or NULL with an exception. */
static PyObject *close_frame(struct unpacker *self) {
    struct frame *frame = &self->frames[--self->depth];
    PyObject *object = frame->object;
    if (frame->tag == VALUE_NESTED) {
        bool whole = self->reader.at == self->reader.end;
        while (self->numbered_count > self->base)
            Py_DECREF(self->numbered[--self->numbered_count]);
        self->reader.end = frame->end;
        self->base = frame->base;
        if (whole)
            return object;
        value_malformed();
    } else if (frame->recursive) {
        Py_DECREF(object);
        return read_back(self);
    } else if (!frame->shared || number(self, object) == 0) {
        return object;
    }
    Py_DECREF(object);
    return NULL;
}

/* Takes `part`, a complete value, up to where the next one is needed. 0, -1, or 1
 * with *result, a new reference, if it was the message's value. */
static int deliver(struct unpacker *self, PyObject *part, PyObject **result) {
    while (self->depth > 0) {
        struct frame *frame = &self->frames[self->depth - 1];
        if (put_part(self, frame, part) < 0)
            return -1;
        if (frame->count > 0)
            return 0;
        if ((part = close_frame(self)) == NULL)
            return -1;
    }
    *result = part;
    return 1;
}

static void unpacker_free(struct unpacker *self) {
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

PyObject *value_unpack(const unsigned char *bytes, size_t length) {
    struct unpacker self = {.interpreter = interpreter_get(),
                            .reader = {.at = bytes, .end = bytes + length}};
    PyObject *whole, *result = NULL;
    uint8_t version;
    self.frames = self.first_frames;
    self.capacity = FIRST_FRAMES;
    self.numbered = self.first_numbered;
    self.numbered_capacity = FIRST_NUMBERS;
    if (!value_read_byte(&self.reader, &version) || version != VALUE_VERSION)
        return value_malformed();
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
    unpacker_free(&self);
    return result;
}
