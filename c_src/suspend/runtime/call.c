/* The calls in a twin: what stands for f(x), and what its result passes through. */
#include "suspend/private.h"

#include <stdlib.h>
#include <string.h>

/* ---- which way a call goes --------------------------------------------*/

enum { SMALL = 8 };

/* NULL without an exception for a refusal of the arguments: then the plain call is to
 * tell, under the function's own name. */
static PyObject *unless_refused(PyObject *started) {
    if (started == NULL && PyErr_ExceptionMatches(PyExc_TypeError))
        PyErr_Clear();
    return started;
}

static const struct suspend_twin *find_twin(const struct suspend_state *state, PyObject *function) {
    return PYTHON_IS_FUNCTION(function) ? suspend_twin_get(state, function) : NULL;
}

PyObject *suspend_call_bound(const struct suspend_state *state, PyObject *function, PyObject *self,
                             PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    PyObject *small[SMALL];
    PyObject **bound = small;
    size_t count = (size_t)(nargs + (kwnames ? PyTuple_Size(kwnames) : 0));
    const struct suspend_twin *twin = find_twin(state, function);
    if (twin == NULL)
        return NULL;
    if (count + 1 > SMALL && (bound = malloc((count + 1) * sizeof *bound)) == NULL)
        return PyErr_NoMemory();
    bound[0] = self;
    if (count > 0)
        memcpy(bound + 1, args, count * sizeof *bound);
    PyObject *started = suspend_twin_call(state, twin, function, bound, nargs + 1, kwnames);
    if (bound != small)
        free(bound);
    return unless_refused(started);
}

/* NULL without an exception if `callable` has no twin, or refuses the arguments. */
static PyObject *call_twin(const struct suspend_state *state, PyObject *callable,
                           PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    if (PYTHON_IS_METHOD(callable))
        return suspend_call_bound(state, python_extra.method_function(callable),
                                  python_extra.method_self(callable), args, nargs, kwnames);
    const struct suspend_twin *twin = find_twin(state, callable);
    if (twin == NULL)
        return NULL;
    return unless_refused(suspend_twin_call(state, twin, callable, args, nargs, kwnames));
}

PyObject *suspend_call(const struct suspend_state *state, PyObject *callable, PyObject *const *args,
                       Py_ssize_t nargs, PyObject *kwnames) {
    typedef PyObject *(*way)(const struct suspend_state *, PyObject *, PyObject *const *,
                             Py_ssize_t, PyObject *);
    static const way ways[] = {call_twin, suspend_primitive_begin, suspend_object_call};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        PyObject *started = ways[i](state, callable, args, nargs, kwnames);
        if (started != NULL || PyErr_Occurred())
            return started;
    }
    PyObject *value = python_extra.vectorcall(callable, args, (size_t)nargs, kwnames);
    return value ? suspension_ready(value) : NULL;
}

/* ---- the same with a tuple and a dict ----------------------------------*/

/* One array of the positional and then the named values, all borrowed. */
static PyObject **flatten(PyObject *args, PyObject *kwargs, PyObject *kwnames) {
    Py_ssize_t nargs = PyTuple_Size(args);
    Py_ssize_t nkwargs = kwnames ? PyTuple_Size(kwnames) : 0;
    PyObject **flat = malloc((size_t)(nargs + nkwargs + 1) * sizeof *flat);
    if (flat == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < nargs; i++)
        flat[i] = PyTuple_GetItem(args, i);
    for (Py_ssize_t i = 0; i < nkwargs; i++)
        flat[nargs + i] = PyDict_GetItemWithError(kwargs, PyTuple_GetItem(kwnames, i));
    return flat;
}

/* The keys as a tuple, or NULL; without an exception if one of them is no str. */
static PyObject *tuple_of_names(PyObject *kwargs) {
    PyObject *keys = PyDict_Keys(kwargs);
    PyObject *tuple = keys ? PyList_AsTuple(keys) : NULL;
    for (Py_ssize_t i = 0; tuple != NULL && i < PyTuple_Size(tuple); i++)
        if (!PyUnicode_Check(PyTuple_GetItem(tuple, i)))
            Py_CLEAR(tuple);
    Py_XDECREF(keys);
    return tuple;
}

/* For CPython to say what is wrong with the names. */
static PyObject *call_plainly(PyObject *callable, PyObject *args, PyObject *kwargs) {
    PyObject *value = PyErr_Occurred() ? NULL : PyObject_Call(callable, args, kwargs);
    return value ? suspension_ready(value) : NULL;
}

PyObject *suspend_call_object(const struct suspend_state *state, PyObject *callable, PyObject *args,
                              PyObject *kwargs) {
    PyObject *started = NULL;
    PyObject *kwnames = NULL;
    if (kwargs != NULL && PyDict_Size(kwargs) > 0 && (kwnames = tuple_of_names(kwargs)) == NULL)
        return call_plainly(callable, args, kwargs);
    PyObject **flat = flatten(args, kwargs, kwnames);
    if (flat != NULL)
        started = suspend_call(state, callable, flat, PyTuple_Size(args), kwnames);
    free(flat);
    Py_XDECREF(kwnames);
    return started;
}

/* ---- the functions that stand in a twin's constants --------------------*/

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

int suspend_call_init(struct suspend_state *state) {
    return add_places(state) < 0 || add_markers(state) < 0 ? -1 : spread_init(state);
}
