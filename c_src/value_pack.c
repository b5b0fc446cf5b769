/* Python object -> bytes. A loop over frames on the heap: nesting costs no C stack. */
#include "value.h"
#include "value_buffer.h"
#include "value_format.h"
#include "value_memo.h"
#include "value_object.h"
#include "value_pack_leaf.h"
#include "value_packed.h"
#include "value_reduce.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_FRAMES = 16 };
/* Of an OBJECT's parts: with the second, the arguments, it can be made. */
enum { PARTS_TO_MAKE = 2 };
enum { TYPE_AGAIN_MAX = 128 };

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
                           of a DATETIME_ZONED its tzinfo; of an OBJECT the tuple of its parts */
    size_t count;       /* as written */
    size_t index;       /* parts taken */
    Py_ssize_t cursor;  /* PyDict_Next's */
    size_t mark;        /* where SHARED was written, or NOT_SHARED */
    size_t flags_at;    /* of an OBJECT: where its flags were written */
};

static const size_t NOT_SHARED = SIZE_MAX;

struct packer {
    struct interpreter *interpreter;
    struct value_packed *packed;
    struct buffer *out; /* its bytes */
    struct value_memo memo;
    struct frame *frames, first[FIRST_FRAMES];
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
        return value_written(false);
    if (value_written(value_put_tag_count(self->out, tag, (uint64_t)count)) < 0)
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

static int next_of_object(struct frame *frame) {
    if (frame->index == frame->count)
        return 0;
    frame->part = Py_NewRef(PyTuple_GetItem(frame->value, (Py_ssize_t)frame->index++));
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
    if (frame->tag == VALUE_OBJECT)
        return next_of_object(frame);
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
        return value_written(value_memo_add(&self->memo, object));
    self->again = !self->all;
    self->out->bytes[mark] = VALUE_RECURSIVE; /* a tuple that contains itself: the copy counts */
    return value_written(value_put_count(self->out, number));
}

/* An object can be made now, and takes its number. If it was met in what it is made from, the one
 * that was made there counts, and has its state already: no more parts follow. */
static int number_object(struct packer *self, struct frame *frame) {
    size_t number;
    if (frame->mark == NOT_SHARED)
        return 0;
    if (value_memo_find(&self->memo, frame->object, &number)) {
        frame->count = PARTS_TO_MAKE;
        self->out->bytes[frame->flags_at] &= VALUE_OBJECT_NEW;
    }
    return number_late(self, frame->object, frame->mark);
}

static int close_frame(struct packer *self) {
    struct frame *frame = &self->frames[self->depth - 1];
    int result = 0;
    if (frame->tag != VALUE_LIST && frame->tag != VALUE_DICT && frame->tag != VALUE_SET &&
        frame->tag != VALUE_OBJECT)
        result = number_late(self, frame->object, frame->mark);
    frame_free(frame);
    self->depth--;
    return result;
}

/* ---- one value -------------------------------------------------------- */

/* If `object` may be met again, looks it up: 1 if a BACK was written instead of it.
 * Its container and its frame hold it; whoever else does may be another container. But a tuple that
 * contains itself is met twice, and so is all that is in it: then that says nothing. */
static int pack_sharing(struct packer *self, PyObject *object, size_t *mark) {
    size_t number;
    *mark = NOT_SHARED;
    if (Py_REFCNT(object) <= 2 && !self->all)
        return 0;
    if (value_memo_find(&self->memo, object, &number))
        return value_written(value_put_tag_count(self->out, VALUE_BACK, number)) < 0 ? -1 : 1;
    *mark = self->out->length;
    return value_written(value_put_tag(self->out, VALUE_SHARED));
}

static int put_type_text(struct buffer *out, PyTypeObject *type) {
    PyObject *module = PyObject_GetAttrString((PyObject *)type, "__module__");
    PyObject *name = PyType_GetQualName(type), *text = NULL, *bytes = NULL;
    char *chars;
    Py_ssize_t length;
    int result = -1;
    if (module != NULL && name != NULL)
        text = PyUnicode_FromFormat("%S.%U", module, name);
    if (text != NULL)
        bytes = PyUnicode_AsEncodedString(text, "utf-8", "replace");
    if (bytes != NULL && PyBytes_AsStringAndSize(bytes, &chars, &length) == 0)
        result = value_written(value_put_data(out, chars, (size_t)length));
    Py_XDECREF(module);
    Py_XDECREF(name);
    Py_XDECREF(text);
    Py_XDECREF(bytes);
    return result;
}

/* Some objects of these have a form of their own. */
static bool is_mixed(struct value_state *state, const PyTypeObject *type) {
    return value_state_is(state, VALUE_TYPE_DATETIME, type) ||
           value_state_is(state, VALUE_TYPE_NDARRAY, type) || type == state->time;
}

/* Appends "module.Class", for Erlang to show. */
static int put_type(struct packer *self, PyTypeObject *type) {
    struct buffer *out = self->out;
    unsigned char again[TYPE_AGAIN_MAX];
    if ((PyObject *)type == self->type) {
        memcpy(again, out->bytes + self->type_at, self->type_length);
        return value_written(buffer_append(out, again, self->type_length));
    }
    size_t at = out->length;
    if (put_type_text(out, type) < 0)
        return -1;
    Py_XDECREF(self->type);
    bool plain = out->length - at <= TYPE_AGAIN_MAX && !is_mixed(self->interpreter->value, type);
    self->type = plain ? Py_NewRef((PyObject *)type) : NULL;
    self->type_at = at;
    self->type_length = out->length - at;
    return 0;
}

static int put_global(struct buffer *out, PyObject *object, const struct value_reduced *reduced) {
    Py_ssize_t module_length, name_length;
    const char *module = PyUnicode_AsUTF8AndSize(reduced->module, &module_length);
    const char *name = module ? PyUnicode_AsUTF8AndSize(reduced->name, &name_length) : NULL;
    if (name == NULL)
        return -1;
    enum value_global_kind kind = PyType_Check(object)       ? VALUE_GLOBAL_CLASS
                                  : PyCallable_Check(object) ? VALUE_GLOBAL_FUNCTION
                                                             : VALUE_GLOBAL_OTHER;
    return value_written(value_put_tag(out, VALUE_GLOBAL) &&
                         buffer_append_byte(out, (uint8_t)kind) &&
                         value_put_data(out, module, (size_t)module_length) &&
                         value_put_data(out, name, (size_t)name_length));
}

/* Takes `parts`. */
static int pack_parts_of(struct packer *self, PyObject *object, PyObject *parts, unsigned flags,
                         size_t mark) {
    if (value_written(value_put_tag(self->out, VALUE_OBJECT)) < 0 ||
        put_type(self, Py_TYPE(object)) < 0 ||
        value_written(buffer_append_byte(self->out, (uint8_t)flags)) < 0 ||
        push(self, VALUE_OBJECT, object, NULL, (size_t)PyTuple_Size(parts), mark) < 0) {
        Py_DECREF(parts);
        return -1;
    }
    self->frames[self->depth - 1].value = parts;
    self->frames[self->depth - 1].flags_at = self->out->length - 1;
    return 0;
}

static int pack_object(struct packer *self, PyObject *object, size_t mark) {
    struct value_reduced reduced = {0};
    if (value_refuses_objects()) {
        PyObject *name = PyType_GetQualName(Py_TYPE(object));
        PyErr_Format(PyExc_TypeError,
                     "cannot pickle '%S' object: only builtin values may be sent here", name);
        Py_XDECREF(name);
        return -1;
    }
    int result = value_reduce(self->interpreter->value, object, &reduced);
    if (result == 0 && reduced.parts != NULL)
        result = pack_parts_of(self, object, Py_NewRef(reduced.parts), reduced.flags, mark);
    else if (result == 0 && (result = put_global(self->out, object, &reduced)) == 0)
        result = number_late(self, object, mark);
    value_reduced_free(&reduced);
    return result;
}

static int pack_other(struct packer *self, PyObject *object, size_t mark) {
    PyObject *child = NULL;
    struct value_state *state = self->interpreter->value;
    if ((PyObject *)Py_TYPE(object) == self->type)
        return pack_object(self, object, mark);
    int result = value_object_pack(state, object, self->out, &child);
    if (child != NULL && value_refuses_objects()) { /* the receiver finds the zone by its name */
        Py_DECREF(child);
        child = Py_NewRef(Py_None);
    }
    if (child != NULL) {
        result = push(self, VALUE_DATETIME_ZONED, object, NULL, 1, mark);
        if (result == 0)
            self->frames[self->depth - 1].value = child;
        else
            Py_DECREF(child);
        return result;
    }
    if (result == 1)
        result = value_buffer_pack(state, self->packed, object);
    if (result == 1)
        result = value_packed_pack(state, self->packed, object);
    if (result == 1)
        return pack_object(self, object, mark);
    return result == 0 ? number_late(self, object, mark) : -1;
}

/* Exact types only: a subclass is more than its value, and is pickled. */
static int pack_one(struct packer *self, PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    size_t mark;
    int result = value_pack_scalar(self->out, object);
    if (result <= 0)
        return result;
    result = pack_sharing(self, object, &mark);
    if (result != 0)
        return result < 0 ? -1 : 0;
    result = value_pack_leaf(self->interpreter, self->packed, object);
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

static bool too_large(struct packer *self) {
    size_t size = self->out->length - self->start + self->packed->size;
    if (size <= value_size_max())
        return false;
    self->told = true;
    PyErr_Format(PyExc_ValueError, "%s is larger than %zu bytes, the most that may be sent here",
                 self->root, value_size_max());
    return true;
}

static int pack_parts(struct packer *self) {
    while (self->depth > 0) {
        struct frame *frame = &self->frames[self->depth - 1];
        if (frame->tag == VALUE_OBJECT && frame->index == PARTS_TO_MAKE &&
            number_object(self, frame) < 0)
            return -1;
        int more = next_part(frame);
        if (more < 0 || too_large(self) ||
            (more ? pack_one(self, frame->part) : close_frame(self)) < 0)
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

/* An object's inside is looked through by rebeam._diagnose. */
static void explain(const struct packer *self, PyObject *root_object) {
    PyObject *kind, *error, *trace, *part = root_object;
    PyErr_Fetch(&kind, &error, &trace);
    PyObject *steps = PyList_New(0);
    for (size_t i = 0; steps != NULL && i < self->depth; i++) {
        if (self->frames[i].tag == VALUE_OBJECT)
            break;
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

static int pack_whole(struct packer *self, PyObject *object) {
    self->frames = self->first;
    self->capacity = FIRST_FRAMES;
    value_memo_init(&self->memo);
    int result = value_written(buffer_append_byte(self->out, VALUE_VERSION));
    if (result == 0 && (result = pack_one(self, object)) == 0)
        result = pack_parts(self);
    if (result == 0 && too_large(self))
        result = -1;
    return result;
}

static void pack_end(struct packer *self) {
    while (self->depth > 0)
        frame_free(&self->frames[--self->depth]);
    if (self->frames != self->first)
        free(self->frames);
    value_memo_free(&self->memo);
    Py_CLEAR(self->type);
}

int value_pack(PyObject *object, const char *root, struct value_packed *out) {
    struct packer self = {.interpreter = interpreter_get(),
                          .packed = out,
                          .out = &out->bytes,
                          .start = out->bytes.length,
                          .root = root ? root : "value"};
    Py_INCREF(object);
    int result = pack_whole(&self, object);
    if (result == 0 && self.again) {
        pack_end(&self);
        self.out->length = self.start;
        value_parts_drop(out);
        self.all = true;
        self.again = false;
        result = pack_whole(&self, object);
    }
    if (result < 0) {
        if (root != NULL && !self.told)
            explain(&self, object);
        self.out->length = self.start;
    }
    pack_end(&self);
    Py_DECREF(object);
    return result;
}

int value_pack_flat(PyObject *object, const char *root, struct buffer *out) {
    struct value_packed packed = {.bytes = *out, .flat = true};
    int result = value_pack(object, root, &packed);
    *out = packed.bytes;
    return result;
}
