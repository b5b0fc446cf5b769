/* The mark of a StopIteration.
 *
 * A coroutine cannot raise StopIteration, and since 3.12 an awaitable cannot
 * either: `await` would take it for the result. So it travels as an ordinary
 * result and is raised again at the call site, with the traceback it had.
 */
#include "suspend/runtime/mark.h"

#include "suspend/private.h"

struct mark {
    PyObject_HEAD PyObject *exception;
};

static int mark_clear(PyObject *self) {
    Py_CLEAR(((struct mark *)self)->exception);
    return 0;
}

static int mark_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((struct mark *)self)->exception);
    return 0;
}

static void mark_dealloc(PyObject *self) {
    suspend_type_free(self, mark_clear);
}

int suspend_mark_init(struct suspend_state *state) {
    PyType_Slot slots[] = {
        {Py_tp_clear, (void *)mark_clear},
        {Py_tp_traverse, (void *)mark_traverse},
        {Py_tp_dealloc, (void *)mark_dealloc},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "_rebeam.StopMark",
        .basicsize = sizeof(struct mark),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    state->mark_type = suspend_type_new(&spec);
    return state->mark_type ? 0 : -1;
}

PyObject *suspend_mark_new(const struct suspend_state *state, PyObject *exception) {
    struct mark *self = PyObject_GC_New(struct mark, state->mark_type);
    if (self == NULL) {
        Py_DECREF(exception);
        return NULL;
    }
    self->exception = exception;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

PyObject *suspend_mark_resolve(const struct suspend_state *state, PyObject *value) {
    if (Py_TYPE(value) != state->mark_type)
        return value;
    PyObject *exception = ((struct mark *)value)->exception;
    /* Not PyErr_SetObject: the exception has its context already. */
    PyErr_Restore(Py_NewRef((PyObject *)Py_TYPE(exception)), Py_NewRef(exception),
                  PyException_GetTraceback(exception));
    Py_DECREF(value);
    return NULL;
}
