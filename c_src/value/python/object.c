#include "value/python/object.h"

#include "value/python/explain.h"
#include "value/python/state.h"
#include "value/python/zone.h"

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

/* ---- dates and times -------------------------------------------------- */

/* rebeam._engine.zone.`function`(arguments...). Takes `arguments`, which may be NULL. */
static PyObject *zone_call(const char *function, PyObject *arguments) {
    PyObject *module = arguments ? PyImport_ImportModule("rebeam._engine.zone") : NULL;
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
        result = value_zone_pack_aware(self, state, tzinfo, out);
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
    if (self->datetime == NULL && value_state_need(self, VALUE_TYPE_DATETIME) < 0)
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
    if (self->datetime == NULL && value_state_need(self, VALUE_TYPE_DATETIME) < 0)
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
    if (self->decimal == NULL && value_state_need(self, VALUE_TYPE_DECIMAL) < 0)
        return NULL;
    return PyObject_CallFunction((PyObject *)self->decimal, "s#", text, (Py_ssize_t)length);
}

/* ---- all of them ------------------------------------------------------ */

int value_object_pack(struct value_state *self, PyObject *object, struct buffer *out,
                      PyObject **child) {
    const PyTypeObject *type = Py_TYPE(object);
    *child = NULL;
    if (value_state_is(self, VALUE_TYPE_DECIMAL, type))
        return decimal_pack(object, out);
    if (value_state_is(self, VALUE_TYPE_DATETIME, type))
        return clock_pack(self, VALUE_DATETIME, object, out, child);
    if (self->datetime != NULL && (type == self->date || type == self->time))
        return clock_pack(self, type == self->date ? VALUE_DATE : VALUE_TIME, object, out, child);
    return value_zone_pack(self, object, out);
}

PyObject *value_object_unpack(struct value_state *self, enum value_tag tag,
                              struct value_reader *reader) {
    if (tag == VALUE_DECIMAL)
        return decimal_unpack(self, reader);
    return clock_unpack(self, tag,
                        tag == VALUE_DATE   ? VALUE_DATE_SIZE
                        : tag == VALUE_TIME ? VALUE_TIME_SIZE
                                            : VALUE_DATETIME_SIZE,
                        reader);
}
