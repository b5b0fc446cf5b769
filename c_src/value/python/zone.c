#include "value/python/zone.h"

#include "value/python/explain.h"
#include "value/python/pack_leaf.h"
#include "value/python/state.h"
#include "value/zone.h"

#include <string.h>

/* ---- packing ---------------------------------------------------------------*/

static bool get_number(PyObject *object, const char *name, int64_t *number) {
    PyObject *value = PyObject_GetAttrString(object, name);
    *number = value ? PyLong_AsLongLong(value) : -1;
    Py_XDECREF(value);
    return PyErr_Occurred() == NULL;
}

static bool get_span(PyObject *object, struct value_span *span) {
    int64_t seconds, microseconds;
    if (!get_number(object, "days", &span->days) || !get_number(object, "seconds", &seconds) ||
        !get_number(object, "microseconds", &microseconds))
        return false;
    span->microseconds = seconds * 1000000 + microseconds;
    return true;
}

static int pack_span(PyObject *object, struct buffer *out) {
    struct value_span span;
    if (!get_span(object, &span))
        return -1;
    return value_written(value_put_tag(out, VALUE_TIMEDELTA) && value_put_int(out, span.days) &&
                         value_put_int(out, span.microseconds));
}

/* The flag and the text of a zone; 1 if the text is none that Erlang knows. */
static int put_text(struct buffer *out, bool marked, PyObject *text) {
    const char *bytes = "";
    Py_ssize_t length = 0;
    if (text != NULL && !PyUnicode_CheckExact(text))
        return 1;
    if (text != NULL && (bytes = PyUnicode_AsUTF8AndSize(text, &length)) == NULL) {
        PyErr_Clear(); /* lone surrogates */
        return 1;
    }
    return value_written(buffer_append_byte(out, marked) &&
                         value_put_data(out, bytes, (size_t)length));
}

static int pack_timezone(PyObject *object, struct buffer *out) {
    struct value_span span;
    PyObject *offset, *name = NULL; /* borrowed from `arguments` */
    int result = -1;
    PyObject *arguments = PyObject_CallMethod(object, "__getinitargs__", NULL);
    if (arguments == NULL || !PyArg_ParseTuple(arguments, "O|O", &offset, &name) ||
        !get_span(offset, &span))
        goto done;
    if (value_put_tag(out, VALUE_TIMEZONE) &&
        value_put_int(out, span.days * 86400 * 1000000 + span.microseconds))
        result = put_text(out, name != NULL, name);
    else
        result = value_written(false);
done:
    Py_XDECREF(arguments);
    return result;
}

static int pack_zoneinfo(PyObject *object, struct buffer *out) {
    PyObject *key; /* borrowed from `arguments` */
    int cached, result = -1;
    PyObject *reduced = PyObject_CallMethod(object, "__reduce__", NULL);
    PyObject *arguments = reduced ? PySequence_GetItem(reduced, 1) : NULL;
    if (arguments != NULL && PyArg_ParseTuple(arguments, "Op", &key, &cached))
        result =
            value_put_tag(out, VALUE_ZONEINFO) ? put_text(out, !cached, key) : value_written(false);
    Py_XDECREF(arguments);
    Py_XDECREF(reduced);
    return result;
}

static bool is_timezone(const struct value_state *self, PyObject *object) {
    return self->datetime != NULL && Py_IS_TYPE(object, self->timezone);
}

static bool is_zoneinfo(struct value_state *self, PyObject *object) {
    return self->datetime != NULL && PyObject_TypeCheck(object, self->tzinfo) &&
           value_state_is(self, VALUE_TYPE_ZONEINFO, Py_TYPE(object));
}

bool value_is_zone(struct value_state *self, PyObject *object) {
    return is_timezone(self, object) || is_zoneinfo(self, object);
}

