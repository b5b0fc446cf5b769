#include "counter/object.h"

#include "counter/cell.h"

#include <stdbool.h>

struct counter {
    PyObject ob_base;
    struct cell *cell; /* NULL until it is first needed; there for as long as the OS process */
};

/* Its class knows by its name: `_index()`, which may ask the runtime and wait. */
static struct cell *find(PyObject *self) {
    PyObject *index = PyObject_CallMethod(self, "_index", NULL);
    if (index == NULL)
        return NULL;
    unsigned long long number = PyLong_AsUnsignedLongLong(index);
    Py_DECREF(index);
    if (PyErr_Occurred() != NULL)
        return NULL;
    struct cell *cell = cell_at(number);
    if (cell == NULL)
        PyErr_SetString(PyExc_ValueError, "there is no such cell");
    ((struct counter *)self)->cell = cell;
    return cell;
}

/* NULL with an exception. */
static struct cell *cell_of(PyObject *self) {
    struct cell *cell = ((struct counter *)self)->cell;
    return cell != NULL ? cell : find(self);
}

static PyObject *make(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    (void)args, (void)kwargs;
    return PyType_GenericAlloc(type, 0);
}

/* The one argument, which may be named; `given` stays NULL without it. */
static bool parse(const char *method, const char *name, PyObject *const *args, Py_ssize_t nargs,
                  PyObject *kwnames, PyObject **given) {
    Py_ssize_t named = kwnames == NULL ? 0 : PyTuple_Size(kwnames);
    *given = nargs + named == 1 ? args[0] : NULL;
    if (nargs + named > 1)
        PyErr_Format(PyExc_TypeError, "%s() takes at most 1 argument (%zd given)", method,
                     nargs + named);
    else if (named == 1 && PyUnicode_CompareWithASCIIString(PyTuple_GetItem(kwnames, 0), name) != 0)
        PyErr_Format(PyExc_TypeError, "%s() takes no keyword but '%s'", method, name);
    else
        return true;
    return false;
}

static bool missing(const char *method, PyObject *given) {
    if (given == NULL)
        PyErr_Format(PyExc_TypeError, "%s() missing its argument 'value'", method);
    return given == NULL;
}

/* ---- whole numbers ---------------------------------------------------------------- */

static bool whole(PyObject *given, long long *number) {
    int overflow = 0;
    *number = 1;
    if (given == NULL)
        return true;
    if (!PyLong_Check(given)) {
        PyErr_Format(PyExc_TypeError, "a counter counts in whole numbers, not %R", given);
        return false;
    }
    *number = PyLong_AsLongLongAndOverflow(given, &overflow);
    if (overflow != 0)
        PyErr_SetString(PyExc_OverflowError, "a counter's numbers have 64 bits");
    return overflow == 0;
}

static PyObject *counter_add(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames) {
    struct cell *cell = cell_of(self);
    PyObject *given;
    long long number;
    if (cell == NULL || !parse("add", "n", args, nargs, kwnames, &given) || !whole(given, &number))
        return NULL;
    return PyLong_FromLongLong(cell_add(cell, number));
}

static PyObject *counter_sub(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames) {
    struct cell *cell = cell_of(self);
    PyObject *given;
    long long number;
    if (cell == NULL || !parse("sub", "n", args, nargs, kwnames, &given) || !whole(given, &number))
        return NULL;
    int64_t negated = (int64_t)(0 - (uint64_t)number);
    return PyLong_FromLongLong(cell_add(cell, negated));
}

static PyObject *counter_get(PyObject *self, PyObject *unused) {
    (void)unused;
    struct cell *cell = cell_of(self);
    return cell == NULL ? NULL : PyLong_FromLongLong(cell_get(cell));
}

static PyObject *counter_set(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                             PyObject *kwnames) {
    struct cell *cell = cell_of(self);
    PyObject *given;
    long long number;
    if (cell == NULL || !parse("set", "value", args, nargs, kwnames, &given) ||
        missing("set", given) || !whole(given, &number))
        return NULL;
    cell_exchange(cell, number);
    return Py_NewRef(Py_None);
}

static PyObject *counter_reset(PyObject *self, PyObject *unused) {
    (void)unused;
    struct cell *cell = cell_of(self);
    return cell == NULL ? NULL : PyLong_FromLongLong(cell_exchange(cell, 0));
}

/* ---- doubles ----------------------------------------------------------------------- */

static bool real(PyObject *given, double *number) {
    *number = given == NULL ? 1 : PyFloat_AsDouble(given);
    return *number != -1 || PyErr_Occurred() == NULL;
}

static PyObject *gauge_add(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                           PyObject *kwnames) {
    struct cell *cell = cell_of(self);
    PyObject *given;
    double number;
    if (cell == NULL || !parse("add", "n", args, nargs, kwnames, &given) || !real(given, &number))
        return NULL;
    return PyFloat_FromDouble(cell_add_real(cell, number));
}

static PyObject *gauge_sub(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                           PyObject *kwnames) {
    struct cell *cell = cell_of(self);
    PyObject *given;
    double number;
    if (cell == NULL || !parse("sub", "n", args, nargs, kwnames, &given) || !real(given, &number))
        return NULL;
    return PyFloat_FromDouble(cell_add_real(cell, -number));
}

