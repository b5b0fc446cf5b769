#include "value/python/buffer_build.h"

#include "memory/object.h"
#include "value/python/explain.h"
#include "value/python/state.h"

#include <string.h>

static PyObject *shape_of(const struct value_buffer_head *head) {
    PyObject *shape = PyTuple_New((Py_ssize_t)head->ndim);
    for (size_t i = 0; shape != NULL && i < head->ndim; i++) {
        PyObject *size = PyLong_FromUnsignedLongLong(head->shape[i]);
        if (size == NULL || PyTuple_SetItem(shape, (Py_ssize_t)i, size) < 0)
            Py_CLEAR(shape);
    }
    return shape;
}

/* Never an array of objects: their addresses would come out of a message. */
static PyObject *dtype_of(struct value_state *self, const struct value_buffer_head *head) {
    PyObject *dtype = PyObject_CallFunction(self->dtype, "s#", (const char *)head->format,
                                            (Py_ssize_t)head->format_length);
    PyObject *objects = dtype ? PyObject_GetAttrString(dtype, "hasobject") : NULL;
    if (objects == NULL || PyObject_IsTrue(objects)) {
        if (objects != NULL && PyErr_Occurred() == NULL)
            PyErr_SetString(PyExc_TypeError, "items of such a dtype are no plain bytes");
        Py_CLEAR(dtype);
    }
    Py_XDECREF(objects);
    return dtype;
}

/* Takes the part. */
static PyObject *build_array(struct value_state *self, const struct value_buffer_head *head,
                             struct memory_part part) {
    PyObject *memory = memory_object(part, NULL), *array = NULL, *dtype = NULL, *shape = NULL;
    if (memory == NULL || value_state_need(self, VALUE_TYPE_NDARRAY) < 0)
        goto done;
    dtype = dtype_of(self, head);
    shape = dtype ? shape_of(head) : NULL;
    if (shape != NULL) /* shape, dtype, buffer, offset, strides, order */
        array = PyObject_CallFunction((PyObject *)self->ndarray, "OOOiOs", shape, dtype, memory, 0,
                                      Py_None, head->columns ? "F" : "C");
done:
    Py_XDECREF(memory);
    Py_XDECREF(dtype);
    Py_XDECREF(shape);
    return array;
}

static PyObject *build_view(const struct value_buffer_head *head, struct memory_part part) {
    char format[VALUE_BUFFER_FORMAT_MAX + 1] = {0};
    Py_ssize_t shape[VALUE_BUFFER_DIMENSIONS_MAX];
    memcpy(format, head->format, head->format_length);
    for (size_t i = 0; i < head->ndim; i++)
        shape[i] = (Py_ssize_t)head->shape[i];
    const struct memory_layout layout = {.format = format,
                                         .itemsize = (Py_ssize_t)head->itemsize,
                                         .ndim = (int)head->ndim,
                                         .shape = shape};
    PyObject *memory = memory_object(part, &layout);
    PyObject *view = memory ? PyMemoryView_FromObject(memory) : NULL;
    Py_XDECREF(memory);
    return view;
}

/* A new array.array can be changed, so it has memory of its own. */
static PyObject *build_array_module(struct value_state *self, const struct value_buffer_head *head,
                                    struct memory_part part) {
    PyObject *memory = memory_object(part, NULL), *array = NULL;
    if (memory != NULL && value_state_need(self, VALUE_TYPE_ARRAY) == 0)
        array = PyObject_CallFunction((PyObject *)self->array, "s#", (const char *)head->format,
                                      (Py_ssize_t)head->format_length);
    PyObject *done = array ? PyObject_CallMethod(array, "frombytes", "(O)", memory) : NULL;
    if (done == NULL)
        Py_CLEAR(array);
    Py_XDECREF(done);
    Py_XDECREF(memory);
    return array;
}

PyObject *value_buffer_build(struct value_state *self, const struct value_buffer_head *head,
                             struct memory_part part) {
    uint64_t size;
    if (!value_buffer_size(head, &size) || size != part.size) {
        memory_release(part.memory);
        return value_malformed();
    }
    switch (head->kind) {
    case VALUE_BUFFER_NUMPY:
        return build_array(self, head, part);
    case VALUE_BUFFER_VIEW:
        return build_view(head, part);
    case VALUE_BUFFER_ARRAY:
        return build_array_module(self, head, part);
    case VALUE_BUFFER_PLAIN:
    case VALUE_BUFFER_KINDS:
        break;
    }
    return memory_object(part, NULL);
}
