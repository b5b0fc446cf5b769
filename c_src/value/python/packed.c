#include "value/python/packed.h"

#include "value/format.h"
#include "value/python/pack_leaf.h"
#include "value/python/state.h"

struct object {
    PyObject ob_base;
    struct value_packed content; /* owned */
};

static void destroy(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    value_parts_free(&((struct object *)object)->content);
    PyObject_Free(object);
    Py_DECREF(type);
}

static PyType_Slot slots[] = {
    {Py_tp_dealloc, destroy},
    {Py_tp_doc, (void *)"A message that is packed already."},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "rebeam.Packed",
    .basicsize = sizeof(struct object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int value_packed_init(struct value_state *self, PyObject *module) {
    self->packed = (PyTypeObject *)PyType_FromSpec(&spec);
    return self->packed ? PyModule_AddObjectRef(module, "Packed", (PyObject *)self->packed) : -1;
}

PyObject *value_packed_object(struct value_state *self, struct value_packed *content) {
    struct object *object = PyObject_New(struct object, self->packed);
    if (object != NULL)
        object->content = *content;
    else
        value_parts_free(content);
    return (PyObject *)object;
}

bool value_packed_payload(struct value_state *self, PyObject *object, struct value_payload *out) {
    if (!Py_IS_TYPE(object, self->packed))
        return false;
    const struct value_packed *content = &((struct object *)object)->content;
    *out = (struct value_payload){.bytes = content->bytes.bytes,
                                  .length = content->bytes.length,
                                  .parts = content->parts,
                                  .count = content->count};
    return true;
}

int value_packed_pack(struct value_state *self, struct value_packed *out, PyObject *object) {
    struct value_payload payload;
    if (!value_packed_payload(self, object, &payload))
        return 1;
    if (out->flat && payload.count > 0) {
        PyErr_SetString(PyExc_TypeError, "cannot pickle 'rebeam.Packed' object");
        return -1;
    }
    bool ok = value_put_tag_count(&out->bytes, VALUE_PACKED, out->count) &&
              value_put_count(&out->bytes, payload.count) &&
              value_put_data(&out->bytes, payload.bytes, payload.length);
    for (size_t i = 0; ok && i < payload.count; i++) {
        memory_keep(payload.parts[i].memory);
        ok = value_parts_add(out, payload.parts[i]);
    }
    return value_written(ok);
}
