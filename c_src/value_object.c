#include "value_object.h"

#include <stdlib.h>

void *value_malformed(void) {
    PyErr_SetString(PyExc_ValueError, "malformed packed value");
    return NULL;
}

/* ---- what the library offers ------------------------------------------ */

struct value_state *value_state_new(void) {
    struct value_state *self = calloc(1, sizeof *self);
    PyObject *pickle = PyImport_ImportModule("_pickle");
    if (self == NULL) {
        PyErr_NoMemory();
        goto failed;
    }
    if (pickle == NULL || (self->dumps = PyObject_GetAttrString(pickle, "dumps")) == NULL ||
        (self->loads = PyObject_GetAttrString(pickle, "loads")) == NULL ||
        (self->unpickling_error = PyObject_GetAttrString(pickle, "UnpicklingError")) == NULL ||
        (self->protocol = PyLong_FromLong(5)) == NULL ||
        (self->datetime_name = PyUnicode_InternFromString("datetime")) == NULL ||
        (self->decimal_name = PyUnicode_InternFromString("decimal")) == NULL)
        goto failed;
    Py_DECREF(pickle);
    return self;
failed: /* the process goes on only to report this: what was found stays */
    Py_XDECREF(pickle);
    free(self);
    return NULL;
}

/* 0 with the types of `module` in place, or -1 with an exception. */
static int datetime_take(struct value_state *self, PyObject *module) {
    PyObject *date = PyObject_GetAttrString(module, "date");
    PyObject *time = PyObject_GetAttrString(module, "time");
    PyObject *datetime = PyObject_GetAttrString(module, "datetime");
    PyObject *timezone = PyObject_GetAttrString(module, "timezone");
    PyObject *utc = timezone ? PyObject_GetAttrString(timezone, "utc") : NULL;
    bool found = date && time && datetime && utc;
    if (found && self->datetime == NULL) {
        self->date = (PyTypeObject *)Py_NewRef(date);
        self->time = (PyTypeObject *)Py_NewRef(time);
        self->utc = Py_NewRef(utc);
        self->datetime = (PyTypeObject *)Py_NewRef(datetime);
    }
    Py_XDECREF(date);
    Py_XDECREF(time);
    Py_XDECREF(datetime);
    Py_XDECREF(timezone);
    Py_XDECREF(utc);
    return found ? 0 : -1;
}

static int decimal_take(struct value_state *self, PyObject *module) {
    PyObject *decimal = PyObject_GetAttrString(module, "Decimal");
    if (decimal == NULL)
        return -1;
    if (self->decimal == NULL)
        self->decimal = (PyTypeObject *)Py_NewRef(decimal);
    Py_DECREF(decimal);
    return 0;
}

typedef int (*take)(struct value_state *self, PyObject *module);

/* An object of a module's type exists only if the module is imported already. */
static void look(struct value_state *self, PyObject *name, take found) {
    PyObject *module = PyImport_GetModule(name);
    if (module != NULL && found(self, module) < 0)
        PyErr_Clear(); /* half imported: the next message looks again */
    else if (module == NULL)
        PyErr_Clear();
    Py_XDECREF(module);
}

static int need(struct value_state *self, PyObject *name, take found) {
    PyObject *module = PyImport_Import(name);
    int result = module ? found(self, module) : -1;
    Py_XDECREF(module);
    return result;
}

static enum value_tag tag_of(struct value_state *self, const PyTypeObject *type) {
    if (self->datetime == NULL)
        look(self, self->datetime_name, datetime_take);
    if (self->decimal == NULL)
        look(self, self->decimal_name, decimal_take);
    if (type == self->datetime)
        return VALUE_DATETIME;
    if (type == self->date)
        return VALUE_DATE;
    if (type == self->time)
        return VALUE_TIME;
    return type == self->decimal ? VALUE_DECIMAL : VALUE_PICKLE;
}

/* ---- pickles ---------------------------------------------------------- */

static int no_memory(void) {
    PyErr_NoMemory();
    return -1;
}

static int put_text(struct buffer *out, PyObject *text) {
    Py_ssize_t length;
    const char *bytes = PyUnicode_AsUTF8AndSize(text, &length);
    if (bytes == NULL)
        return -1;
    return value_put_data(out, bytes, (size_t)length) ? 0 : no_memory();
}

