#include "value/python/packer.h"

#include "value/python/pack_leaf.h"
#include "value/value.h"

int value_packer_push(struct value_packer *self, enum value_tag tag, PyObject *object,
                      PyObject *iterator, size_t count, size_t mark) {
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
    self->frames[self->depth++] = (struct value_pack_frame){.tag = tag,
                                                            .object = Py_NewRef(object),
                                                            .iterator = iterator,
                                                            .count = count,
                                                            .mark = mark};
    return 0;
failed:
    Py_XDECREF(iterator);
    return -1;
}

int value_packer_number(struct value_packer *self, PyObject *object, size_t mark) {
    size_t number;
    if (mark == VALUE_NOT_SHARED)
        return 0;
    if (!value_memo_find(&self->memo, object, &number))
        return value_written(value_memo_add(&self->memo, object));
    self->again = !self->all;
    self->out->bytes[mark] = VALUE_RECURSIVE; /* a tuple that contains itself: the copy counts */
    return value_written(value_put_count(self->out, number));
}
