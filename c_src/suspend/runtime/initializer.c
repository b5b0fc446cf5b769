#include "suspend/runtime/initializer.h"

#include "suspend/private.h"

struct initializer {
    PyObject_HEAD PyObject *function;
};

static const struct suspend_contexts *contexts;

/* Which instance this thread has made last, and not yet called __init__ for. Borrowed, and only
 * compared: it may be gone. */
static _Thread_local const PyObject *made;

void suspend_set_contexts(const struct suspend_contexts *given) {
    contexts = given;
}

/* ---- in a Context -------------------------------------------------------*/

PyObject *suspend_initializer_open(PyObject *instance) {
    if (instance == NULL || instance != made || contexts == NULL)
        return NULL;
    made = NULL;
    return contexts->open();
}

void suspend_initializer_close(PyObject *context, PyObject *instance) {
    contexts->close(context, instance);
}

void suspend_initializer_leave(PyObject *context) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (python_extra.context_exit(context) < 0)
        PyErr_WriteUnraisable(context);
    PyErr_Restore(type, value, traceback);
}

static PyObject *call_within(PyObject *context, PyObject *function, PyObject *args,
                             PyObject *kwargs) {
    if (python_extra.context_enter(context) < 0) {
        suspend_initializer_close(context, NULL);
        return NULL;
    }
    PyObject *result = PyObject_Call(function, args, kwargs);
    suspend_initializer_leave(context);
    suspend_initializer_close(context, result ? PyTuple_GetItem(args, 0) : NULL);
    return result;
}

static PyObject *initializer_call(PyObject *self, PyObject *args, PyObject *kwargs) {
    PyObject *function = Py_NewRef(((struct initializer *)self)->function);
    PyObject *instance = PyTuple_Size(args) > 0 ? PyTuple_GetItem(args, 0) : NULL;
    PyObject *context = suspend_initializer_open(instance);
    PyObject *result = NULL;
    if (context != NULL)
        result = call_within(context, function, args, kwargs);
    else if (PyErr_Occurred() == NULL)
        result = PyObject_Call(function, args, kwargs);
    Py_DECREF(function);
    return result;
}

PyObject *suspend_made(PyObject *module, PyObject *instance) {
    (void)module;
    const struct suspend_state *state = suspend_state_get();
    PyObject *init = PyObject_GetAttr((PyObject *)Py_TYPE(instance), state->init_name);
    if (init == NULL)
        return NULL;
    bool ready = Py_TYPE(init) == state->initializer_type;
    Py_DECREF(init);
    made = instance;
    return PyBool_FromLong(ready);
}

/* ---- as the function it has the place of ---------------------------------*/

PyObject *suspend_initializer_function(const struct suspend_state *state, PyObject *callable) {
    if (Py_TYPE(callable) != state->initializer_type)
        return callable;
    return ((struct initializer *)callable)->function;
}

static PyObject *initializer_get(PyObject *self, PyObject *instance, PyObject *owner) {
    (void)owner;
    if (instance == NULL || Py_IsNone(instance))
        return Py_NewRef(self);
    return PyObject_CallFunctionObjArgs((PyObject *)python_extra.method_type, self, instance, NULL);
}

/* Copied and pickled by its name, as functions are. */
static PyObject *initializer_reduce(PyObject *self, PyObject *protocol) {
    (void)protocol;
    return PyObject_GetAttrString(((struct initializer *)self)->function, "__qualname__");
}

static PyObject *initializer_getattr(PyObject *self, PyObject *name) {
    PyObject *function = ((struct initializer *)self)->function;
    if (PyUnicode_CompareWithASCIIString(name, "__wrapped__") == 0)
        return Py_NewRef(function);
    if (PyUnicode_CompareWithASCIIString(name, "__reduce_ex__") == 0)
        return PyObject_GenericGetAttr(self, name);
    return PyObject_GetAttr(function, name);
}

static int initializer_setattr(PyObject *self, PyObject *name, PyObject *value) {
    return PyObject_SetAttr(((struct initializer *)self)->function, name, value);
}

static PyObject *initializer_repr(PyObject *self) {
    return PyObject_Repr(((struct initializer *)self)->function);
}

/* ---- the type ------------------------------------------------------------*/

static int initializer_clear(PyObject *self) {
    Py_CLEAR(((struct initializer *)self)->function);
    return 0;
}

static int initializer_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((struct initializer *)self)->function);
    return 0;
}

static void initializer_dealloc(PyObject *self) {
    suspend_type_free(self, initializer_clear);
}

PyObject *suspend_initializer(PyObject *module, PyObject *function) {
    (void)module;
    struct initializer *self =
        PyObject_GC_New(struct initializer, suspend_state_get()->initializer_type);
    if (self == NULL)
        return NULL;
    self->function = Py_NewRef(function);
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

int suspend_initializer_init(struct suspend_state *state) {
    static PyMethodDef methods[] = {
        {"__reduce_ex__", initializer_reduce, METH_O, NULL},
        {NULL, NULL, 0, NULL},
    };
    PyType_Slot slots[] = {
        {Py_tp_clear, (void *)initializer_clear},
        {Py_tp_traverse, (void *)initializer_traverse},
        {Py_tp_dealloc, (void *)initializer_dealloc},
        {Py_tp_call, (void *)initializer_call},
        {Py_tp_descr_get, (void *)initializer_get},
        {Py_tp_getattro, (void *)initializer_getattr},
        {Py_tp_setattro, (void *)initializer_setattr},
        {Py_tp_repr, (void *)initializer_repr},
        {Py_tp_methods, methods},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "_rebeam.Initializer",
        .basicsize = sizeof(struct initializer),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_METHOD_DESCRIPTOR |
                 Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    state->initializer_type = suspend_type_new(&spec);
    state->init_name = PyUnicode_InternFromString("__init__");
    return state->initializer_type && state->init_name ? 0 : -1;
}