static int put_bytes(struct buffer *out, PyObject *object) {
    char *bytes;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(object, &bytes, &length) < 0)
        return -1;
    return value_put_data(out, bytes, (size_t)length) ? 0 : no_memory();
}

/* Appends "module.Class". */
static int put_type(struct buffer *out, PyTypeObject *type) {
    Py_ssize_t module_length, name_length;
    const char *module_text, *name_text;
    int result = -1;
    PyObject *name = PyType_GetQualName(type);
    PyObject *module = PyObject_GetAttrString((PyObject *)type, "__module__");
    if (name == NULL || module == NULL)
        goto done;
    module_text = PyUnicode_AsUTF8AndSize(module, &module_length);
    name_text = module_text ? PyUnicode_AsUTF8AndSize(name, &name_length) : NULL;
    if (name_text == NULL)
        goto done;
    bool ok = value_put_count(out, (size_t)module_length + 1 + (size_t)name_length) &&
              buffer_append(out, module_text, (size_t)module_length) &&
              buffer_append_byte(out, '.') && buffer_append(out, name_text, (size_t)name_length);
    result = ok ? 0 : no_memory();
done:
    Py_XDECREF(name);
    Py_XDECREF(module);
    return result;
}

static int pickle_pack(struct value_state *self, PyObject *object, struct buffer *out) {
    int result = -1;
    PyObject *pickled = PyObject_CallFunctionObjArgs(self->dumps, object, self->protocol, NULL);
    if (pickled == NULL)
        return -1;
    if (!value_put_tag(out, VALUE_PICKLE))
        no_memory();
    else if (put_type(out, Py_TYPE(object)) == 0)
        result = put_bytes(out, pickled);
    Py_DECREF(pickled);
    return result;
}

/* The exception that is set becomes the cause of one that names the class. */
static void explain_unpickling(struct value_state *self, const unsigned char *type, size_t length) {
    PyObject *kind, *error, *trace;
    PyErr_Fetch(&kind, &error, &trace);
    PyErr_NormalizeException(&kind, &error, &trace);
    if (!PyErr_GivenExceptionMatches(error, PyExc_Exception)) {
        PyErr_Restore(kind, error, trace); /* an interrupt or exit is not about the value */
        return;
    }
    PyObject *name = PyUnicode_DecodeUTF8((const char *)type, (Py_ssize_t)length, "replace");
    PyObject *kind_name = PyType_GetName((PyTypeObject *)kind);
    PyObject *text = NULL;
    if (name != NULL && kind_name != NULL)
        text = PyUnicode_FromFormat("cannot rebuild a %U object: %U: %S", name, kind_name, error);
    PyObject *wrapped =
        text ? PyObject_CallFunctionObjArgs(self->unpickling_error, text, NULL) : NULL;
    if (wrapped != NULL) {
        if (trace != NULL)
            PyException_SetTraceback(error, trace);
        PyException_SetCause(wrapped, Py_NewRef(error));
        PyErr_SetObject(self->unpickling_error, wrapped);
    }
    Py_XDECREF(name);
    Py_XDECREF(kind_name);
    Py_XDECREF(text);
    Py_XDECREF(wrapped);
    Py_XDECREF(kind);
    Py_XDECREF(error);
    Py_XDECREF(trace);
}

static PyObject *pickle_unpack(struct value_state *self, struct value_reader *reader) {
    const unsigned char *type, *pickled;
    size_t type_length, length;
    if (!value_read_data(reader, &type, &type_length) ||
        !value_read_data(reader, &pickled, &length))
        return value_malformed();
    PyObject *view = PyMemoryView_FromMemory((char *)pickled, (Py_ssize_t)length, PyBUF_READ);
    if (view == NULL)
        return NULL;
    PyObject *object = PyObject_CallFunctionObjArgs(self->loads, view, NULL);
    Py_DECREF(view);
    if (object == NULL)
        explain_unpickling(self, type, type_length);
    return object;
}

/* ---- dates and times -------------------------------------------------- */

