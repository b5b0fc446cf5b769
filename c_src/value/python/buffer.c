#include "value/python/buffer.h"

#include "memory/object.h"
#include "value/buffer_head.h"
#include "value/python/pack_leaf.h"
#include "value/python/state.h"

#include <stdlib.h>
#include <string.h>

/* Copies from here on leave other threads to run meanwhile. */
enum { COPY_ALONE_MAX = 1 << 20, BASES_MAX = 64 };

/* ---- may it be shared? ---------------------------------------------------------- */

/* True, false, or -1 with an exception. */
static int flag(PyObject *array, const char *name) {
    PyObject *flags = PyObject_GetAttrString(array, "flags");
    PyObject *value = flags ? PyObject_GetAttrString(flags, name) : NULL;
    int result = value ? PyObject_IsTrue(value) : -1;
    Py_XDECREF(flags);
    Py_XDECREF(value);
    return result;
}

static int freeze(PyObject *array) {
    PyObject *flags = PyObject_GetAttrString(array, "flags");
    int result = flags ? PyObject_SetAttrString(flags, "writeable", Py_False) : -1;
    Py_XDECREF(flags);
    return result;
}

static int freeze_later(struct value_packed *out, PyObject *array) {
    if (out->to_freeze == NULL && (out->to_freeze = PyList_New(0)) == NULL)
        return -1;
    return PyList_Append(out->to_freeze, array);
}

int value_buffer_freeze(struct value_packed *out) {
    Py_ssize_t count = out->to_freeze ? PyList_Size(out->to_freeze) : 0;
    for (Py_ssize_t i = 0; i < count; i++)
        if (freeze(PyList_GetItem(out->to_freeze, i)) < 0)
            return -1;
    return 0;
}

static bool is_ndarray(struct value_state *self, PyObject *object) {
    return self->ndarray != NULL && PyObject_TypeCheck(object, self->ndarray);
}

/* Exporters whose memory does not change by their own rules, though some do not say so. */
static bool is_immutable(PyObject *object) {
    if (PyBytes_CheckExact(object) || memory_is(object))
        return true;
    PyObject *module = PyObject_GetAttrString((PyObject *)Py_TYPE(object), "__module__");
    const char *text =
        module && PyUnicode_Check(module) ? PyUnicode_AsUTF8AndSize(module, NULL) : NULL;
    bool arrow = text != NULL && strncmp(text, "pyarrow.", 8) == 0;
    PyErr_Clear();
    Py_XDECREF(module);
    return arrow;
}

/* One array of the chain from a view to what its memory belongs to: 1 or 0 if that settles the
 * question of walk_bases, 2 if its base does, which is in *base then, -1 with an exception. */
static int step(struct value_state *self, PyObject *array, bool alone,
                struct value_packed *freezing, PyObject **base) {
    int writable = flag(array, "writeable");
    *base = writable < 0 ? NULL : PyObject_GetAttrString(array, "base");
    if (*base == NULL)
        return -1;
    bool last = Py_IsNone(*base) || !is_ndarray(self, *base);
    if (writable && (!alone || (last && !Py_IsNone(*base))))
        return 0; /* views of it may be anywhere */
    if (writable && freezing != NULL && freeze_later(freezing, array) < 0)
        return -1;
    if (!last)
        return 2;
    return Py_IsNone(*base) || is_immutable(*base);
}

/* Whether nothing changes the array's memory, once all arrays on the way to it are frozen: noted in
 * `freezing`, unless that is NULL. A base of which nobody but its view knows is as good as none. 1,
 * 0, or -1 with an exception. */
static int walk_bases(struct value_state *self, PyObject *array, struct value_packed *freezing) {
    PyObject *at = Py_NewRef(array), *base;
    bool alone = true;
    int result = 2;
    for (int depth = 0; result == 2 && depth < BASES_MAX; depth++) {
        result = step(self, at, alone, freezing, &base);
        Py_DECREF(at);
        at = base;
        alone = alone && at != NULL && Py_REFCNT(at) <= 2;
    }
    Py_XDECREF(at);
    return result == 2 ? 0 : result;
}