int value_zone_pack(struct value_state *self, PyObject *object, struct buffer *out) {
    size_t start = out->length;
    int result = 1;
    if (self->datetime != NULL && Py_IS_TYPE(object, self->timedelta))
        result = pack_span(object, out);
    else if (is_timezone(self, object))
        result = pack_timezone(object, out);
    else if (is_zoneinfo(self, object))
        result = pack_zoneinfo(object, out);
    if (result != 0)
        out->length = start;
    return result;
}

int value_zone_pack_aware(struct value_state *self, PyObject *state, PyObject *tzinfo,
                          struct buffer *out) {
    char *bytes;
    Py_ssize_t length;
    size_t start = out->length;
    if (!value_is_zone(self, tzinfo))
        return 1;
    if (PyBytes_AsStringAndSize(state, &bytes, &length) < 0)
        return -1;
    int result = value_written(value_put_tag(out, VALUE_AWARE) &&
                               value_put_data(out, bytes, (size_t)length));
    if (result == 0)
        result = value_zone_pack(self, tzinfo, out);
    if (result != 0)
        out->length = start;
    return result;
}

/* ---- unpacking -------------------------------------------------------------*/

static PyObject *make_span(const struct value_state *self, const struct value_span *span) {
    return PyObject_CallFunction((PyObject *)self->timedelta, "LiL", (long long)span->days, 0,
                                 (long long)span->microseconds);
}

static PyObject *make_timezone(const struct value_state *self, const struct value_zone *zone) {
    const struct value_span span = {.microseconds = zone->offset};
    PyObject *offset = make_span(self, &span);
    PyObject *made = NULL;
    if (offset != NULL && zone->marked)
        made = PyObject_CallFunction((PyObject *)self->timezone, "Os#", offset,
                                     (const char *)zone->text, (Py_ssize_t)zone->length);
    else if (offset != NULL)
        made = PyObject_CallFunctionObjArgs((PyObject *)self->timezone, offset, NULL);
    Py_XDECREF(offset);
    return made;
}

/* The receiver's own database has the zone: it may lack it. */
static PyObject *make_zoneinfo(struct value_state *self, const struct value_zone *zone) {
    static const char name[] = "zoneinfo.ZoneInfo";
    PyObject *made = NULL;
    if (value_state_need(self, VALUE_TYPE_ZONEINFO) < 0)
        return NULL;
    PyObject *type = (PyObject *)self->zoneinfo;
    const char *text = (const char *)zone->text;
    Py_ssize_t length = (Py_ssize_t)zone->length;
    if (zone->marked)
        made = PyObject_CallMethod(type, "no_cache", "s#", text, length);
    else
        made = PyObject_CallFunction(type, "s#", text, length);
    if (made == NULL)
        value_explain_object(self, (const unsigned char *)name, sizeof name - 1);
    return made;
}

static PyObject *make_zone(struct value_state *self, const struct value_zone *zone) {
    return zone->tag == VALUE_TIMEZONE ? make_timezone(self, zone) : make_zoneinfo(self, zone);
}

static PyObject *make_aware(struct value_state *self, const struct value_aware *aware) {
    PyTypeObject *type = aware->size == VALUE_TIME_SIZE ? self->time : self->datetime;
    PyObject *zone = make_zone(self, &aware->zone);
    PyObject *made = zone ? PyObject_CallFunction((PyObject *)type, "y#O", aware->bytes,
                                                  (Py_ssize_t)aware->size, zone)
                          : NULL;
    Py_XDECREF(zone);
    return made;
}

PyObject *value_zone_unpack(struct value_state *self, enum value_tag tag,
                            struct value_reader *reader) {
    struct value_span span;
    struct value_zone zone;
    struct value_aware aware;
    if (self->datetime == NULL && value_state_need(self, VALUE_TYPE_DATETIME) < 0)
        return NULL;
    if (tag == VALUE_TIMEDELTA)
        return value_span_read(reader, &span) ? make_span(self, &span) : value_malformed();
    if (tag == VALUE_AWARE)
        return value_aware_read(reader, &aware) ? make_aware(self, &aware) : value_malformed();
    return value_zone_read(reader, tag, &zone) ? make_zone(self, &zone) : value_malformed();
}
