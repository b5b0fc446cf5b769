/* What the codec needs of Python's library. */
#include "value/python/state.h"

#include <stdlib.h>

static const char *const modules[VALUE_TYPES] = {
    [VALUE_TYPE_DATETIME] = "datetime", [VALUE_TYPE_DECIMAL] = "decimal",
    [VALUE_TYPE_ZONEINFO] = "zoneinfo", [VALUE_TYPE_NDARRAY] = "numpy",
    [VALUE_TYPE_ARRAY] = "array",
};

/* Finds each name in a module that can be imported. 0, or -1 with an exception. */
struct wanted {
    const char *name;
    PyObject **place;
};

static int find(PyObject *module, const struct wanted *wanted, size_t count) {
    for (size_t i = 0; i < count; i++)
        if ((*wanted[i].place = PyObject_GetAttrString(module, wanted[i].name)) == NULL)
            return -1;
    return 0;
}

static int import(const char *name, const struct wanted *wanted, size_t count) {
    PyObject *module = PyImport_ImportModule(name);
    int result = module ? find(module, wanted, count) : -1;
    Py_XDECREF(module);
    return result;
}

struct value_state *value_state_new(void) {
    struct value_state *self = calloc(1, sizeof *self);
    PyObject *buffer;
    if (self == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    const struct wanted pickle[] = {{"PicklingError", &self->pickling_error},
                                    {"UnpicklingError", &self->unpickling_error},
                                    {"PickleBuffer", &buffer}};
    const struct wanted copyreg[] = {{"dispatch_table", &self->dispatch_table},
                                     {"__newobj__", &self->new_object}};
    bool found = import("_pickle", pickle, 3) == 0 && import("copyreg", copyreg, 2) == 0;
    for (size_t i = 0; found && i < VALUE_TYPES; i++)
        found = (self->modules[i] = PyUnicode_InternFromString(modules[i])) != NULL;
    if (!found) { /* the process goes on only to report this: what was found stays */
        free(self);
        return NULL;
    }
    self->pickle_buffer = (PyTypeObject *)buffer;
    return self;
}

int value_state_reduce(struct value_state *self) {
    const struct wanted names[] = {{"find_global", &self->find_global},
                                   {"make_exception", &self->make_exception},
                                   {"reduce_own", &self->reduce_own}};
    return self->reduce_own ? 0 : import("rebeam._engine.reduce", names, 3);
}

/* 0 with the types of `module` in place, or -1 with an exception. */
static int datetime_take(struct value_state *self, PyObject *module) {
    enum { DATE, TIME, DATETIME, TIMEDELTA, TIMEZONE, TZINFO, COUNT };
    PyObject *found[COUNT] = {0}, *utc = NULL;
    const struct wanted wanted[COUNT] = {
        {"date", &found[DATE]},         {"time", &found[TIME]},
        {"datetime", &found[DATETIME]}, {"timedelta", &found[TIMEDELTA]},
        {"timezone", &found[TIMEZONE]}, {"tzinfo", &found[TZINFO]}};
    int result = find(module, wanted, COUNT);
    if (result == 0 && (utc = PyObject_GetAttrString(found[TIMEZONE], "utc")) == NULL)
        result = -1;
    if (result == 0 && self->datetime == NULL) {
        self->date = (PyTypeObject *)Py_NewRef(found[DATE]);
        self->time = (PyTypeObject *)Py_NewRef(found[TIME]);
        self->timedelta = (PyTypeObject *)Py_NewRef(found[TIMEDELTA]);
        self->timezone = (PyTypeObject *)Py_NewRef(found[TIMEZONE]);
        self->tzinfo = (PyTypeObject *)Py_NewRef(found[TZINFO]);
        self->utc = Py_NewRef(utc);
        self->datetime = (PyTypeObject *)Py_NewRef(found[DATETIME]);
    }
    for (int i = 0; i < COUNT; i++)
        Py_XDECREF(found[i]);
    Py_XDECREF(utc);
    return result;
}

static int numpy_take(struct value_state *self, PyObject *module) {
    PyObject *ndarray = NULL, *dtype = NULL;
    const struct wanted wanted[] = {{"ndarray", &ndarray}, {"dtype", &dtype}};
    int result = find(module, wanted, 2);
    if (result == 0 && self->ndarray == NULL) {
        self->dtype = Py_NewRef(dtype);
        self->ndarray = (PyTypeObject *)Py_NewRef(ndarray);
    }
    Py_XDECREF(ndarray);
    Py_XDECREF(dtype);
    return result;
}

static int take_one(PyObject *module, const char *name, PyTypeObject **place) {
    PyObject *type = PyObject_GetAttrString(module, name);
    if (type != NULL && *place == NULL)
        *place = (PyTypeObject *)Py_NewRef(type);
    Py_XDECREF(type);
    return type ? 0 : -1;
}

static int take(struct value_state *self, enum value_type which, PyObject *module) {
    switch (which) {
    case VALUE_TYPE_DATETIME:
        return datetime_take(self, module);
    case VALUE_TYPE_DECIMAL:
        return take_one(module, "Decimal", &self->decimal);
    case VALUE_TYPE_ZONEINFO:
        return take_one(module, "ZoneInfo", &self->zoneinfo);
    case VALUE_TYPE_NDARRAY:
        return numpy_take(self, module);
    case VALUE_TYPE_ARRAY:
        return take_one(module, "array", &self->array);
    case VALUE_TYPES:
        break;
    }
    return -1;
}

static PyTypeObject *known(const struct value_state *self, enum value_type which) {
    switch (which) {
    case VALUE_TYPE_DATETIME:
        return self->datetime;
    case VALUE_TYPE_DECIMAL:
        return self->decimal;
    case VALUE_TYPE_ZONEINFO:
        return self->zoneinfo;
    case VALUE_TYPE_NDARRAY:
        return self->ndarray;
    case VALUE_TYPE_ARRAY:
        return self->array;
    case VALUE_TYPES:
        break;
    }
    return NULL;
}

/* An object of a module's type exists only if the module is imported already; half imported, the
 * next message looks again. */
bool value_state_is(struct value_state *self, enum value_type which, const PyTypeObject *type) {
    if (known(self, which) == NULL) {
        PyObject *module = PyImport_GetModule(self->modules[which]);
        if (module == NULL || take(self, which, module) < 0)
            PyErr_Clear();
        Py_XDECREF(module);
    }
    return known(self, which) == type && type != NULL;
}

int value_state_need(struct value_state *self, enum value_type which) {
    if (known(self, which) != NULL)
        return 0;
    PyObject *module = PyImport_Import(self->modules[which]);
    int result = module ? take(self, which, module) : -1;
    Py_XDECREF(module);
    return result;
}
