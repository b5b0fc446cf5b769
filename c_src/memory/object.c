#include "memory/object.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4096 };

struct object {
    PyObject ob_base;
    struct memory_part part;
    struct object *next; /* in its slot of the table */
    char *format;        /* owned; NULL: bytes */
    Py_ssize_t itemsize;
    int ndim;
    Py_ssize_t *shape, *strides; /* owned, one allocation */
};

/* The live objects of an interpreter, by where their memory begins. */
struct memory_state {
    PyTypeObject *type;
    struct object *slots[SLOTS];
};

static struct object **slot_of(struct memory_state *state, const void *data) {
    return &state->slots[((uint64_t)(uintptr_t)data * UINT64_C(0x9e3779b97f4a7c15)) >> 52];
}

static void forget(struct object *self) {
    struct object **place = slot_of(interpreter_get()->memory, self->part.data);
    while (*place != NULL && *place != self)
        place = &(*place)->next;
    if (*place == self)
        *place = self->next;
}

static void destroy(PyObject *object) {
    struct object *self = (struct object *)object;
    PyTypeObject *type = Py_TYPE(object);
    forget(self);
    memory_release(self->part.memory);
    free(self->format);
    free(self->shape);
    PyObject_Free(object);
    Py_DECREF(type);
}

/* ---- the buffer protocol ----------------------------------------------------------- */

static int get_buffer(PyObject *object, Py_buffer *view, int flags) {
    struct object *self = (struct object *)object;
    if (flags & PyBUF_WRITABLE) {
        PyErr_SetString(PyExc_BufferError, "this memory came in a message and is shared: it is "
                                           "read-only, change a .copy() of it");
        view->obj = NULL;
        return -1;
    }
    if ((flags & PyBUF_F_CONTIGUOUS) == PyBUF_F_CONTIGUOUS && self->ndim > 1) {
        PyErr_SetString(PyExc_BufferError, "this memory is row-major");
        view->obj = NULL;
        return -1;
    }
    *view = (Py_buffer){.buf = (void *)(uintptr_t)self->part.data,
                        .obj = Py_NewRef(object),
                        .len = (Py_ssize_t)self->part.size,
                        .itemsize = self->itemsize,
                        .readonly = 1,
                        .ndim = self->ndim};
    if (flags & PyBUF_FORMAT)
        view->format = self->format ? self->format : (char *)(uintptr_t) "B";
    if (flags & PyBUF_ND)
        view->shape = self->shape;
    else
        view->ndim = 1;
    if ((flags & PyBUF_STRIDES) == PyBUF_STRIDES)
        view->strides = self->strides;
    return 0;
}

static Py_ssize_t length(PyObject *object) {
    return (Py_ssize_t)((struct object *)object)->part.size;
}

static PyObject *represent(PyObject *object) {
    return PyUnicode_FromFormat("<rebeam.Memory of %zd bytes>", length(object));
}

/* Elsewhere than in messages, such as in a file, it is its bytes. */
static PyObject *reduce(PyObject *object, PyObject *unused) {
    struct object *self = (struct object *)object;
    (void)unused;
    return Py_BuildValue("O(y#)", (PyObject *)&PyBytes_Type, (const char *)self->part.data,
                         (Py_ssize_t)self->part.size);
}

static PyMethodDef methods[] = {
    {"__reduce__", reduce, METH_NOARGS, NULL},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, destroy},
    {Py_tp_repr, represent},
    {Py_tp_methods, methods},
    {Py_mp_length, length},
    {Py_bf_getbuffer, get_buffer},
    {Py_tp_doc, (void *)"Memory that came in a message, shared and read-only: memoryview(it) shows "
                        "it. Arrays of messages have it for their base."},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "rebeam.Memory",
    .basicsize = sizeof(struct object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

/* ---- making and finding ---------------------------------------------------------------- */

static bool set_layout(struct object *self, const struct memory_layout *layout) {
    static const struct memory_layout bytes = {.itemsize = 1, .ndim = 1};
    const Py_ssize_t size = (Py_ssize_t)self->part.size;
    const struct memory_layout *given = layout ? layout : &bytes;
    self->itemsize = given->itemsize;
    self->ndim = given->ndim;
    self->shape = malloc(2 * (size_t)(given->ndim + 1) * sizeof *self->shape);
    if (self->shape == NULL)
        return false;
    self->strides = self->shape + given->ndim + 1;
    Py_ssize_t stride = given->itemsize;
    for (int i = given->ndim; i-- > 0;) {
        self->shape[i] = layout ? layout->shape[i] : size;
        self->strides[i] = stride;
        stride *= self->shape[i] > 0 ? self->shape[i] : 1; /* as numpy has it */
    }
    if (given->format == NULL)
        return true;
    self->format = strdup(given->format);
    return self->format != NULL;
}

PyObject *memory_object(struct memory_part part, const struct memory_layout *layout) {
    struct memory_state *state = interpreter_get()->memory;
    struct object *self = PyObject_New(struct object, state->type);
    if (self == NULL) {
        memory_release(part.memory);
        return NULL;
    }
    self->part = part;
    self->format = NULL;
    self->shape = NULL;
    self->next = NULL;
    if (!set_layout(self, layout)) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    struct object **slot = slot_of(state, part.data);
    self->next = *slot;
    *slot = self;
    return (PyObject *)self;
}

bool memory_find(const void *data, size_t size, struct memory_part *part) {
    struct object *found = *slot_of(interpreter_get()->memory, data);
    while (found != NULL && (found->part.data != data || found->part.size != size))
        found = found->next;
    if (found == NULL)
        return false;
    *part = found->part;
    memory_keep(part->memory);
    return true;
}

bool memory_is(PyObject *object) {
    return Py_IS_TYPE(object, interpreter_get()->memory->type);
}

int memory_init(struct interpreter *interpreter, PyObject *module) {
    struct memory_state *state = calloc(1, sizeof *state);
    if (state == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    interpreter->memory = state;
    state->type = (PyTypeObject *)PyType_FromSpec(&spec);
    return state->type ? PyModule_AddObjectRef(module, "Memory", (PyObject *)state->type) : -1;
}