/* rebeam._zone.`function`(arguments...). Takes `arguments`, which may be NULL. */
static PyObject *zone_call(const char *function, PyObject *arguments) {
    PyObject *module = arguments ? PyImport_ImportModule("rebeam._zone") : NULL;
    PyObject *callable = module ? PyObject_GetAttrString(module, function) : NULL;
    PyObject *result = callable ? PyObject_CallObject(callable, arguments) : NULL;
    Py_XDECREF(arguments);
    Py_XDECREF(module);
    Py_XDECREF(callable);
    return result;
}

/* What Erlang shows of the zone, before the tzinfo itself. 1 if written, 0 if
 * Erlang has no way to show it, -1 with an exception. */
static int zoned_put(PyObject *object, struct buffer *out, PyObject *state) {
    int offset, dst, result = -1;
    PyObject *zone, *abbreviation; /* borrowed from `shown` */
    PyObject *shown = zone_call("describe", PyTuple_Pack(1, object));
    if (shown == NULL || Py_IsNone(shown)) {
        result = shown ? 0 : -1;
        goto done;
    }
    if (!PyArg_ParseTuple(shown, "iiUU", &offset, &dst, &zone, &abbreviation))
        goto done;
    if (!value_put_tag(out, VALUE_DATETIME_ZONED) ||
        !buffer_append(out, PyBytes_AsString(state), VALUE_DATETIME_SIZE) ||
        !value_put_int(out, offset) || !value_put_int(out, dst))
        result = no_memory();
    else
        result = put_text(out, zone) < 0 || put_text(out, abbreviation) < 0 ? -1 : 1;
done:
    Py_XDECREF(shown);
    return result;
}

static int clock_put(enum value_tag tag, PyObject *state, struct buffer *out) {
    char *bytes;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(state, &bytes, &length) < 0)
        return -1;
    return value_put_tag(out, tag) && buffer_append(out, bytes, (size_t)length) ? 0 : no_memory();
}

static int clock_pack(struct value_state *self, enum value_tag tag, PyObject *object,
                      struct buffer *out, PyObject **child) {
    int result = -1;
    PyObject *state, *tzinfo = NULL; /* borrowed from `arguments` */
    PyObject *arguments = NULL;
    PyObject *reduced = PyObject_CallMethod(object, "__reduce_ex__", "i", 4);
    if (reduced == NULL || (arguments = PySequence_GetItem(reduced, 1)) == NULL ||
        !PyArg_ParseTuple(arguments, "S|O", &state, &tzinfo))
        goto done;
    if (tzinfo == NULL) {
        result = clock_put(tag, state, out);
    } else if (tag == VALUE_DATETIME && tzinfo == self->utc) {
        result = clock_put(VALUE_DATETIME_UTC, state, out);
    } else if (tag == VALUE_DATETIME && (result = zoned_put(object, out, state)) != 0) {
        if (result > 0)
            *child = Py_NewRef(tzinfo);
        result = result > 0 ? 0 : -1;
    } else { /* a time with a zone, a zone that Erlang cannot show */
        result = pickle_pack(self, object, out);
    }
done:
    Py_XDECREF(reduced);
    Py_XDECREF(arguments);
    return result;
}

static PyObject *clock_unpack(struct value_state *self, enum value_tag tag, size_t size,
                              struct value_reader *reader) {
    const unsigned char *bytes;
    struct value_clock clock;
    if (!value_read_fixed(reader, size, &bytes) || !value_clock_read(bytes, size, &clock))
        return value_malformed();
    if (self->datetime == NULL && need(self, self->datetime_name, datetime_take) < 0)
        return NULL;
    PyTypeObject *type = size == VALUE_DATE_SIZE   ? self->date
                         : size == VALUE_TIME_SIZE ? self->time
                                                   : self->datetime;
    PyObject *state = PyBytes_FromStringAndSize((const char *)bytes, (Py_ssize_t)size);
    if (state == NULL)
        return NULL;
    PyObject *zone = tag == VALUE_DATETIME_UTC ? self->utc : NULL;
    PyObject *object = PyObject_CallFunctionObjArgs((PyObject *)type, state, zone, NULL);
    Py_DECREF(state);
    return object;
}

