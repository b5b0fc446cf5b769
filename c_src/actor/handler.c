#include "actor/handler.h"

#include "actor/state.h"
#include "base/interpreter.h"
#include "base/type_version.h"

#include <string.h>

/* self, the bound method, and the five arguments. */
enum { ARGUMENTS_MAX = 7 };

/* The fields of a Handler (python/rebeam/_handlers.py). */
enum { NAME, FUNCTION, CALL, LETTERS, POSITIONAL, NAMES };

/* ---- the table ------------------------------------------------------------------ */

/* Borrowed, or NULL with an exception. `taking`: a message is to be handled, so that what a class
 * that was loaded again wants done with the instance is done now. */
static PyObject *table_get(struct handler_table *table, PyObject *instance, bool taking) {
    unsigned version = type_version(Py_TYPE(instance));
    bool is_first = table->handlers == NULL;
    if (version != 0 && version == table->version && (!taking || version == table->settled))
        return table->handlers;
    PyObject *make = actor_late(LATE_HANDLERS);
    PyObject *type = (PyObject *)Py_TYPE(instance);
    PyObject *given = taking ? instance : NULL; /* the last argument */
    PyObject *made = make ? PyObject_CallFunctionObjArgs(make, type, given, NULL) : NULL;
    if (made == NULL)
        return NULL;
    handler_table_drop(table);
    table->handlers = made;
    table->version = version; /* as it was before: should it have changed since, it is made again */
    table->settled = taking || is_first ? version : 0;
    return made;
}

void handler_table_drop(struct handler_table *table) {
    table->version = 0;
    Py_CLEAR(table->handlers);
}

/* ---- one handler ------------------------------------------------------------------ */

static PyObject *field(const struct handler *self, Py_ssize_t index) {
    return PyTuple_GetItem(self->entry, index);
}

void handler_drop(struct handler *self) {
    Py_CLEAR(self->entry);
    Py_CLEAR(self->bound);
}

/* Has the instance something of that name itself? */
static bool has_own(const struct handler *self, PyObject *instance) {
    PyObject *own = PyObject_GenericGetDict(instance, NULL);
    bool has = own != NULL && PyDict_Check(own) && PyDict_Contains(own, field(self, NAME)) == 1;
    Py_XDECREF(own);
    PyErr_Clear();
    return has;
}

/* Is what was found what the entry describes? An instance's attribute that cannot be called, of the
 * same name by chance, hides no method. */
static bool is_as_told(const struct handler *self, PyObject *instance) {
    PyObject *function = field(self, FUNCTION);
    if (Py_IsNone(function)) /* the class makes something else each time */
        return !has_own(self, instance);
    if (self->bound == function)
        return true;
    if (PYTHON_IS_METHOD(self->bound))
        return python_extra.method_function(self->bound) == function;
    return !PyCallable_Check(self->bound);
}

/* An instance may have something else in the place of what its class has. */
static bool describe_again(struct handler *self, enum handler_kind kind) {
    PyObject *describe = actor_late(LATE_DESCRIBE_HANDLER);
    PyObject *entry =
        describe ? PyObject_CallFunction(describe, "OiO", self->bound, (int)kind, self->entry)
                 : NULL;
    if (entry == NULL)
        return false;
    Py_DECREF(self->entry);
    self->entry = entry;
    return true;
}

/* Takes the entry. */
static bool bind(PyObject *instance, PyObject *entry, enum handler_kind kind, struct handler *out) {
    *out = (struct handler){.entry = entry};
    out->bound = PyObject_GetAttr(instance, field(out, NAME));
    if (out->bound != NULL && (is_as_told(out, instance) || describe_again(out, kind)))
        return true;
    handler_drop(out);
    return false;
}

bool handler_exists(struct handler_table *table, PyObject *instance, enum handler_kind kind) {
    PyObject *handlers = table_get(table, instance, false);
    bool exists = handlers != NULL && !Py_IsNone(PyTuple_GetItem(handlers, kind));
    PyErr_Clear();
    return exists;
}

bool handler_find(struct handler_table *table, PyObject *instance, enum handler_kind kind,
                  struct handler *out) {
    *out = (struct handler){0};
    PyObject *handlers = table_get(table, instance, true);
    if (handlers == NULL)
        return false;
    PyObject *entry = PyTuple_GetItem(handlers, kind);
    return Py_IsNone(entry) || bind(instance, Py_NewRef(entry), kind, out);
}

bool handler_find_subject(struct handler_table *table, PyObject *instance, PyObject *subject,
                          struct handler *out) {
    *out = (struct handler){0};
    PyObject *handlers = table_get(table, instance, true);
    if (handlers == NULL)
        return false;
    PyObject *entry = PyDict_GetItemWithError(PyTuple_GetItem(handlers, HANDLER_RECEIVE), subject);
    if (entry != NULL)
        return bind(instance, Py_NewRef(entry), HANDLER_RECEIVE, out);
    return PyErr_Occurred() == NULL && handler_find(table, instance, HANDLER_OTHER, out);
}

/* ---- calling it --------------------------------------------------------------------- */

static const char *letters_of(const struct handler *self, Py_ssize_t *count) {
    return PyUnicode_AsUTF8AndSize(field(self, LETTERS), count);
}

bool handler_wants(const struct handler *self, char letter) {
    Py_ssize_t count;
    const char *letters = letters_of(self, &count);
    return letters != NULL && memchr(letters, letter, (size_t)count) != NULL;
}

static PyObject *argument(const struct handler *self, PyObject *instance,
                          const struct handler_arguments *arguments, char letter) {
    PyObject *value = NULL;
    switch (letter) {
    case 's': /* of a classmethod it is the class */
        value = PYTHON_IS_METHOD(self->bound) ? python_extra.method_self(self->bound) : instance;
        break;
    case 'b':
        value = self->bound;
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

enum suspend_outcome handler_start(const struct handler *self, PyObject *instance,
                                   const struct handler_arguments *arguments, PyObject **run,
                                   PyObject **out) {
    PyObject *values[ARGUMENTS_MAX];
    Py_ssize_t count;
    *run = *out = NULL;
    const char *letters = letters_of(self, &count);
    if (letters == NULL)
        return SUSPEND_RAISED;
    for (Py_ssize_t i = 0; i < count && i < ARGUMENTS_MAX; i++)
        values[i] = argument(self, instance, arguments, letters[i]);
    PyObject *call = field(self, CALL);
    PyObject *names = field(self, NAMES);
    return suspend_start(Py_IsNone(call) ? self->bound : call, values,
                         PyLong_AsSsize_t(field(self, POSITIONAL)),
                         PyTuple_Size(names) > 0 ? names : NULL, run, out);
}

PyObject *handler_type_version(PyObject *module, PyObject *type) {
    (void)module;
    if (!PyType_Check(type))
        return PyErr_Format(PyExc_TypeError, "%R is no class", type);
    return PyLong_FromUnsignedLong(type_version((PyTypeObject *)type));
}