static int may_share(struct value_state *self, struct value_packed *out, PyObject *exporter,
                     bool readonly) {
    if (exporter == NULL)
        return 0;
    if (is_ndarray(self, exporter)) {
        int result = walk_bases(self, exporter, NULL);
        return result > 0 ? walk_bases(self, exporter, out) : result;
    }
    if (!PyMemoryView_Check(exporter))
        return is_immutable(exporter);
    PyObject *object = readonly ? PyObject_GetAttrString(exporter, "obj") : Py_NewRef(Py_None);
    int result = object ? 0 : -1;
    if (result == 0 && is_immutable(object))
        result = 1;
    else if (result == 0 && is_ndarray(self, object) && flag(object, "writeable") == 0)
        result = walk_bases(self, object, NULL);
    Py_XDECREF(object);
    return result;
}

/* ---- getting the memory ------------------------------------------------------------ */

static bool copy(const Py_buffer *view, char order, struct memory_part *part) {
    unsigned char *data;
    *part = (struct memory_part){.memory = memory_new((size_t)view->len, &data),
                                 .size = (size_t)view->len};
    if (part->memory == NULL) {
        PyErr_NoMemory();
        return false;
    }
    part->data = data;
    if (!PyBuffer_IsContiguous(view, order)) {
        if (PyBuffer_ToContiguous(data, view, view->len, order) == 0)
            return true;
        memory_release(part->memory);
        return false;
    }
    if (view->len > COPY_ALONE_MAX) {
        Py_BEGIN_ALLOW_THREADS;
        memcpy(data, view->buf, (size_t)view->len);
        Py_END_ALLOW_THREADS;
    } else if (view->len > 0) {
        memcpy(data, view->buf, (size_t)view->len);
    }
    return true;
}

/* The memory of a view, which is taken. In `order`, which is the view's own if that is contiguous.
 * `exporter` is whose memory it is, as far as that is known. 0, or -1 with an exception. */
static int settle(struct value_state *self, struct value_packed *out, PyObject *exporter,
                  Py_buffer *view, char order, struct memory_part *part) {
    bool whole = PyBuffer_IsContiguous(view, order);
    int share = 0;
    if (!out->flat && whole && view->len >= VALUE_PART_MIN) {
        if (view->readonly && memory_find(view->buf, (size_t)view->len, part)) {
            PyBuffer_Release(view);
            return 0;
        }
        share = may_share(self, out, exporter, view->readonly);
    }
    if (share > 0) {
        *part = (struct memory_part){.data = view->buf, .size = (size_t)view->len};
        part->memory = memory_of_view(view); /* takes it */
        return value_written(part->memory != NULL);
    }
    int result = share < 0 || !copy(view, order, part) ? -1 : 0;
    PyBuffer_Release(view);
    return result;
}

/* ---- what there is -------------------------------------------------------------------- */

/* Appends all. Takes the view. `format` is NUL-terminated. */
static int put(struct value_state *self, struct value_packed *out, enum value_buffer_kind kind,
               const char *format, PyObject *exporter, Py_buffer *view) {
    struct value_buffer_head head = {.kind = kind,
                                     .format = (const unsigned char *)format,
                                     .format_length = strlen(format),
                                     .itemsize = (uint64_t)view->itemsize,
                                     .ndim = (size_t)view->ndim};
    struct memory_part part;
    bool rows = PyBuffer_IsContiguous(view, 'C');
    head.columns = kind == VALUE_BUFFER_NUMPY && !rows && PyBuffer_IsContiguous(view, 'F');
    if (head.format_length > VALUE_BUFFER_FORMAT_MAX || head.ndim > VALUE_BUFFER_DIMENSIONS_MAX) {
        PyErr_Format(PyExc_TypeError, "cannot pickle '%s' object of such a format", format);
        PyBuffer_Release(view);
        return -1;
    }
    for (int i = 0; i < view->ndim; i++)
        head.shape[i] = view->shape ? (uint64_t)view->shape[i] : (uint64_t)view->len;
    if (settle(self, out, exporter, view, head.columns ? 'F' : 'C', &part) < 0)
        return -1;
    if (value_buffer_put(&out->bytes, &head))
        return value_pack_memory(out, part);
    memory_release(part.memory);
    return value_written(false);
}

