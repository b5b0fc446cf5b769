#include "value/python/reduce.h"

#include "value/format.h"
#include "value/python/state.h"

#include <string.h>

enum { PROTOCOL = 5, REDUCED_MAX = 6 };

void value_reduced_free(struct value_reduced *self) {
    Py_CLEAR(self->parts);
    Py_CLEAR(self->module);
    Py_CLEAR(self->name);
}

static int refuse(struct value_state *self, PyObject *object, const char *why) {
    PyErr_Format(self->pickling_error, "%.200s of %R", why, (PyObject *)Py_TYPE(object));
    return -1;
}

/* ---- by name ----------------------------------------------------------------- */

/* Walks down from a module along "Outer.Inner". */
static PyObject *walk(PyObject *module, PyObject *name) {
    PyObject *at = Py_NewRef(module);
    PyObject *dot = PyUnicode_FromString(".");
    PyObject *names = dot ? PyUnicode_Split(name, dot, -1) : NULL;
    Py_XDECREF(dot);
    if (names == NULL)
        Py_CLEAR(at);
    for (Py_ssize_t i = 0; at != NULL && i < PyList_Size(names); i++) {
        PyObject *inner = PyObject_GetAttr(at, PyList_GetItem(names, i));
        Py_DECREF(at);
        at = inner;
    }
    Py_XDECREF(names);
    return at;
}

PyObject *value_global(PyObject *module, PyObject *name) {
    PyObject *loaded = PyImport_GetModule(module);
    if (loaded == NULL && !PyErr_Occurred())
        loaded = PyImport_Import(module);
    if (loaded == NULL)
        return NULL;
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, PyUnicode_GetLength(name), 1);
    PyObject *found = dot == -1 ? PyObject_GetAttr(loaded, name) : NULL;
    if (dot >= 0)
        found = walk(loaded, name);
    Py_DECREF(loaded);
    return found;
}

static PyObject *text_attribute(PyObject *object, const char *name) {
    PyObject *value = PyObject_GetAttrString(object, name);
    if (value != NULL && PyUnicode_CheckExact(value))
        return value;
    PyErr_Clear();
    Py_XDECREF(value);
    return NULL;
}

/* Its name must lead back to it. 0, or -1 with an exception; takes `name`, which may be NULL. */
static int by_name(struct value_state *self, PyObject *object, PyObject *name,
                   struct value_reduced *out) {
    PyObject *module = text_attribute(object, "__module__");
    if (name == NULL)
        name = text_attribute(object, "__qualname__");
    PyObject *found = module && name ? value_global(module, name) : NULL;
    if (found == object) {
        Py_DECREF(found);
        out->module = module;
        out->name = name;
        return 0;
    }
    PyErr_Clear();
    Py_XDECREF(found);
    Py_XDECREF(module);
    /* slow and thorough, or an exception that says what is wrong */
    PyObject *pair = NULL;
    if (value_state_reduce(self) == 0)
        pair = PyObject_CallFunctionObjArgs(self->find_global, object, name ? name : Py_None, NULL);
    Py_XDECREF(name);
    int ok = pair && PyArg_ParseTuple(pair, "UU", &out->module, &out->name);
    if (ok) {
        Py_INCREF(out->module);
        Py_INCREF(out->name);
    } else {
        out->module = out->name = NULL;
    }
    Py_XDECREF(pair);
    return ok ? 0 : -1;
}

/* ---- by its parts ---------------------------------------------------------------- */

/* The class of an exception may want other arguments than the exception has. */
static bool is_renamed_exception(PyObject *object, PyObject *callable) {
    PyObject *type = (PyObject *)Py_TYPE(object);
    if (!PyExceptionInstance_Check(object) || callable != type)
        return false;
    PyObject *init = PyObject_GetAttrString(type, "__init__");
    PyObject *reduce = PyObject_GetAttrString(type, "__reduce__");
    PyObject *reduce_ex = PyObject_GetAttrString(type, "__reduce_ex__");
    bool own = init && PYTHON_IS_FUNCTION(init);
    bool plain =
        reduce && reduce_ex && !PYTHON_IS_FUNCTION(reduce) && !PYTHON_IS_FUNCTION(reduce_ex);
    PyErr_Clear();
    Py_XDECREF(init);
    Py_XDECREF(reduce);
    Py_XDECREF(reduce_ex);
    return own && plain;
}

