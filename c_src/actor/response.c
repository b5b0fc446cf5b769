#include "actor/response.h"

#include "actor/state.h"

#include <stdbool.h>
#include <structmember.h>

struct response {
    PyObject ob_base;
    PyObject *status; /* rebeam.Status.OK or ERROR; None: nothing is answered now */
    PyObject *value;
};

static int traverse(PyObject *object, visitproc visit, void *arg) {
    struct response *self = (struct response *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->status);
    Py_VISIT(self->value);
    return 0;
}

static int clear(PyObject *object) {
    struct response *self = (struct response *)object;
    Py_CLEAR(self->status);
    Py_CLEAR(self->value);
    return 0;
}

static void destroy(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    clear(object);
    PyObject_GC_Del(object);
    Py_DECREF(type);
}

static PyObject *represent(PyObject *object) {
    struct response *self = (struct response *)object;
    if (Py_IsNone(self->status))
        return PyUnicode_FromString("no_reply()");
    bool ok = self->status == interpreter_get()->actor->status_ok;
    return PyUnicode_FromFormat("response_%s(%R)", ok ? "ok" : "error", self->value);
}

/* So that a test of a plain method can say what it shall answer. */
static PyObject *compare(PyObject *left, PyObject *right, int operation) {
    struct response *a = (struct response *)left, *b = (struct response *)right;
    bool equality = operation == Py_EQ || operation == Py_NE;
    if (!Py_IS_TYPE(right, Py_TYPE(left)) || !equality)
        return Py_NewRef(Py_NotImplemented);
    if (a->status != b->status)
        return PyBool_FromLong(operation == Py_NE);
    int result = PyObject_RichCompareBool(a->value, b->value, operation);
    return result < 0 ? NULL : PyBool_FromLong(result);
}

/* As its status is: `if response:` asks whether it is an error. */
static int truth(PyObject *object) {
    return ((struct response *)object)->status != interpreter_get()->actor->status_error;
}

static PyMemberDef members[] = {
    {"status", T_OBJECT_EX, offsetof(struct response, status), READONLY,
     "Status.OK, Status.ERROR, or None: no_reply()"},
    {"value", T_OBJECT_EX, offsetof(struct response, value), READONLY, "what the caller gets"},
    {0},
};

static PyType_Slot slots[] = {
    {Py_tp_traverse, traverse},
    {Py_tp_clear, clear},
    {Py_tp_dealloc, destroy},
    {Py_tp_repr, represent},
    {Py_nb_bool, truth},
    {Py_tp_members, members},
    {Py_tp_richcompare, compare},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {Py_tp_doc, (void *)"What `response_ok` and `response_error` make: `status` and `value`. False "
                        "for an error."},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "rebeam.Response",
    .basicsize = sizeof(struct response),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};

static PyObject *response_new(PyObject *status, PyObject *const *args, Py_ssize_t nargs,
                              const char *name) {
    if (nargs > 1) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most 1 argument (%zd given)", name, nargs);
        return NULL;
    }
    PyTypeObject *type = interpreter_get()->actor->response;
    struct response *self = PyObject_GC_New(struct response, type);
    if (self == NULL)
        return NULL;
    self->status = Py_NewRef(status);
    self->value = Py_NewRef(nargs == 1 ? args[0] : Py_None);
    PyObject_GC_Track((PyObject *)self);
    return (PyObject *)self;
}

static PyObject *response_ok(PyObject *module, PyObject *const *args, Py_ssize_t nargs) {
    (void)module;
    return response_new(interpreter_get()->actor->status_ok, args, nargs, "response_ok");
}

static PyObject *response_error(PyObject *module, PyObject *const *args, Py_ssize_t nargs) {
    (void)module;
    return response_new(interpreter_get()->actor->status_error, args, nargs, "response_error");
}

static PyObject *no_reply(PyObject *module, PyObject *ignored) {
    (void)module, (void)ignored;
    return response_new(Py_None, NULL, 0, "no_reply");
}

static PyMethodDef functions[] = {
    {"response_ok", (PyCFunction)(void (*)(void))response_ok, METH_FASTCALL,
     "response_ok(value=None, /)\n--\n\nAnswer a call with Status.OK and `value`. Does not "
     "suspend."},
    {"response_error", (PyCFunction)(void (*)(void))response_error, METH_FASTCALL,
     "response_error(value=None, /)\n--\n\nAnswer a call with Status.ERROR and `value`. Does not "
     "suspend."},
    {"no_reply", no_reply, METH_NOARGS,
     "no_reply()\n--\n\nReturned by a handler: the call is not answered now, but later, from "
     "anywhere, by\nreply(source, response). Does not suspend."},
    {0},
};

int response_init(struct interpreter *interpreter, PyObject *module) {
    PyObject *type = PyType_FromSpec(&spec);
    if (type == NULL)
        return -1;
    interpreter->actor->response = (PyTypeObject *)type;
    if (PyModule_AddObjectRef(module, "Response", type) < 0)
        return -1;
    return PyModule_AddFunctions(module, functions);
}

PyObject *response_value(PyObject *result, enum response_kind *kind) {
    struct actor_state *state = interpreter_get()->actor;
    *kind = RESPONSE_OK;
    if (Py_TYPE(result) != state->response)
        return result;
    struct response *self = (struct response *)result;
    if (self->status != state->status_ok)
        *kind = Py_IsNone(self->status) ? RESPONSE_NONE : RESPONSE_ERROR;
    return self->value;
}
