/* Python object -> bytes. A loop over frames on the heap: nesting costs no C stack. */
#include "identity.h"
#include "value.h"
#include "value_format.h"
#include "value_memo.h"
#include "value_object.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_FRAMES = 16, CACHED_TEXT_MAX = 512 };

/* A container whose parts are being packed. User code may run between two parts
 * (__reduce__, __getstate__) and change the container, so the frame owns what it
 * looks at, and the size is compared again at every step. */
struct frame {
    enum value_tag tag;
    PyObject *object;   /* owned: the container */
    PyObject *iterator; /* owned: of a set or frozenset, else NULL */
    PyObject *key;      /* owned: of a dict, the present pair's, else NULL */
    PyObject *part;     /* owned: the part that is being packed, or NULL */
    PyObject *value;    /* owned: of a dict, to be packed after its key, or NULL;
                           of a DATETIME_ZONED its tzinfo */
    size_t count;       /* as written */
    size_t index;       /* parts taken */
    Py_ssize_t cursor;  /* PyDict_Next's */
    size_t mark;        /* where SHARED was written, or NOT_SHARED */
};

static const size_t NOT_SHARED = SIZE_MAX;

struct packer {
    struct interpreter *interpreter;
    struct buffer *out;
    struct value_memo memo;
    struct frame *frames, first[FIRST_FRAMES];
    size_t capacity;
    size_t depth;
    const char *root;
};

static int written(bool ok) {
    if (!ok)
        PyErr_NoMemory();
    return ok ? 0 : -1;
}

/* ---- leaves ----------------------------------------------------------- */

/* A magnitude in hex digits, most significant first, as bytes, least significant first. */
static bool put_hex(struct buffer *out, const char *digits, size_t length) {
    static const char hex[] = "0123456789abcdef";
    if (!value_put_count(out, (length + 1) / 2))
        return false;
    for (size_t i = length; i > 0; i = i > 1 ? i - 2 : 0) {
        size_t low = (size_t)(strchr(hex, digits[i - 1]) - hex);
        size_t high = i > 1 ? (size_t)(strchr(hex, digits[i - 2]) - hex) : 0;
        if (!buffer_append_byte(out, (uint8_t)(high << 4 | low)))
            return false;
    }
    return true;
}

/* By way of hex text, which takes linear time (decimal takes quadratic time). */
static int pack_big(struct packer *self, PyObject *object) {
    Py_ssize_t length;
    PyObject *text = PyNumber_ToBase(object, 16); /* "-0x1f" */
    const char *digits = text ? PyUnicode_AsUTF8AndSize(text, &length) : NULL;
    int result = -1;
    if (digits != NULL) {
        bool negative = digits[0] == '-';
        size_t prefix = negative ? 3 : 2;
        result = written(value_put_tag(self->out, VALUE_BIGINT) &&
                         buffer_append_byte(self->out, negative) &&
                         put_hex(self->out, digits + prefix, (size_t)length - prefix));
    }
    Py_XDECREF(text);
    return result;
}

static int pack_int(struct packer *self, PyObject *object) {
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow != 0)
        return pack_big(self, object);
    return written(value_put_tag_int(self->out, number));
}

static int pack_float(struct packer *self, PyObject *object) {
    return written(value_put_tag(self->out, VALUE_FLOAT) &&
                   value_put_float(self->out, PyFloat_AsDouble(object)));
}

static int pack_data(struct packer *self, enum value_tag tag, const char *bytes,
                     Py_ssize_t length) {
    return written(value_put_tag(self->out, tag) &&
                   value_put_data(self->out, bytes, (size_t)length));
}

/* Takes `encoded`, a bytes object or NULL. */
static int pack_encoded(struct packer *self, enum value_tag tag, PyObject *encoded) {
    char *bytes;
    Py_ssize_t length;
    if (encoded == NULL || PyBytes_AsStringAndSize(encoded, &bytes, &length) < 0)
        return -1;
    int result = pack_data(self, tag, bytes, length);
    Py_DECREF(encoded);
    return result;
}