/* Callable and arguments, as new references. 0, or -1. */
static int take_maker(struct value_state *self, PyObject *object, PyObject *reduced,
                      PyObject *parts, unsigned *flags) {
    PyObject *callable = PyTuple_GetItem(reduced, 0), *arguments = PyTuple_GetItem(reduced, 1);
    if (!PyCallable_Check(callable))
        return refuse(self, object, "the first item that __reduce__ returned is not callable,");
    if (!PyTuple_Check(arguments))
        return refuse(self, object, "the second item that __reduce__ returned is no tuple,");
    PyObject *made = callable, *rest = NULL;
    if (callable == self->new_object && PyTuple_Size(arguments) > 0 &&
        PyType_Check(PyTuple_GetItem(arguments, 0))) {
        *flags |= VALUE_OBJECT_NEW;
        made = PyTuple_GetItem(arguments, 0);
        rest = PyTuple_GetSlice(arguments, 1, PyTuple_Size(arguments));
    } else if (is_renamed_exception(object, callable)) {
        if (value_state_reduce(self) < 0)
            return -1;
        made = self->make_exception;
        rest = PyTuple_Pack(2, callable, arguments);
    } else {
        rest = Py_NewRef(arguments);
    }
    bool taken = rest && PyList_Append(parts, made) == 0 && PyList_Append(parts, rest) == 0;
    Py_XDECREF(rest);
    return taken ? 0 : -1;
}

/* Keys and values by turns. */
static PyObject *flatten(PyObject *pairs) {
    PyObject *flat = PyList_New(0), *iterator = PyObject_GetIter(pairs), *pair;
    if (iterator == NULL)
        Py_CLEAR(flat);
    while (flat != NULL && (pair = PyIter_Next(iterator)) != NULL) {
        PyObject *key, *value;
        if (!PyTuple_Check(pair) || !PyArg_ParseTuple(pair, "OO", &key, &value) ||
            PyList_Append(flat, key) < 0 || PyList_Append(flat, value) < 0) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_TypeError, "the fifth item that __reduce__ returned gives "
                                                 "something else than pairs");
            Py_CLEAR(flat);
        }
        Py_DECREF(pair);
    }
    if (PyErr_Occurred())
        Py_CLEAR(flat);
    Py_XDECREF(iterator);
    return flat;
}

/* Appends what came as item `index` of `reduced`. 0, or -1. */
static int take_part(PyObject *reduced, Py_ssize_t index, unsigned flag, PyObject *parts,
                     unsigned *flags) {
    if (index >= PyTuple_Size(reduced) || Py_IsNone(PyTuple_GetItem(reduced, index)))
        return 0;
    PyObject *given = PyTuple_GetItem(reduced, index);
    PyObject *part = flag == VALUE_OBJECT_ITEMS   ? PySequence_List(given)
                     : flag == VALUE_OBJECT_PAIRS ? flatten(given)
                                                  : Py_NewRef(given);
    if (part == NULL)
        return -1;
    bool empty =
        (flag == VALUE_OBJECT_ITEMS || flag == VALUE_OBJECT_PAIRS) && PyList_Size(part) == 0;
    if (!empty)
        *flags |= flag;
    int result = empty ? 0 : PyList_Append(parts, part);
    Py_DECREF(part);
    return result;
}

