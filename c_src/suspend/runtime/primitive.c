/* Primitives: the callables that suspensions come from. */
#include "suspend/runtime/primitive.h"

#include "suspend/private.h"
#include "suspend/runtime/arguments.h"
#include "suspend/runtime/await.h"

#include <stddef.h>
#include <stdlib.h>
#include <structmember.h>

struct primitive {
    PyObject_HEAD const char *name;
    const char *doc;
    suspend_begin begin;
    const struct suspend_waiting *waiting;
};

static void primitive_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
    Py_DECREF(type);
}

/* Calls of that name may suspend: see suspend/walker/names.c. Takes `name`. 0, or -1; NULL fails.
 */
static int add_name(struct suspend_state *state, PyObject *name) {
    int status = name ? PyList_Append(state->primitives, name) : -1;
    Py_XDECREF(name);
    return status;
}

PyObject *suspend_primitive_new(const char *name, const char *doc, suspend_begin begin,
                                const struct suspend_waiting *waiting) {
    struct suspend_state *state = suspend_state_get();
    if (add_name(state, PyUnicode_InternFromString(name)) < 0)
        return NULL;
    struct primitive *self = PyObject_New(struct primitive, state->primitive_type);
    if (self == NULL)
        return NULL;
    self->name = name;
    self->doc = doc;
    self->begin = begin;
    self->waiting = waiting;
    return (PyObject *)self;
}

int suspend_replace(PyObject *function, PyObject *primitive) {
    struct suspend_state *state = suspend_state_get();
    if (Py_TYPE(primitive) != state->primitive_type) {
        PyErr_SetString(PyExc_TypeError, "only a primitive can take a function's place");
        return -1;
    }
    if (state->replacement_count == SUSPEND_REPLACEMENTS_MAX) {
        PyErr_SetString(PyExc_RuntimeError, "too many functions are replaced");
        return -1;
    }
    if (add_name(state, PyObject_GetAttrString(function, "__name__")) < 0)
        return -1;
    state->replacements[state->replacement_count++] = (struct suspend_replacement){
        .function = Py_NewRef(function), .primitive = Py_NewRef(primitive)};
    return 0;
}

/* Borrowed; NULL if it is none. A handful at most, so a search by identity is fastest. */
static struct primitive *find(const struct suspend_state *state, PyObject *callable) {
    if (Py_TYPE(callable) == state->primitive_type)
        return (struct primitive *)callable;
    for (int i = 0; i < state->replacement_count; i++)
        if (state->replacements[i].function == callable)
            return (struct primitive *)state->replacements[i].primitive;
    return NULL;
}

PyObject *suspend_record(PyObject *module, PyObject *function) {
    struct suspend_state *state = suspend_state_get();
    PyObject *before = state->record;
    (void)module;
    state->record = Py_IsNone(function) ? NULL : Py_NewRef(function);
    Py_XDECREF(before);
    return Py_NewRef(Py_None);
}

/* What wants to hear of what it comes to, a new reference; NULL if nothing does. */
static PyObject *record(PyObject *function, const struct primitive *self, PyObject *const *args,
                        Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *given = suspend_arguments_tuple(args, nargs);
    PyObject *named = given ? PyDict_New() : NULL;
    PyObject *note = NULL;
    Py_INCREF(function);
    if (named != NULL && suspend_arguments_add(named, args + nargs, kwnames) == 0)
        note = PyObject_CallFunction(function, "sOO", self->name, given, named);
    if (note == NULL)
        PyErr_WriteUnraisable(function);
    Py_XDECREF(named);
    Py_XDECREF(given);
    Py_DECREF(function);
    if (note == Py_None)
        Py_CLEAR(note);
    return note;
}

/* (value, raised) as what comes of a primitive. */
static PyObject *answer(PyObject *given) {
    PyObject *value = PyTuple_GetItem(given, 0), *raised = PyTuple_GetItem(given, 1);
    if (value == NULL || raised == NULL)
        return NULL;
    if (raised != Py_True)
        return suspension_ready(Py_NewRef(value));
    PyErr_SetObject((PyObject *)Py_TYPE(value), value);
    return NULL;
}

static PyObject *begin(const struct primitive *self, PyObject *const *args, Py_ssize_t nargs,
                       PyObject *kwnames) {
    PyObject *function = suspend_state_get()->record;
    PyObject *note = function ? record(function, self, args, nargs, kwnames) : NULL;
    bool answered = note != NULL && PyTuple_Check(note);
    PyObject *suspension = answered ? answer(note) : self->begin(args, nargs, kwnames);
    if (answered)
        Py_CLEAR(note);
    if (suspension != NULL) {
        suspend_await_set_waiting(suspension, self->waiting);
        suspend_await_set_note(suspension, note);
    } else {
        Py_XDECREF(note);
    }
    return suspension;
}

PyObject *suspend_primitive_begin(const struct suspend_state *state, PyObject *callable,
                                  PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    const struct primitive *self = find(state, callable);
    return self ? begin(self, args, nargs, kwnames) : NULL;
}

/* ---- called plainly ----------------------------------------------------*/

static PyObject *primitive_call(PyObject *callable, PyObject *args, PyObject *kwargs) {
    const struct primitive *self = (struct primitive *)callable;
    PyObject *kwnames = NULL;
    PyObject *result = NULL;
    PyObject **flat = suspend_arguments_flatten(args, kwargs, &kwnames);
    PyObject *suspension = flat ? begin(self, flat, PyTuple_Size(args), kwnames) : NULL;
    free(flat);
    Py_XDECREF(kwnames);
    if (suspension == NULL)
        return NULL;
    if (suspension_state(suspension) == SUSPENSION_NEW)
        result = self->waiting->here(suspension);
    else
        result = suspension_take(suspension);
    Py_DECREF(suspension);
    return result;
}

static PyObject *primitive_repr(PyObject *self) {
    return PyUnicode_FromFormat("<primitive rebeam.%s>", ((struct primitive *)self)->name);
}

/* Pickled by name: it is the same primitive everywhere. */
static PyObject *primitive_reduce(PyObject *self, PyObject *unused) {
    (void)unused;
    return PyUnicode_FromString(((struct primitive *)self)->name);
}

static PyObject *primitive_module(PyObject *self, void *unused) {
    (void)self;
    (void)unused;
    return PyUnicode_FromString("rebeam");
}

int suspend_primitive_init(struct suspend_state *state) {
    static PyMethodDef methods[] = {
        {"__reduce__", primitive_reduce, METH_NOARGS, NULL},
        {NULL, NULL, 0, NULL},
    };
    static PyMemberDef members[] = {
        {"__name__", T_STRING, offsetof(struct primitive, name), READONLY, NULL},
        {"__qualname__", T_STRING, offsetof(struct primitive, name), READONLY, NULL},
        {"__doc__", T_STRING, offsetof(struct primitive, doc), READONLY, NULL},
        {NULL, 0, 0, 0, NULL},
    };
    static PyGetSetDef getters[] = {
        {"__module__", primitive_module, NULL, NULL, NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    PyType_Slot slots[] = {
        {Py_tp_dealloc, (void *)primitive_dealloc},
        {Py_tp_call, (void *)primitive_call},
        {Py_tp_repr, (void *)primitive_repr},
        {Py_tp_methods, methods},
        {Py_tp_members, members},
        {Py_tp_getset, getters},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "_rebeam.Primitive",
        .basicsize = sizeof(struct primitive),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    state->primitive_type = suspend_type_new(&spec);
    state->primitives = PyList_New(0);
    return state->primitive_type && state->primitives ? 0 : -1;
}
