#include "actor/handler.h"

#include "actor/state.h"
#include "suspend/runtime/step.h"

#include <string.h>

enum { ARGUMENTS_MAX = 6 };

PyObject *handler_find(PyObject *instance, PyObject *attribute) {
    PyObject *entry = PyObject_GetAttr((PyObject *)Py_TYPE(instance), attribute);
    if (entry == Py_None) {
        Py_DECREF(entry);
        return NULL;
    }
    return entry;
}

PyObject *handler_find_subject(PyObject *instance, PyObject *subject) {
    struct actor_state *state = interpreter_get()->actor;
    PyObject *table = handler_find(instance, state->name_receive);
    if (table == NULL)
        return NULL;
    PyObject *entry = PyDict_GetItemWithError(table, subject); /* borrowed */
    Py_XINCREF(entry);
    Py_DECREF(table);
    if (entry != NULL || PyErr_Occurred())
        return entry;
    return handler_find(instance, state->name_other);
}

static const char *entry_codes(PyObject *entry, Py_ssize_t *count) {
    return PyUnicode_AsUTF8AndSize(PyTuple_GetItem(entry, 1), count);
}

int handler_wants(PyObject *entry, char code) {
    Py_ssize_t count;
    const char *codes = entry_codes(entry, &count);
    return codes != NULL && memchr(codes, code, (size_t)count) != NULL;
}

static PyObject *argument(const struct handler_arguments *arguments, char code) {
    PyObject *value = NULL;
    switch (code) {
    case 's':
        value = arguments->self;
        break;
    case 'm':
        value = arguments->message;
        break;
    case 'o':
        value = arguments->source;
        break;
    case 'u':
        value = arguments->subject;
        break;
    case 't':
        value = arguments->status;
        break;
    case 'r':
        value = arguments->reason;
        break;
    }
    return value != NULL ? value : Py_None;
}

enum suspend_outcome handler_start(PyObject *entry, const struct handler_arguments *arguments,
                                   PyObject **run, PyObject **out) {
    PyObject *values[ARGUMENTS_MAX];
    Py_ssize_t count;
    *run = *out = NULL;
    const char *codes = entry_codes(entry, &count);
    if (codes == NULL)
        return SUSPEND_RAISED;
    for (Py_ssize_t i = 0; i < count && i < ARGUMENTS_MAX; i++)
        values[i] = argument(arguments, codes[i]);
    /* All go by keyword: the method's own order and any leading `self` do not matter. */
    return suspend_start(PyTuple_GetItem(entry, 0), values, 0, PyTuple_GetItem(entry, 2), run, out);
}