/* A str keeps the UTF-8 it was once asked for; that is fast, but doubles a long one for good. */
static int pack_str(struct packer *self, PyObject *object) {
    Py_ssize_t length;
    if (PyUnicode_GetLength(object) <= CACHED_TEXT_MAX) {
        const char *text = PyUnicode_AsUTF8AndSize(object, &length);
        if (text != NULL)
            return pack_data(self, VALUE_STR, text, length);
    } else {
        PyObject *encoded = PyUnicode_AsUTF8String(object);
        if (encoded != NULL)
            return pack_encoded(self, VALUE_STR, encoded);
    }
    if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
        return -1;
    PyErr_Clear();
    return pack_encoded(self, VALUE_STR_SURROGATES,
                        PyUnicode_AsEncodedString(object, "utf-8", "surrogatepass"));
}

static int pack_identity(struct packer *self, PyObject *object) {
    const struct identity_state *types = self->interpreter->identity;
    const unsigned char *bytes;
    size_t length;
    enum value_tag tag = Py_IS_TYPE(object, types->process_id)  ? VALUE_PID
                         : Py_IS_TYPE(object, types->reference) ? VALUE_REFERENCE
                         : Py_IS_TYPE(object, types->atom)      ? VALUE_ATOM
                                                                : VALUE_TERM;
    PyObject *request = identity_request(object);
    identity_bytes(object, &bytes, &length);
    if (request != NULL) {
        if (pack_data(self, VALUE_PID_REQUEST, (const char *)bytes, (Py_ssize_t)length) < 0)
            return -1;
        identity_bytes(request, &bytes, &length);
        return written(value_put_data(self->out, bytes, length));
    }
    return pack_data(self, tag, (const char *)bytes, (Py_ssize_t)length);
}

static bool is_identity(const struct packer *self, PyObject *object) {
    const struct identity_state *types = self->interpreter->identity;
    PyTypeObject *type = Py_TYPE(object);
    return type == types->process_id || type == types->reference || type == types->atom ||
           type == types->term;
}

/* ---- containers ------------------------------------------------------- */

/* Opens a frame for `object`. Takes `iterator`. */
static int push(struct packer *self, enum value_tag tag, PyObject *object, PyObject *iterator,
                size_t count, size_t mark) {
    if (self->depth == VALUE_DEPTH_MAX) {
        PyErr_Format(PyExc_RecursionError, "%s is nested more than %d levels deep", self->root,
                     VALUE_DEPTH_MAX);
        goto failed;
    }
    if (self->depth == self->capacity &&
        !value_grow((void **)&self->frames, &self->capacity, sizeof self->first[0], self->first)) {
        PyErr_NoMemory();
        goto failed;
    }
    self->frames[self->depth++] = (struct frame){.tag = tag,
                                                 .object = Py_NewRef(object),
                                                 .iterator = iterator,
                                                 .count = count,
                                                 .mark = mark};
    return 0;
failed:
    Py_XDECREF(iterator);
    return -1;
}

static int pack_container(struct packer *self, enum value_tag tag, PyObject *object,
                          Py_ssize_t count, size_t mark) {
    PyObject *iterator = NULL;
    if (count < 0)
        return -1;
    bool opens_numbered = tag == VALUE_LIST || tag == VALUE_DICT || tag == VALUE_SET;
    if (mark != NOT_SHARED && opens_numbered && !value_memo_add(&self->memo, object))
        return written(false);
    if (written(value_put_tag_count(self->out, tag, (uint64_t)count)) < 0)
        return -1;
    if ((tag == VALUE_SET || tag == VALUE_FROZENSET) &&
        (iterator = PyObject_GetIter(object)) == NULL)
        return -1;
    return push(self, tag, object, iterator, (size_t)count, mark);
}

static int changed_size(const char *kind) {
    PyErr_Format(PyExc_RuntimeError, "%s changed size while it was packed", kind);
    return -1;
}

/* The next part is in frame->part: 1. There is none: 0. Or -1 with an exception. */
static int next_item(struct frame *frame) {
    bool list = frame->tag == VALUE_LIST;
    Py_ssize_t count = list ? PyList_Size(frame->object) : PyTuple_Size(frame->object);
    if (count != (Py_ssize_t)frame->count)
        return changed_size("list");
    if (frame->index == frame->count)
        return 0;
    Py_ssize_t index = (Py_ssize_t)frame->index++;
    frame->part = Py_NewRef(list ? PyList_GetItem(frame->object, index)
                                 : PyTuple_GetItem(frame->object, index));
    return 1;
}

