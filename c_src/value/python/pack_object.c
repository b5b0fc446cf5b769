#include "value/python/pack_object.h"

#include "value/options.h"
#include "value/python/buffer.h"
#include "value/python/object.h"
#include "value/python/pack_leaf.h"
#include "value/python/packed.h"
#include "value/python/packer.h"
#include "value/python/reduce.h"
#include "value/python/state.h"
#include "value/python/zone.h"

#include <string.h>

enum { TYPE_AGAIN_MAX = 128 };

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
           value_state_is(state, VALUE_TYPE_NDARRAY, type) || type == state->time ||
           type == state->timezone;
}

/* Appends "module.Class", for Erlang to show. */
static int put_type(struct value_packer *self, PyTypeObject *type) {
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

/* Takes `parts`. An object gets a number in any case: what __getstate__ returns may refer to it by
 * ways that its reference count did not tell, such as a weak reference. */
static int pack_parts_of(struct value_packer *self, PyObject *object, PyObject *parts,
                         unsigned flags, size_t mark) {
    bool marked = mark != VALUE_NOT_SHARED;
    if (!marked)
        mark = self->out->length;
    if (value_written((marked || value_put_tag(self->out, VALUE_SHARED)) &&
                      value_put_tag(self->out, VALUE_OBJECT)) < 0 ||
        put_type(self, Py_TYPE(object)) < 0 ||
        value_written(buffer_append_byte(self->out, (uint8_t)flags)) < 0 ||
        value_packer_push(self, VALUE_OBJECT, object, NULL, (size_t)PyTuple_Size(parts), mark) <
            0) {
        Py_DECREF(parts);
        return -1;
    }
    self->frames[self->depth - 1].value = parts;
    self->frames[self->depth - 1].flags_at = self->out->length - 1;
    return 0;
}

static int pack_object(struct value_packer *self, PyObject *object, size_t mark) {
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
        result = value_packer_number(self, object, mark);
    value_reduced_free(&reduced);
    return result;
}

int value_pack_other(struct value_packer *self, PyObject *object, size_t mark) {
    PyObject *child = NULL;
    struct value_state *state = self->interpreter->value;
    if ((PyObject *)Py_TYPE(object) == self->type)
        return pack_object(self, object, mark);
    int result = value_object_pack(state, object, self->out, &child);
    if (child != NULL && value_refuses_objects() && !value_is_zone(state, child)) {
        /* the receiver finds the zone by its name */
        Py_DECREF(child);
        child = Py_NewRef(Py_None);
    }
    if (child != NULL) {
        result = value_packer_push(self, VALUE_DATETIME_ZONED, object, NULL, 1, mark);
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
    return result == 0 ? value_packer_number(self, object, mark) : -1;
}
