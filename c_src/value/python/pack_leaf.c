/* Python object -> bytes, for the values that contain no others. */
#include "value/python/pack_leaf.h"

#include "identity/bytes.h"
#include "identity/identity.h"
#include "identity/process_id.h"
#include "value/format.h"

#include <string.h>

enum { CACHED_TEXT_MAX = 512 };

int value_written(bool ok) {
    if (!ok)
        PyErr_NoMemory();
    return ok ? 0 : -1;
}

/* ---- numbers ---------------------------------------------------------------- */

/* A magnitude in hex digits, most significant first, as bytes, least significant first. */
static bool put_hex(struct buffer *out, const char *digits, size_t length) {
    static const char hex[] = "0123456789abcdef";
    if (!value_put_count(out, (length + 1) / 2))
        return false;
    for (size_t i = length; i > 0; i = i > 1 ? i - 2 : 0) {
        size_t low = (size_t)(strchr(hex, digits[i - 1]) - hex);
        size_t high = i > 1 ? (size_t)(strchr(hex, digits[i - 2]) - hex) : 0;
        if (!buffer_append_byte(out, (uint8_t)(high << 4 | low)))
            return false;
    }
    return true;
}

/* By way of hex text, which takes linear time (decimal takes quadratic time). */
static int pack_big(struct buffer *out, PyObject *object) {
    Py_ssize_t length;
    PyObject *text = PyNumber_ToBase(object, 16); /* "-0x1f" */
    const char *digits = text ? PyUnicode_AsUTF8AndSize(text, &length) : NULL;
    int result = -1;
    if (digits != NULL) {
        bool negative = digits[0] == '-';
        size_t prefix = negative ? 3 : 2;
        result =
            value_written(value_put_tag(out, VALUE_BIGINT) && buffer_append_byte(out, negative) &&
                          put_hex(out, digits + prefix, (size_t)length - prefix));
    }
    Py_XDECREF(text);
    return result;
}

static int pack_int(struct buffer *out, PyObject *object) {
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(object, &overflow);
    if (overflow != 0)
        return pack_big(out, object);
    return value_written(value_put_tag_int(out, number));
}

int value_pack_scalar(struct buffer *out, PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyLong_Type)
        return pack_int(out, object);
    if (Py_IsNone(object))
        return value_written(value_put_tag(out, VALUE_NONE));
    if (type == &PyFloat_Type)
        return value_written(value_put_tag(out, VALUE_FLOAT) &&
                             value_put_float(out, PyFloat_AsDouble(object)));
    if (type == &PyBool_Type)
        return value_written(value_put_tag(out, Py_IsTrue(object) ? VALUE_TRUE : VALUE_FALSE));
    return 1;
}

/* ---- runs of bytes ----------------------------------------------------------- */

static int pack_data(struct buffer *out, enum value_tag tag, const char *bytes, Py_ssize_t length) {
    return value_written(value_put_tag(out, tag) && value_put_data(out, bytes, (size_t)length));
}

/* Takes `encoded`, a bytes object or NULL. */
static int pack_encoded(struct buffer *out, enum value_tag tag, PyObject *encoded) {
    char *bytes;
    Py_ssize_t length;
    if (encoded == NULL || PyBytes_AsStringAndSize(encoded, &bytes, &length) < 0)
        return -1;
    int result = pack_data(out, tag, bytes, length);
    Py_DECREF(encoded);
    return result;
}

/* Takes the reference of the part. */
static int pack_part(struct value_packed *out, enum value_tag tag, struct memory_part part) {
    return value_written(value_parts_add(out, part) &&
                         value_put_tag_count(&out->bytes, tag, out->count - 1));
}

static bool is_part(const struct value_packed *out, Py_ssize_t length) {
    return !out->flat && length >= VALUE_PART_MIN;
}

int value_pack_memory(struct value_packed *out, struct memory_part part) {
    if (is_part(out, (Py_ssize_t)part.size))
        return pack_part(out, VALUE_BYTES_PART, part);
    int result =
        pack_data(&out->bytes, VALUE_BYTES, (const char *)part.data, (Py_ssize_t)part.size);
    memory_release(part.memory);
    return result;
}

