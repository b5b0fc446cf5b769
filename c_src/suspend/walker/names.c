/* suspend_names: which names may stand for a function that suspends.
 *
 * A fixpoint over the summaries of all modules that suspend_scan made. It goes by
 * bare names, so it is deliberately too wide: a name too many costs a call a
 * little time, a name too few makes a wait hold a thread.
 */
#include "suspend/walker/names.h"

#include "suspend/private.h"

struct fixpoint {
    PyObject *names; /* set of str */
    bool unknown;    /* calls of variables may suspend too */
    bool changed;
};

static int add_name(struct fixpoint *self, PyObject *name) {
    int known = PySet_Contains(self->names, name);
    if (known != 0)
        return known < 0 ? -1 : 0;
    self->changed = true;
    return PySet_Add(self->names, name);
}

/* 1 if one of `names`, a list, is in the set. */
static int meets(const struct fixpoint *self, PyObject *names) {
    int found = 0;
    for (Py_ssize_t i = 0; found == 0 && i < PyList_Size(names); i++)
        found = PySet_Contains(self->names, PyList_GetItem(names, i));
    return found;
}

static int take_function(struct fixpoint *self, PyObject *record) {
    PyObject *name, *unknown, *callees;
    if (!PyArg_ParseTuple(record, "OOO!", &name, &unknown, &PyList_Type, &callees))
        return -1;
    int suspends = self->unknown && unknown == Py_True ? 1 : meets(self, callees);
    if (suspends <= 0 || name == Py_None)
        return suspends < 0 ? -1 : 0;
    bool lambda = PyUnicode_GetLength(name) == 0;
    if (lambda || PyUnicode_CompareWithASCIIString(name, "__call__") == 0) {
        self->changed |= !self->unknown; /* always called through some variable */
        self->unknown = true;
    }
    return lambda ? 0 : add_name(self, name);
}

static int take_alias(struct fixpoint *self, PyObject *record) {
    PyObject *name, *source;
    if (!PyArg_ParseTuple(record, "OO", &name, &source))
        return -1;
    int suspends =
        PyUnicode_GetLength(source) == 0 ? self->unknown : PySet_Contains(self->names, source);
    return suspends <= 0 ? suspends : add_name(self, name);
}

static int take_escapes(struct fixpoint *self, PyObject *escapes) {
    if (self->unknown)
        return 0;
    int found = meets(self, escapes);
    self->unknown = found > 0;
    self->changed |= self->unknown;
    return found < 0 ? -1 : 0;
}

static int take_records(struct fixpoint *self, PyObject *records,
                        int (*take)(struct fixpoint *, PyObject *)) {
    for (Py_ssize_t i = 0; i < PyList_Size(records); i++)
        if (take(self, PyList_GetItem(records, i)) < 0)
            return -1;
    return 0;
}

static int take_summary(struct fixpoint *self, PyObject *summary) {
    PyObject *functions, *aliases, *escapes, *imports;
    if (!PyArg_ParseTuple(summary, "O!O!O!O", &PyList_Type, &functions, &PyList_Type, &aliases,
                          &PyList_Type, &escapes, &imports))
        return -1;
    if (take_records(self, functions, take_function) < 0 ||
        take_records(self, aliases, take_alias) < 0)
        return -1;
    return take_escapes(self, escapes);
}

/* The primitives, which every suspension comes from, and the functions that they replace. */
static int add_seeds(struct fixpoint *self) {
    PyObject *names = suspend_state_get()->primitives;
    for (Py_ssize_t i = 0; i < PyList_Size(names); i++)
        if (PySet_Add(self->names, PyList_GetItem(names, i)) < 0)
            return -1;
    return 0;
}

PyObject *suspend_names(PyObject *module, PyObject *summaries) {
    (void)module;
    PyObject *result = NULL;
    PyObject *frozen = NULL;
    PyObject *all = PySequence_List(summaries);
    struct fixpoint self = {.names = PySet_New(NULL), .changed = true};
    if (all == NULL || self.names == NULL || add_seeds(&self) < 0)
        goto done;
    while (self.changed) {
        self.changed = false;
        if (take_records(&self, all, take_summary) < 0)
            goto done;
    }
    frozen = PyFrozenSet_New(self.names);
    if (frozen != NULL)
        result = PyTuple_Pack(2, frozen, self.unknown ? Py_True : Py_False);
done:
    Py_XDECREF(frozen);
    Py_XDECREF(self.names);
    Py_XDECREF(all);
    return result;
}