/* The text of a dtype that is its bytes and no more; NULL for others, or with an exception. */
static PyObject *plain_dtype(PyObject *array) {
    PyObject *dtype = PyObject_GetAttrString(array, "dtype");
    PyObject *kind = dtype ? PyObject_GetAttrString(dtype, "kind") : NULL;
    PyObject *metadata = kind ? PyObject_GetAttrString(dtype, "metadata") : NULL;
    PyObject *text = NULL;
    const char *letter = metadata ? PyUnicode_AsUTF8AndSize(kind, NULL) : NULL;
    if (letter != NULL && strchr("biufcmMSU", letter[0]) != NULL && Py_IsNone(metadata))
        text = PyObject_GetAttrString(dtype, "str");
    Py_XDECREF(dtype);
    Py_XDECREF(kind);
    Py_XDECREF(metadata);
    return text;
}

static int pack_array(struct value_state *self, struct value_packed *out, PyObject *array) {
    Py_buffer view;
    PyObject *text = plain_dtype(array);
    PyObject *given = Py_NewRef(array);
    int result = -1;
    const char *format = text ? PyUnicode_AsUTF8AndSize(text, NULL) : NULL;
    if (format == NULL) {
        result = PyErr_Occurred() ? -1 : 1;
        goto done;
    }
    if (PyObject_GetBuffer(given, &view, PyBUF_STRIDES | PyBUF_ANY_CONTIGUOUS) < 0) {
        PyErr_Clear(); /* it has gaps: a copy has none */
        Py_DECREF(given);
        given = PyObject_CallMethod(array, "copy", NULL);
        if (given == NULL || PyObject_GetBuffer(given, &view, PyBUF_STRIDES) < 0)
            goto done;
    }
    result = put(self, out, VALUE_BUFFER_NUMPY, format, given, &view);
done:
    Py_XDECREF(text);
    Py_XDECREF(given);
    return result;
}

/* A view of the same memory stands in for it: so nobody is kept from releasing the given one. */
static int pack_view(struct value_state *self, struct value_packed *out, PyObject *given) {
    Py_buffer view;
    PyObject *own = PyMemoryView_FromObject(given);
    int result = -1;
    if (own != NULL && PyObject_GetBuffer(own, &view, PyBUF_FULL_RO) == 0)
        result = put(self, out, VALUE_BUFFER_VIEW, view.format ? view.format : "B", own, &view);
    Py_XDECREF(own);
    return result;
}

static int pack_array_module(struct value_state *self, struct value_packed *out, PyObject *array) {
    Py_buffer view;
    PyObject *code = PyObject_GetAttrString(array, "typecode");
    const char *format = code ? PyUnicode_AsUTF8AndSize(code, NULL) : NULL;
    int result = -1;
    if (format != NULL && PyObject_GetBuffer(array, &view, PyBUF_ND) == 0)
        result = put(self, out, VALUE_BUFFER_ARRAY, format, NULL, &view);
    Py_XDECREF(code);
    return result;
}

/* A PickleBuffer, or memory of another message. */
static int pack_plain(struct value_state *self, struct value_packed *out, PyObject *object) {
    Py_buffer view;
    if (PyObject_GetBuffer(object, &view, PyBUF_FULL_RO) < 0)
        return -1;
    const char order = PyBuffer_IsContiguous(&view, 'C') ? 'C' : 'F';
    struct memory_part part;
    struct value_buffer_head head = {.kind = VALUE_BUFFER_PLAIN,
                                     .format = (const unsigned char *)"B",
                                     .format_length = 1,
                                     .itemsize = 1,
                                     .ndim = 1,
                                     .shape = {(uint64_t)view.len}};
    if (settle(self, out, view.obj, &view, order, &part) < 0)
        return -1;
    if (value_buffer_put(&out->bytes, &head))
        return value_pack_memory(out, part);
    memory_release(part.memory);
    return value_written(false);
}

int value_buffer_pack(struct value_state *self, struct value_packed *out, PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    if (value_state_is(self, VALUE_TYPE_NDARRAY, type))
        return pack_array(self, out, object);
    if (PyMemoryView_Check(object))
        return pack_view(self, out, object);
    if (type == self->pickle_buffer || memory_is(object))
        return pack_plain(self, out, object);
    if (value_state_is(self, VALUE_TYPE_ARRAY, type))
        return pack_array_module(self, out, object);
    return 1;
}