static int next_pair(struct frame *frame) {
    PyObject *key, *value;
    if (frame->value != NULL) {
        frame->part = frame->value;
        frame->value = NULL;
        return 1;
    }
    Py_CLEAR(frame->key);
    if (PyDict_Size(frame->object) != (Py_ssize_t)frame->count)
        return changed_size("dict");
    if (frame->index == frame->count)
        return 0;
    if (!PyDict_Next(frame->object, &frame->cursor, &key, &value))
        return changed_size("dict");
    frame->index++;
    frame->part = Py_NewRef(key);
    frame->value = Py_NewRef(value);
    return 1;
}

static int next_element(struct frame *frame) {
    if (PySet_Size(frame->object) != (Py_ssize_t)frame->count)
        return changed_size("set");
    if (frame->index == frame->count)
        return 0;
    frame->part = PyIter_Next(frame->iterator);
    if (frame->part == NULL)
        return PyErr_Occurred() ? -1 : changed_size("set");
    frame->index++;
    return 1;
}

static int next_part(struct frame *frame) {
    /* A dict's key stays known for the path while its value is packed. */
    if (frame->tag == VALUE_DICT && frame->value != NULL) {
        frame->key = frame->part;
        frame->part = NULL;
    }
    Py_CLEAR(frame->part);
    if (frame->tag == VALUE_DICT)
        return next_pair(frame);
    if (frame->tag == VALUE_LIST || frame->tag == VALUE_TUPLE)
        return next_item(frame);
    if (frame->iterator != NULL)
        return next_element(frame);
    frame->part = frame->value; /* the tzinfo, once */
    frame->value = NULL;
    return frame->part != NULL;
}

static void frame_free(struct frame *frame) {
    Py_XDECREF(frame->object);
    Py_XDECREF(frame->iterator);
    Py_XDECREF(frame->key);
    Py_XDECREF(frame->part);
    Py_XDECREF(frame->value);
}

/* A shared object is complete: it gets its number, if it did not when it opened. */
static int number_late(struct packer *self, PyObject *object, size_t mark) {
    size_t number;
    if (mark == NOT_SHARED)
        return 0;
    if (!value_memo_find(&self->memo, object, &number))
        return written(value_memo_add(&self->memo, object));
    self->out->bytes[mark] = VALUE_RECURSIVE; /* a tuple that contains itself: the copy counts */
    return written(value_put_count(self->out, number));
}

static int close_frame(struct packer *self) {
    struct frame *frame = &self->frames[self->depth - 1];
    int result = 0;
    if (frame->tag != VALUE_LIST && frame->tag != VALUE_DICT && frame->tag != VALUE_SET)
        result = number_late(self, frame->object, frame->mark);
    frame_free(frame);
    self->depth--;
    return result;
}

/* ---- one value -------------------------------------------------------- */

/* If `object` may be met again, looks it up: 1 if a BACK was written instead of it.
 * Its container and its frame hold it; whoever else does may be another container. */
static int pack_sharing(struct packer *self, PyObject *object, size_t *mark) {
    size_t number;
    *mark = NOT_SHARED;
    if (Py_REFCNT(object) <= 2)
        return 0;
    if (value_memo_find(&self->memo, object, &number))
        return written(value_put_tag_count(self->out, VALUE_BACK, number)) < 0 ? -1 : 1;
    *mark = self->out->length;
    return written(value_put_tag(self->out, VALUE_SHARED));
}

static int pack_other(struct packer *self, PyObject *object, size_t mark) {
    PyObject *child;
    if (value_object_pack(self->interpreter->value, object, self->out, &child) < 0)
        return -1;
    if (child == NULL)
        return number_late(self, object, mark);
    if (push(self, VALUE_DATETIME_ZONED, object, NULL, 1, mark) < 0) {
        Py_DECREF(child);
        return -1;
    }
    self->frames[self->depth - 1].value = child;
    return 0;
}

/* A value that is complete at once, or NULL's place: 0, -1, or 1 if it is none of these. */
static int pack_scalar(struct packer *self, PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyLong_Type)
        return pack_int(self, object);
    if (Py_IsNone(object))
        return written(value_put_tag(self->out, VALUE_NONE));
    if (type == &PyFloat_Type)
        return pack_float(self, object);
    if (type == &PyBool_Type)
        return written(value_put_tag(self->out, Py_IsTrue(object) ? VALUE_TRUE : VALUE_FALSE));
    return 1;
}