PyObject *value_zoned_open(struct value_reader *reader) {
    const unsigned char *bytes, *zone, *abbreviation;
    size_t zone_length, abbreviation_length;
    int64_t offset, dst;
    struct value_clock clock;
    if (!value_read_fixed(reader, VALUE_DATETIME_SIZE, &bytes) ||
        !value_clock_read(bytes, VALUE_DATETIME_SIZE, &clock) || !value_read_int(reader, &offset) ||
        !value_read_int(reader, &dst) || !value_read_data(reader, &zone, &zone_length) ||
        !value_read_data(reader, &abbreviation, &abbreviation_length))
        return value_malformed();
    return Py_BuildValue("y#LLs#s#", bytes, (Py_ssize_t)VALUE_DATETIME_SIZE, (long long)offset,
                         (long long)dst, zone, (Py_ssize_t)zone_length, abbreviation,
                         (Py_ssize_t)abbreviation_length);
}

PyObject *value_zoned_close(struct value_state *self, PyObject *opened, PyObject *tzinfo) {
    if (Py_IsNone(tzinfo)) /* Erlang made it: find the zone by its name */
        return zone_call("restore", Py_NewRef(opened));
    if (self->datetime == NULL && need(self, self->datetime_name, datetime_take) < 0)
        return NULL;
    return PyObject_CallFunctionObjArgs((PyObject *)self->datetime, PyTuple_GetItem(opened, 0),
                                        tzinfo, NULL);
}

/* ---- Decimal ---------------------------------------------------------- */

/* The text of a Decimal is exact: digits, exponent, sign and NaN payload. */
static int decimal_pack(PyObject *object, struct buffer *out) {
    PyObject *text = PyObject_Str(object);
    if (text == NULL)
        return -1;
    int result = value_put_tag(out, VALUE_DECIMAL) ? put_text(out, text) : no_memory();
    Py_DECREF(text);
    return result;
}

static PyObject *decimal_unpack(struct value_state *self, struct value_reader *reader) {
    const unsigned char *text;
    size_t length;
    if (!value_read_data(reader, &text, &length))
        return value_malformed();
    if (self->decimal == NULL && need(self, self->decimal_name, decimal_take) < 0)
        return NULL;
    return PyObject_CallFunction((PyObject *)self->decimal, "s#", text, (Py_ssize_t)length);
}

/* ---- all of them ------------------------------------------------------ */

int value_object_pack(struct value_state *self, PyObject *object, struct buffer *out,
                      PyObject **child) {
    enum value_tag tag = tag_of(self, Py_TYPE(object));
    *child = NULL;
    if (tag == VALUE_PICKLE)
        return pickle_pack(self, object, out);
    if (tag == VALUE_DECIMAL)
        return decimal_pack(object, out);
    return clock_pack(self, tag, object, out, child);
}

PyObject *value_object_unpack(struct value_state *self, enum value_tag tag,
                              struct value_reader *reader) {
    if (tag == VALUE_PICKLE)
        return pickle_unpack(self, reader);
    if (tag == VALUE_DECIMAL)
        return decimal_unpack(self, reader);
    return clock_unpack(self, tag,
                        tag == VALUE_DATE   ? VALUE_DATE_SIZE
                        : tag == VALUE_TIME ? VALUE_TIME_SIZE
                                            : VALUE_DATETIME_SIZE,
                        reader);
}

void value_explain(const char *root, PyObject *steps, PyObject *object) {
    PyObject *kind, *error, *trace;
    PyErr_Fetch(&kind, &error, &trace);
    PyErr_NormalizeException(&kind, &error, &trace);
    if (trace != NULL)
        PyException_SetTraceback(error, trace);
    PyObject *explained = NULL, *module = NULL;
    if (PyErr_GivenExceptionMatches(error, PyExc_Exception) &&
        (module = PyImport_ImportModule("rebeam._diagnose")) != NULL)
        explained = PyObject_CallMethod(module, "explain", "sOOO", root, steps, object, error);
    if (explained != NULL && PyExceptionInstance_Check(explained)) {
        PyErr_SetObject((PyObject *)Py_TYPE(explained), explained);
    } else { /* not about the value, or no diagnosis to be had: as it was */
        PyErr_Clear();
        PyErr_Restore(Py_XNewRef(kind), Py_XNewRef(error), Py_XNewRef(trace));
    }
    Py_XDECREF(module);
    Py_XDECREF(explained);
    Py_XDECREF(kind);
    Py_XDECREF(error);
    Py_XDECREF(trace);
}