/* The part of a whole bytes object. False with an exception. */
static bool whole(PyObject *bytes, struct memory_part *part) {
    Py_buffer view;
    if (PyObject_GetBuffer(bytes, &view, PyBUF_SIMPLE) < 0)
        return false;
    *part = (struct memory_part){.data = view.buf, .size = (size_t)view.len};
    part->memory = memory_of_view(&view);
    if (part->memory == NULL)
        PyErr_NoMemory();
    return part->memory != NULL;
}

static int pack_bytes(struct value_packed *out, PyObject *object) {
    struct memory_part part;
    Py_ssize_t length = PyBytes_Size(object);
    if (!is_part(out, length))
        return pack_data(&out->bytes, VALUE_BYTES, PyBytes_AsString(object), length);
    return whole(object, &part) ? pack_part(out, VALUE_BYTES_PART, part) : -1;
}

/* It may change as soon as this is over, so it is copied. */
static int pack_bytearray(struct value_packed *out, PyObject *object) {
    Py_ssize_t length = PyByteArray_Size(object);
    unsigned char *data;
    if (!is_part(out, length))
        return pack_data(&out->bytes, VALUE_BYTEARRAY, PyByteArray_AsString(object), length);
    struct memory_part part = {.memory = memory_new((size_t)length, &data)};
    if (part.memory == NULL)
        return value_written(false);
    memcpy(data, PyByteArray_AsString(object), (size_t)length);
    part.data = data;
    part.size = (size_t)length;
    return pack_part(out, VALUE_BYTEARRAY_PART, part);
}

/* A str keeps the UTF-8 it was once asked for; that is fast, but doubles a long one for good. */
static int pack_str(struct value_packed *out, PyObject *object) {
    Py_ssize_t length;
    if (PyUnicode_GetLength(object) <= CACHED_TEXT_MAX) {
        const char *text = PyUnicode_AsUTF8AndSize(object, &length);
        if (text != NULL)
            return pack_data(&out->bytes, VALUE_STR, text, length);
    } else {
        struct memory_part part;
        PyObject *encoded = PyUnicode_AsUTF8String(object);
        if (encoded != NULL && !is_part(out, PyBytes_Size(encoded)))
            return pack_encoded(&out->bytes, VALUE_STR, encoded);
        if (encoded != NULL) {
            bool made = whole(encoded, &part);
            Py_DECREF(encoded);
            return made ? pack_part(out, VALUE_STR_PART, part) : -1;
        }
    }
    if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
        return -1;
    PyErr_Clear();
    return pack_encoded(&out->bytes, VALUE_STR_SURROGATES,
                        PyUnicode_AsEncodedString(object, "utf-8", "surrogatepass"));
}

/* ---- names of the BEAM ---------------------------------------------------------- */

static int pack_identity(struct interpreter *interpreter, struct buffer *out, PyObject *object) {
    const struct identity_state *types = interpreter->identity;
    const unsigned char *bytes;
    size_t length;
    enum value_tag tag = Py_IS_TYPE(object, types->process_id)  ? VALUE_PID
                         : Py_IS_TYPE(object, types->reference) ? VALUE_REFERENCE
                         : Py_IS_TYPE(object, types->atom)      ? VALUE_ATOM
                                                                : VALUE_TERM;
    PyObject *request = identity_request(object);
    identity_bytes(object, &bytes, &length);
    if (request != NULL) {
        if (pack_data(out, VALUE_PID_REQUEST, (const char *)bytes, (Py_ssize_t)length) < 0)
            return -1;
        identity_bytes(request, &bytes, &length);
        return value_written(value_put_data(out, bytes, length));
    }
    return pack_data(out, tag, (const char *)bytes, (Py_ssize_t)length);
}

static bool is_identity(const struct identity_state *types, PyTypeObject *type) {
    return type == types->process_id || type == types->reference || type == types->atom ||
           type == types->term;
}

int value_pack_leaf(struct interpreter *interpreter, struct value_packed *out, PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyUnicode_Type)
        return pack_str(out, object);
    if (type == &PyBytes_Type)
        return pack_bytes(out, object);
    if (type == &PyByteArray_Type)
        return pack_bytearray(out, object);
    if (is_identity(interpreter->identity, type))
        return pack_identity(interpreter, &out->bytes, object);
    return 1;
}