static int pack_leaf(struct packer *self, PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyUnicode_Type)
        return pack_str(self, object);
    if (type == &PyBytes_Type)
        return pack_data(self, VALUE_BYTES, PyBytes_AsString(object), PyBytes_Size(object));
    if (type == &PyByteArray_Type)
        return pack_data(self, VALUE_BYTEARRAY, PyByteArray_AsString(object),
                         PyByteArray_Size(object));
    if (is_identity(self, object))
        return pack_identity(self, object);
    return 1;
}

/* Exact types only: a subclass is more than its value, and is pickled. */
static int pack_one(struct packer *self, PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    size_t mark;
    int result = pack_scalar(self, object);
    if (result <= 0)
        return result;
    result = pack_sharing(self, object, &mark);
    if (result != 0)
        return result < 0 ? -1 : 0;
    result = pack_leaf(self, object);
    if (result <= 0)
        return result < 0 ? -1 : number_late(self, object, mark);
    if (type == &PyDict_Type)
        return pack_container(self, VALUE_DICT, object, PyDict_Size(object), mark);
    if (type == &PyList_Type)
        return pack_container(self, VALUE_LIST, object, PyList_Size(object), mark);
    if (type == &PyTuple_Type)
        return pack_container(self, VALUE_TUPLE, object, PyTuple_Size(object), mark);
    if (type == &PySet_Type)
        return pack_container(self, VALUE_SET, object, PySet_Size(object), mark);
    if (type == &PyFrozenSet_Type)
        return pack_container(self, VALUE_FROZENSET, object, PySet_Size(object), mark);
    return pack_other(self, object, mark);
}

/* ---- the whole -------------------------------------------------------- */

static int pack_parts(struct packer *self) {
    while (self->depth > 0) {
        struct frame *frame = &self->frames[self->depth - 1];
        int more = next_part(frame);
        if (more < 0 || (more ? pack_one(self, frame->part) : close_frame(self)) < 0)
            return -1;
    }
    return 0;
}

/* How to get from one container to the part that failed: (kind, key), for rebeam._diagnose. */
static PyObject *step_of(const struct frame *frame) {
    if (frame->part == NULL) /* the container itself */
        return Py_BuildValue("sO", "self", Py_None);
    if (frame->tag == VALUE_LIST || frame->tag == VALUE_TUPLE)
        return Py_BuildValue("sn", "item", (Py_ssize_t)frame->index - 1);
    if (frame->tag == VALUE_DICT && frame->key != NULL)
        return Py_BuildValue("sO", "value", frame->key);
    if (frame->tag == VALUE_DATETIME_ZONED)
        return Py_BuildValue("ss", "attribute", "tzinfo");
    return Py_BuildValue("sO", frame->tag == VALUE_DICT ? "key" : "element", frame->part);
}

static void explain(const struct packer *self, PyObject *root_object) {
    PyObject *kind, *error, *trace, *part = root_object;
    PyErr_Fetch(&kind, &error, &trace);
    PyObject *steps = PyList_New(0);
    for (size_t i = 0; steps != NULL && i < self->depth; i++) {
        PyObject *step = step_of(&self->frames[i]);
        if (step == NULL || PyList_Append(steps, step) < 0)
            Py_CLEAR(steps);
        Py_XDECREF(step);
        if (self->frames[i].part != NULL)
            part = self->frames[i].part;
    }
    PyErr_Restore(kind, error, trace);
    if (steps != NULL)
        value_explain(self->root, steps, part);
    Py_XDECREF(steps);
}

int value_pack(PyObject *object, const char *root, struct buffer *out) {
    struct packer self = {.interpreter = interpreter_get(), .out = out, .root = root};
    size_t start = out->length;
    self.frames = self.first;
    self.capacity = FIRST_FRAMES;
    value_memo_init(&self.memo);
    Py_INCREF(object);
    int result = written(buffer_append_byte(out, VALUE_VERSION));
    if (result == 0 && (result = pack_one(&self, object)) == 0)
        result = pack_parts(&self);
    if (result < 0) {
        explain(&self, object);
        out->length = start;
    }
    while (self.depth > 0)
        frame_free(&self.frames[--self.depth]);
    if (self.frames != self.first)
        free(self.frames);
    value_memo_free(&self.memo);
    Py_DECREF(object);
    return result;
}
