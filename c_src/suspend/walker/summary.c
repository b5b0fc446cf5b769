#include "suspend/walker/summary.h"

int suspend_summary_open(struct suspend_summary *self) {
    *self = (struct suspend_summary){
        .functions = PyList_New(0),
        .aliases = PyList_New(0),
        .imports = PyList_New(0),
        .escapes = PySet_New(NULL),
    };
    return self->functions && self->aliases && self->imports && self->escapes ? 0 : -1;
}

void suspend_summary_close(struct suspend_summary *self) {
    Py_XDECREF(self->functions);
    Py_XDECREF(self->aliases);
    Py_XDECREF(self->imports);
    Py_XDECREF(self->escapes);
}

/* Appends `item`, which it takes; NULL makes it fail. */
static int append(PyObject *list, PyObject *item) {
    int status = item ? PyList_Append(list, item) : -1;
    Py_XDECREF(item);
    return status;
}

int suspend_summary_function(struct suspend_summary *self, PyObject *name, bool unknown,
                             PyObject *callees) {
    return append(self->functions,
                  Py_BuildValue("(OOO)", name, unknown ? Py_True : Py_False, callees));
}

int suspend_summary_function_again(struct suspend_summary *self, PyObject *name) {
    PyObject *record = PyList_GetItem(self->functions, PyList_Size(self->functions) - 1);
    return append(self->functions, Py_BuildValue("(OOO)", name, PyTuple_GetItem(record, 1),
                                                 PyTuple_GetItem(record, 2)));
}

int suspend_summary_alias(struct suspend_summary *self, PyObject *name, PyObject *source) {
    return append(self->aliases,
                  source ? Py_BuildValue("(OO)", name, source) : Py_BuildValue("(Os)", name, ""));
}

int suspend_summary_escape(struct suspend_summary *self, PyObject *name) {
    return PySet_Add(self->escapes, name);
}

int suspend_summary_import(struct suspend_summary *self, PyObject *module, PyObject *level,
                           PyObject *names) {
    return append(self->imports, module == Py_None ? Py_BuildValue("(sOO)", "", level, names)
                                                   : Py_BuildValue("(OOO)", module, level, names));
}

PyObject *suspend_summary_tuple(const struct suspend_summary *self) {
    PyObject *escapes = PySequence_List(self->escapes);
    PyObject *tuple =
        escapes ? PyTuple_Pack(4, self->functions, self->aliases, escapes, self->imports) : NULL;
    Py_XDECREF(escapes);
    return tuple;
}
