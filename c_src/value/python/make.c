#include "value/python/make.h"

#include "value/format.h"
#include "value/python/explain.h"

#include <stdlib.h>

enum { FEW = 8 };

PyObject *value_make(PyObject *callable, PyObject *arguments, unsigned flags) {
    if (!PyTuple_Check(arguments))
        return value_malformed();
    if (!(flags & VALUE_OBJECT_NEW))
        return PyObject_CallObject(callable, arguments);
    if (!PyType_Check(callable)) {
        PyErr_Format(PyExc_TypeError, "%R is no class any more", callable);
        return NULL;
    }
    PyObject *few[FEW] = {callable}, **all = few;
    size_t count = 1 + (size_t)PyTuple_Size(arguments);
    PyObject *maker = PyObject_GetAttrString(callable, "__new__");
    if (maker == NULL)
        return NULL;
    if (count > FEW && (all = malloc(count * sizeof *all)) == NULL) {
        Py_DECREF(maker);
        return PyErr_NoMemory();
    }
    all[0] = callable;
    for (size_t i = 1; i < count; i++)
        all[i] = PyTuple_GetItem(arguments, (Py_ssize_t)i - 1);
    PyObject *object = python_extra.vectorcall(maker, all, count, NULL);
    Py_DECREF(maker);
    if (all != few)
        free(all);
    return object;
}

static int append_items(PyObject *object, PyObject *items) {
    PyObject *done = NULL;
    if (PyList_CheckExact(object))
        return PyList_SetSlice(object, PyList_Size(object), PyList_Size(object), items);
    PyObject *extend = PyObject_GetAttrString(object, "extend");
    if (extend != NULL) {
        done = PyObject_CallFunctionObjArgs(extend, items, NULL);
        Py_DECREF(extend);
        Py_XDECREF(done);
        return done ? 0 : -1;
    }
    PyErr_Clear();
    for (Py_ssize_t i = 0; i < PyList_Size(items); i++) {
        done = PyObject_CallMethod(object, "append", "(O)", PyList_GetItem(items, i));
        if (done == NULL)
            return -1;
        Py_DECREF(done);
    }
    return 0;
}

static int set_pairs(PyObject *object, PyObject *flat) {
    if (PyList_Size(flat) % 2 != 0) {
        value_malformed();
        return -1;
    }
    for (Py_ssize_t i = 0; i + 1 < PyList_Size(flat); i += 2)
        if (PyObject_SetItem(object, PyList_GetItem(flat, i), PyList_GetItem(flat, i + 1)) < 0)
            return -1;
    return 0;
}

/* Names of attributes are interned, as those in the code are. */
static int update_attributes(PyObject *object, PyObject *state) {
    PyObject *key, *value;
    Py_ssize_t position = 0;
    PyObject *attributes = PyObject_GetAttrString(object, "__dict__");
    int result = attributes ? 0 : -1;
    while (result == 0 && PyDict_Next(state, &position, &key, &value)) {
        Py_INCREF(key);
        if (PyUnicode_CheckExact(key))
            PyUnicode_InternInPlace(&key);
        result = PyObject_SetItem(attributes, key, value);
        Py_DECREF(key);
    }
    Py_XDECREF(attributes);
    return result;
}

static int set_slots(PyObject *object, PyObject *slots) {
    PyObject *key, *value;
    Py_ssize_t position = 0;
    while (PyDict_Next(slots, &position, &key, &value))
        if (PyObject_SetAttr(object, key, value) < 0)
            return -1;
    return 0;
}

/* To look for one that is not there takes longer than all the rest. */
static bool may_set_state(struct value_maker *self, PyObject *object) {
    PyObject *type = (PyObject *)Py_TYPE(object);
    if (self->type != type) {
        Py_XDECREF(self->type);
        self->type = Py_NewRef(type);
        self->setstate = PyObject_HasAttrString(type, "__setstate__") ||
                         PyObject_HasAttrString(type, "__getattr__") || PyType_Check(object);
    }
    return self->setstate;
}

static int set_state(struct value_maker *self, PyObject *object, PyObject *state) {
    bool may = may_set_state(self, object);
    PyObject *setter = may ? PyObject_GetAttrString(object, "__setstate__") : NULL;
    if (setter != NULL) {
        PyObject *done = PyObject_CallFunctionObjArgs(setter, state, NULL);
        Py_DECREF(setter);
        Py_XDECREF(done);
        return done ? 0 : -1;
    }
    if (may && !PyErr_ExceptionMatches(PyExc_AttributeError))
        return -1;
    PyErr_Clear();
    PyObject *attributes = state, *slots = Py_None;
    if (PyTuple_CheckExact(state) && PyTuple_Size(state) == 2) {
        attributes = PyTuple_GetItem(state, 0);
        slots = PyTuple_GetItem(state, 1);
    }
    if ((!Py_IsNone(attributes) && !PyDict_Check(attributes)) ||
        (!Py_IsNone(slots) && !PyDict_Check(slots))) {
        PyErr_SetString(PyExc_TypeError, "its state is no dict, and it has no __setstate__");
        return -1;
    }
    if (!Py_IsNone(attributes) && PyDict_Size(attributes) > 0 &&
        update_attributes(object, attributes) < 0)
        return -1;
    return Py_IsNone(slots) ? 0 : set_slots(object, slots);
}

int value_make_part(struct value_maker *self, PyObject *object, unsigned flag, PyObject *part) {
    if (flag == VALUE_OBJECT_STATE)
        return set_state(self, object, part);
    if (!PyList_CheckExact(part)) {
        value_malformed();
        return -1;
    }
    return flag == VALUE_OBJECT_ITEMS ? append_items(object, part) : set_pairs(object, part);
}

int value_make_state(PyObject *object, PyObject *state, PyObject *setter) {
    PyObject *done = PyObject_CallFunctionObjArgs(setter, object, state, NULL);
    Py_XDECREF(done);
    return done ? 0 : -1;
}
