#include "value/python/unpacker.h"

#include "value/value.h"

int value_unpacker_push(struct value_unpacker *self, enum value_tag tag, PyObject *object,
                        size_t count) {
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
    self->frames[self->depth++] =
        (struct value_unpack_frame){.tag = tag, .object = object, .count = count};
    return 0;
failed:
    Py_XDECREF(object);
    return -1;
}

int value_unpacker_number(struct value_unpacker *self, PyObject *object) {
    if (self->numbered_count == self->numbered_capacity &&
        !value_grow((void **)&self->numbered, &self->numbered_capacity, sizeof object,
                    self->first_numbered)) {
        PyErr_NoMemory();
        return -1;
    }
    self->numbered[self->numbered_count++] = Py_NewRef(object);
    return 0;
}