static PyObject *gauge_get(PyObject *self, PyObject *unused) {
    (void)unused;
    struct cell *cell = cell_of(self);
    return cell == NULL ? NULL : PyFloat_FromDouble(cell_get_real(cell));
}

static PyObject *gauge_set(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                           PyObject *kwnames) {
    struct cell *cell = cell_of(self);
    PyObject *given;
    double number;
    if (cell == NULL || !parse("set", "value", args, nargs, kwnames, &given) ||
        missing("set", given) || !real(given, &number))
        return NULL;
    cell_exchange_real(cell, number);
    return Py_NewRef(Py_None);
}

static PyObject *gauge_reset(PyObject *self, PyObject *unused) {
    (void)unused;
    struct cell *cell = cell_of(self);
    return cell == NULL ? NULL : PyFloat_FromDouble(cell_exchange_real(cell, 0));
}

/* ---- flags -------------------------------------------------------------------------- */

static PyObject *flag_set(PyObject *self, PyObject *unused) {
    (void)unused;
    struct cell *cell = cell_of(self);
    return cell == NULL ? NULL : PyBool_FromLong(cell_exchange(cell, 1) == 0);
}

static PyObject *flag_clear(PyObject *self, PyObject *unused) {
    (void)unused;
    struct cell *cell = cell_of(self);
    return cell == NULL ? NULL : PyBool_FromLong(cell_exchange(cell, 0) != 0);
}

static int flag_is_set(PyObject *self) {
    struct cell *cell = cell_of(self);
    return cell == NULL ? -1 : cell_get(cell) != 0;
}

static PyObject *flag_get(PyObject *self, PyObject *unused) {
    (void)unused;
    int set = flag_is_set(self);
    return set < 0 ? NULL : PyBool_FromLong(set);
}

/* ---- the types ------------------------------------------------------------------------ */

#define WITH_ARGUMENT METH_FASTCALL | METH_KEYWORDS
#define ARGUMENT(function) (PyCFunction)(void (*)(void)) function

static PyMethodDef counter_methods[] = {
    {"add", ARGUMENT(counter_add), WITH_ARGUMENT,
     "add(n=1)\n--\n\nAdds a whole number, which may be negative; returns the sum."},
    {"sub", ARGUMENT(counter_sub), WITH_ARGUMENT,
     "sub(n=1)\n--\n\nTakes a whole number away; returns what is left."},
    {"get", counter_get, METH_NOARGS, "get()\n--\n\nWhat it is now."},
    {"set", ARGUMENT(counter_set), WITH_ARGUMENT, "set(value)\n--\n\nFrom now on it is that."},
    {"reset", counter_reset, METH_NOARGS, "reset()\n--\n\nSets it to 0; returns what it was."},
    {0},
};

static PyMethodDef gauge_methods[] = {
    {"add", ARGUMENT(gauge_add), WITH_ARGUMENT, "add(n=1)\n--\n\nAdds a number; returns the sum."},
    {"sub", ARGUMENT(gauge_sub), WITH_ARGUMENT,
     "sub(n=1)\n--\n\nTakes a number away; returns what is left."},
    {"get", gauge_get, METH_NOARGS, "get()\n--\n\nWhat it is now."},
    {"set", ARGUMENT(gauge_set), WITH_ARGUMENT, "set(value)\n--\n\nFrom now on it is that."},
    {"reset", gauge_reset, METH_NOARGS, "reset()\n--\n\nSets it to 0; returns what it was."},
    {0},
};

static PyMethodDef flag_methods[] = {
    {"set", flag_set, METH_NOARGS,
     "set()\n--\n\nSets it. True for the one of all callers who did; False if it was set."},
    {"clear", flag_clear, METH_NOARGS, "clear()\n--\n\nClears it. False if it was not set."},
    {"get", flag_get, METH_NOARGS, "get()\n--\n\nWhether it is set."},
    {0},
};

static PyType_Slot counter_slots[] = {{Py_tp_new, make}, {Py_tp_methods, counter_methods}, {0}};
static PyType_Slot gauge_slots[] = {{Py_tp_new, make}, {Py_tp_methods, gauge_methods}, {0}};
static PyType_Slot flag_slots[] = {
    {Py_tp_new, make}, {Py_tp_methods, flag_methods}, {Py_nb_bool, flag_is_set}, {0}};

static int add(PyObject *module, const char *name, PyType_Slot *slots) {
    PyType_Spec spec = {.name = name,
                        .basicsize = sizeof(struct counter),
                        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                        .slots = slots};
    PyObject *type = PyType_FromSpec(&spec);
    int failed = type == NULL ? -1 : PyModule_AddObjectRef(module, name + sizeof "rebeam", type);
    Py_XDECREF(type);
    return failed;
}

int counter_init(PyObject *module) {
    return add(module, "rebeam._Counter", counter_slots) < 0 ||
                   add(module, "rebeam._Gauge", gauge_slots) < 0 ||
                   add(module, "rebeam._Flag", flag_slots) < 0
               ? -1
               : 0;
}
