#include "value/python/unpack_fill.h"

#include "value/python/explain.h"
#include "value/python/make.h"
#include "value/python/object.h"
#include "value/python/unpacker.h"

/* Erlang tells 1 from 1.0 and true; Python does not, and a value must not get lost silently. */
static int merged(void) {
    PyErr_SetString(PyExc_ValueError,
                    "two keys or elements of the value are equal in Python (such as 1, 1.0 and "
                    "True)");
    return -1;
}

/* What is in it may have been given more by __setstate__, so only the step counts. */
static int put_pair(struct value_unpack_frame *frame, PyObject *value) {
    Py_ssize_t before = PyDict_Size(frame->object);
    int result = PyDict_SetItem(frame->object, frame->key, value);
    Py_CLEAR(frame->key);
    Py_DECREF(value);
    if (result == 0 && PyDict_Size(frame->object) == before)
        return merged();
    return result;
}

static int put_element(struct value_unpack_frame *frame, PyObject *part) {
    Py_ssize_t before = PySet_Size(frame->object);
    int result = PySet_Add(frame->object, part);
    Py_DECREF(part);
    if (result == 0 && PySet_Size(frame->object) == before)
        return merged();
    return result;
}

static int put_item(struct value_unpack_frame *frame, PyObject *part) {
    int result = PyList_Append(frame->object, part);
    Py_DECREF(part);
    return result;
}

/* The callable, the arguments, then what the flags say. Takes `part`. 0, or -1. */
static int put_object_part(struct value_unpacker *self, struct value_unpack_frame *frame,
                           PyObject *part) {
    PyObject *object = frame->object;
    int result = 0;
    if (frame->index++ == 0) {
        frame->object = part;
        return 0;
    }
    if (frame->index == 2) {
        frame->object = value_make(object, part, frame->flags);
        frame->flags &= ~(unsigned)VALUE_OBJECT_NEW;
        Py_DECREF(object);
        if (frame->object == NULL)
            result = -1;
        else if (frame->shared)
            result = value_unpacker_number(self, frame->object);
        frame->shared = false;
    } else if (frame->key != NULL) {
        result = value_make_state(object, frame->key, part);
        Py_CLEAR(frame->key);
    } else {
        const unsigned flag = frame->flags & (~frame->flags + 1); /* the lowest */
        frame->flags &= ~flag;
        if (flag == VALUE_OBJECT_STATE && (frame->flags & VALUE_OBJECT_SETTER)) {
            frame->key = part;
            return 0;
        }
        if (flag == VALUE_OBJECT_SETTER)
            result = (value_malformed(), -1); /* without a state */
        else
            result = value_make_part(&self->maker, object, flag, part);
    }
    Py_DECREF(part);
    return result;
}

int value_unpack_fill(struct value_unpacker *self, struct value_unpack_frame *frame,
                      PyObject *part) {
    if (frame->tag == VALUE_DICT) {
        if (frame->key == NULL) {
            frame->key = part;
            return 0;
        }
        frame->count--;
        return put_pair(frame, part);
    }
    frame->count--;
    if (frame->tag == VALUE_OBJECT)
        return put_object_part(self, frame, part);
    if (frame->tag == VALUE_LIST)
        return put_item(frame, part);
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