static int by_parts(struct value_state *self, PyObject *object, PyObject *reduced,
                    struct value_reduced *out) {
    Py_ssize_t size = PyTuple_Check(reduced) ? PyTuple_Size(reduced) : 0;
    if (size < 2 || size > REDUCED_MAX)
        return refuse(self, object,
                      "__reduce__ must return a str or a tuple of 2 to 6 items, that");
    PyObject *parts = PyList_New(0);
    int result = parts ? take_maker(self, object, reduced, parts, &out->flags) : -1;
    if (result == 0)
        result = take_part(reduced, 3, VALUE_OBJECT_ITEMS, parts, &out->flags);
    if (result == 0)
        result = take_part(reduced, 4, VALUE_OBJECT_PAIRS, parts, &out->flags);
    if (result == 0)
        result = take_part(reduced, 2, VALUE_OBJECT_STATE, parts, &out->flags);
    if (result == 0 && (out->flags & VALUE_OBJECT_STATE))
        result = take_part(reduced, 5, VALUE_OBJECT_SETTER, parts, &out->flags);
    if (result == 0)
        out->parts = PyList_AsTuple(parts);
    Py_XDECREF(parts);
    return out->parts ? 0 : -1;
}

/* ---- an object --------------------------------------------------------------------- */

/* True for types that the runtime has a way of its own for: see rebeam._engine.reduce. */
static bool is_own(PyTypeObject *type) {
    PyObject *module = text_attribute((PyObject *)type, "__module__");
    const char *text = module ? PyUnicode_AsUTF8AndSize(module, NULL) : NULL;
    bool own =
        text != NULL && (strncmp(text, "polars.", 7) == 0 || strncmp(text, "pandas.", 7) == 0);
    PyErr_Clear();
    Py_XDECREF(module);
    return own;
}

static PyObject *reduced_of(struct value_state *self, PyObject *object) {
    if (is_own(Py_TYPE(object))) {
        if (value_state_reduce(self) < 0)
            return NULL;
        PyObject *reduced = PyObject_CallFunctionObjArgs(self->reduce_own, object, NULL);
        if (reduced == NULL || !Py_IsNone(reduced))
            return reduced;
        Py_DECREF(reduced);
    }
    PyObject *type = (PyObject *)Py_TYPE(object);
    PyObject *reducer = PyDict_GetItemWithError(self->dispatch_table, type);
    if (reducer != NULL)
        return PyObject_CallFunctionObjArgs(reducer, object, NULL);
    if (PyErr_Occurred())
        return NULL;
    return PyObject_CallMethod(object, "__reduce_ex__", "i", PROTOCOL);
}

static bool has_name(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    return type == &PyType_Type || type == python_extra.function_type ||
           PyType_IsSubtype(type, &PyType_Type);
}

int value_reduce(struct value_state *self, PyObject *object, struct value_reduced *out) {
    *out = (struct value_reduced){0};
    PyObject *single = object == (PyObject *)Py_TYPE(Py_None)             ? Py_None
                       : object == (PyObject *)Py_TYPE(Py_Ellipsis)       ? Py_Ellipsis
                       : object == (PyObject *)Py_TYPE(Py_NotImplemented) ? Py_NotImplemented
                                                                          : NULL;
    if (single != NULL) { /* its type has no name that leads to it */
        PyObject *arguments = PyTuple_Pack(1, single);
        out->parts = arguments ? PyTuple_Pack(2, &PyType_Type, arguments) : NULL;
        Py_XDECREF(arguments);
        return out->parts ? 0 : -1;
    }
    bool registered =
        has_name(object) && Py_TYPE(object) != &PyType_Type &&
        PyDict_GetItemWithError(self->dispatch_table, (PyObject *)Py_TYPE(object)) != NULL;
    if (has_name(object) && !registered)
        return by_name(self, object, NULL, out);
    PyObject *reduced = reduced_of(self, object);
    if (reduced == NULL)
        return -1;
    int result = PyUnicode_Check(reduced) ? by_name(self, object, Py_NewRef(reduced), out)
                                          : by_parts(self, object, reduced, out);
    Py_DECREF(reduced);
    return result;
}
