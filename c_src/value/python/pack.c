/* A loop over frames on the heap: nesting costs no C stack. */
#include "value/python/pack.h"

#include "value/options.h"
#include "value/python/buffer.h"
#include "value/python/explain.h"
#include "value/python/pack_leaf.h"
#include "value/python/pack_object.h"
#include "value/python/packer.h"

#include <stdlib.h>

/* ---- containers ------------------------------------------------------- */

static int pack_container(struct value_packer *self, enum value_tag tag, PyObject *object,
                          Py_ssize_t count, size_t mark) {
    PyObject *iterator = NULL;
    if (count < 0)
        return -1;
    bool opens_numbered = tag == VALUE_LIST || tag == VALUE_DICT || tag == VALUE_SET;
    if (mark != VALUE_NOT_SHARED && opens_numbered && !value_memo_add(&self->memo, object))
        return value_written(false);
    if (value_written(value_put_tag_count(self->out, tag, (uint64_t)count)) < 0)
        return -1;
    if ((tag == VALUE_SET || tag == VALUE_FROZENSET) &&
        (iterator = PyObject_GetIter(object)) == NULL)
        return -1;
    return value_packer_push(self, tag, object, iterator, (size_t)count, mark);
}

static int changed_size(const char *kind) {
    PyErr_Format(PyExc_RuntimeError, "%s changed size while it was packed", kind);
    return -1;
}

/* The next part is in frame->part: 1. There is none: 0. Or -1 with an exception. */
static int next_item(struct value_pack_frame *frame) {
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

static int next_pair(struct value_pack_frame *frame) {
    PyObject *key, *value;
    if (frame->value != NULL) {
        frame->part = frame->value;
        frame->value = NULL;
        return 1;
    }
    Py_CLEAR(frame->key);
    if (PyDict_Size(frame->object) != (Py_ssize_t)frame->count)
        return changed_size("dict");
    bool another = PyDict_Next(frame->object, &frame->cursor, &key, &value);
    if (another != (frame->index < frame->count)) /* one went and another came */
        return changed_size("dict");
    if (!another)
        return 0;
    frame->index++;
    frame->part = Py_NewRef(key);
    frame->value = Py_NewRef(value);
    return 1;
}

static int next_element(struct value_pack_frame *frame) {
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

static int next_of_object(struct value_pack_frame *frame) {
    if (frame->index == frame->count)
        return 0;
    frame->part = Py_NewRef(PyTuple_GetItem(frame->value, (Py_ssize_t)frame->index++));
    return 1;
}

static int next_part(struct value_pack_frame *frame) {
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

static void frame_free(struct value_pack_frame *frame) {
    Py_XDECREF(frame->object);
    Py_XDECREF(frame->iterator);
    Py_XDECREF(frame->key);
    Py_XDECREF(frame->part);
    Py_XDECREF(frame->value);
}

/* An object can be made now, and takes its number. If it was met in what it is made from, the one
 * that was made there counts, and has its state already: no more parts follow. */
static int number_object(struct value_packer *self, struct value_pack_frame *frame) {
    size_t number;
    if (frame->mark == VALUE_NOT_SHARED)
        return 0;
    if (value_memo_find(&self->memo, frame->object, &number)) {
        frame->count = VALUE_PARTS_TO_MAKE;
        self->out->bytes[frame->flags_at] &= VALUE_OBJECT_NEW;
    }
    return value_packer_number(self, frame->object, frame->mark);
}

/* Its container, that frame's part and this frame hold it. If more do by now, it may have been met
 * in itself: brought up by code of the user's that had no reference to it when it was opened. */
static bool was_met(const struct value_packer *self, const struct value_pack_frame *frame) {
    size_t number;
    return frame->mark == VALUE_NOT_SHARED && Py_REFCNT(frame->object) > 3 &&
           value_memo_find(&self->memo, frame->object, &number);
}

static int close_frame(struct value_packer *self) {
    struct value_pack_frame *frame = &self->frames[self->depth - 1];
    int result = 0;
    if (was_met(self, frame))
        self->again = !self->all;
    if (frame->tag != VALUE_LIST && frame->tag != VALUE_DICT && frame->tag != VALUE_SET &&
        frame->tag != VALUE_OBJECT)
        result = value_packer_number(self, frame->object, frame->mark);
    frame_free(frame);
    self->depth--;
    return result;
}

/* ---- one value -------------------------------------------------------- */

/* If `object` may be met again, looks it up: 1 if a BACK was written instead of it.
 * Its container and its frame hold it; whoever else does may be another container. But a tuple that
 * contains itself is met twice, and so is all that is in it: then that says nothing. */
static int pack_sharing(struct value_packer *self, PyObject *object, size_t *mark) {
    size_t number;
    *mark = VALUE_NOT_SHARED;
    if (Py_REFCNT(object) <= 2 && !self->all)
        return 0;
    if (value_memo_find(&self->memo, object, &number))
        return value_written(value_put_tag_count(self->out, VALUE_BACK, number)) < 0 ? -1 : 1;
    *mark = self->out->length;
    return value_written(value_put_tag(self->out, VALUE_SHARED));
}

/* Exact types only: a subclass is more than its value, and is pickled. */
static int pack_one(struct value_packer *self, PyObject *object) {
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
        return result < 0 ? -1 : value_packer_number(self, object, mark);
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
    return value_pack_other(self, object, mark);
}

/* ---- the whole -------------------------------------------------------- */

static bool too_large(struct value_packer *self) {
    size_t size = self->out->length - self->start + self->packed->size;
    if (self->packed->flat || self->packed->own || size <= value_size_max())
        return false;
    self->told = true;
    PyErr_Format(PyExc_ValueError, "%s is larger than %zu bytes, the most that may be sent here",
                 self->root, value_size_max());
    return true;
}

static int pack_parts(struct value_packer *self) {
    while (self->depth > 0) {
        struct value_pack_frame *frame = &self->frames[self->depth - 1];
        if (frame->tag == VALUE_OBJECT && frame->index == VALUE_PARTS_TO_MAKE &&
            number_object(self, frame) < 0)
            return -1;
        int more = next_part(frame);
        if (more < 0 || too_large(self) ||
            (more ? pack_one(self, frame->part) : close_frame(self)) < 0)
            return -1;
    }
    return 0;
}

/* How to get from one container to the part that failed: (kind, key), for rebeam._engine.diagnose.
 */
static PyObject *step_of(const struct value_pack_frame *frame) {
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

/* An object's inside is looked through by rebeam._engine.diagnose. */
static void explain(const struct value_packer *self, PyObject *root_object) {
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

static int pack_whole(struct value_packer *self, PyObject *object) {
    self->frames = self->first;
    self->capacity = VALUE_PACK_FRAMES;
    value_memo_init(&self->memo);
    int result = value_written(buffer_append_byte(self->out, VALUE_VERSION));
    if (result == 0 && (result = pack_one(self, object)) == 0)
        result = pack_parts(self);
    if (result == 0 && too_large(self))
        result = -1;
    if (result == 0 && !self->again)
        result = value_buffer_freeze(self->packed);
    return result;
}

static void pack_end(struct value_packer *self) {
    while (self->depth > 0)
        frame_free(&self->frames[--self->depth]);
    if (self->frames != self->first)
        free(self->frames);
    value_memo_free(&self->memo);
    Py_CLEAR(self->packed->to_freeze);
    Py_CLEAR(self->type);
}

int value_pack(PyObject *object, const char *root, struct value_packed *out) {
    struct value_packer self = {.interpreter = interpreter_get(),
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
