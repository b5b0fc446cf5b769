#include "suspend/runtime/place.h"

#include "suspend/private.h"
#include "suspend/runtime/await.h"
#include "suspend/runtime/bridge.h"
#include "suspend/runtime/call.h"
#include "suspend/runtime/mark.h"

#include <string.h>

/* call(f, /, *args, **kwargs) */
static PyObject *place_call(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames) {
    (void)self;
    return suspend_call(suspend_state_get(), args[0], args + 1, nargs - 1, kwnames);
}

/* bridge(awaitable): what is there already needs none. */
static PyObject *place_bridge(PyObject *self, PyObject *awaitable) {
    (void)self;
    if (suspend_await_is_ready(awaitable))
        return Py_NewRef(awaitable);
    return suspend_bridge_new(suspend_state_get(), Py_NewRef(awaitable));
}

/* result(x) */
static PyObject *place_result(PyObject *self, PyObject *value) {
    (void)self;
    return suspend_mark_resolve(suspend_state_get(), Py_NewRef(value));
}

/* mark() */
static PyObject *place_mark(PyObject *self, PyObject *unused) {
    (void)self;
    (void)unused;
    return suspend_mark_new(suspend_state_get(), PyErr_GetHandledException());
}

/* ---- calls with * and ** ----------------------------------------------
 *
 * CPython names the callee when it refuses what is spread. So there has to be a
 * callee of that name: an object that passes the call on.
 */
struct spread {
    PyObject_HEAD PyObject *callable;
};

static int spread_clear(PyObject *self) {
    Py_CLEAR(((struct spread *)self)->callable);
    return 0;
}

static int spread_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((struct spread *)self)->callable);
    return 0;
}

static void spread_dealloc(PyObject *self) {
    suspend_type_free(self, spread_clear);
}

/* spread(f) */
static PyObject *place_spread(PyObject *self, PyObject *callable) {
    (void)self;
    struct spread *made = PyObject_GC_New(struct spread, suspend_state_get()->spread_type);
    if (made == NULL)
        return NULL;
    made->callable = Py_NewRef(callable);
    PyObject_GC_Track(made);
    return (PyObject *)made;
}

static PyObject *spread_call(PyObject *self, PyObject *args, PyObject *kwargs) {
    return suspend_call_object(suspend_state_get(), ((struct spread *)self)->callable, args,
                               kwargs);
}

static PyObject *spread_getattr(PyObject *self, PyObject *name) {
    return PyObject_GetAttr(((struct spread *)self)->callable, name);
}

static PyObject *spread_str(PyObject *self) {
    return PyObject_Str(((struct spread *)self)->callable);
}

static int spread_init(struct suspend_state *state) {
    PyType_Slot slots[] = {
        {Py_tp_clear, (void *)spread_clear},
        {Py_tp_traverse, (void *)spread_traverse},
        {Py_tp_dealloc, (void *)spread_dealloc},
        {Py_tp_call, (void *)spread_call},
        {Py_tp_getattro, (void *)spread_getattr},
        {Py_tp_str, (void *)spread_str},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "_rebeam.Spread",
        .basicsize = sizeof(struct spread),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    state->spread_type = suspend_type_new(&spec);
    return state->spread_type ? 0 : -1;
}

/* ---- set-up -----------------------------------------------------------*/

static int add_places(struct suspend_state *state) {
    static PyMethodDef call = {"call", (PyCFunction)(void (*)(void))place_call,
                               METH_FASTCALL | METH_KEYWORDS, NULL};
    static PyMethodDef spread = {"spread", place_spread, METH_O, NULL};
    static PyMethodDef bridge = {"bridge", place_bridge, METH_O, NULL};
    static PyMethodDef result = {"result", place_result, METH_O, NULL};
    static PyMethodDef mark = {"mark", place_mark, METH_NOARGS, NULL};
    state->places[SUSPEND_PLACE_call] = PyCFunction_NewEx(&call, NULL, NULL);
    state->places[SUSPEND_PLACE_spread] = PyCFunction_NewEx(&spread, NULL, NULL);
    state->places[SUSPEND_PLACE_bridge] = PyCFunction_NewEx(&bridge, NULL, NULL);
    state->places[SUSPEND_PLACE_result] = PyCFunction_NewEx(&result, NULL, NULL);
    state->places[SUSPEND_PLACE_mark] = PyCFunction_NewEx(&mark, NULL, NULL);
    state->places[SUSPEND_PLACE_stop] = Py_NewRef(PyExc_StopIteration);
    for (int i = 0; i < SUSPEND_PLACE_COUNT; i++)
        if (state->places[i] == NULL)
            return -1;
    return 0;
}

static int add_markers(struct suspend_state *state) {
#define PLACE(name) SUSPEND_MARKER #name,
    static const char *const texts[SUSPEND_PLACE_COUNT] = {SUSPEND_PLACES(PLACE)};
#undef PLACE
    const Py_ssize_t head = sizeof SUSPEND_MARKER - 1;
    for (int i = 0; i < SUSPEND_PLACE_COUNT; i++) {
        Py_ssize_t size = head + (Py_ssize_t)strlen(texts[i] + head);
        state->markers[i] = PyUnicode_FromStringAndSize(texts[i], size);
        if (state->markers[i] == NULL)
            return -1;
    }
    return 0;
}

int suspend_place_init(struct suspend_state *state) {
    return add_places(state) < 0 || add_markers(state) < 0 ? -1 : spread_init(state);
}
