#include "value/python/unpack_leaf.h"

#include "identity/atom.h"
#include "identity/process_id.h"
#include "identity/reference.h"
#include "identity/term.h"
#include "value/options.h"
#include "value/python/buffer_build.h"
#include "value/python/explain.h"
#include "value/python/object.h"
#include "value/python/packed.h"
#include "value/python/reduce.h"
#include "value/python/zone.h"

#include <stdlib.h>
#include <string.h>

/* ---- parts ------------------------------------------------------------------ */

/* The part of this number in all; the caller owns its reference. False with an exception. */
static bool part_at(const struct value_source *self, size_t index, struct memory_part *part) {
    if (self->terms == NULL) {
        *part = self->payload->parts[index];
        memory_keep(part->memory);
        return true;
    }
    if (memory_from_term(self->payload->env, self->terms[index], part))
        return true;
    PyErr_NoMemory();
    return false;
}

static bool read_part(const struct value_source *self, struct value_reader *reader,
                      struct memory_part *part) {
    uint64_t index;
    if (value_read_varint(reader, &index) && index < self->range.count)
        return part_at(self, self->range.first + (size_t)index, part);
    value_malformed();
    return false;
}

/* ---- numbers ---------------------------------------------------------------- */

static PyObject *read_int(struct value_reader *reader) {
    int64_t value;
    return value_read_int(reader, &value) ? PyLong_FromLongLong(value) : value_malformed();
}

static PyObject *read_big(struct value_reader *reader) {
    uint8_t negative;
    const unsigned char *bytes;
    size_t length;
    if (!value_read_byte(reader, &negative) || negative > 1 ||
        !value_read_data(reader, &bytes, &length) || length == 0)
        return value_malformed();
    char *text = malloc(2 * length + 2);
    if (text == NULL)
        return PyErr_NoMemory();
    char *digit = text;
    if (negative)
        *digit++ = '-';
    for (size_t i = length; i-- > 0;) {
        *digit++ = "0123456789abcdef"[bytes[i] >> 4];
        *digit++ = "0123456789abcdef"[bytes[i] & 0xf];
    }
    *digit = '\0';
    PyObject *result = PyLong_FromString(text, NULL, 16);
    free(text);
    return result;
}

static PyObject *read_float(struct value_reader *reader) {
    double value;
    return value_read_float(reader, &value) ? PyFloat_FromDouble(value) : value_malformed();
}

/* ---- runs of bytes ------------------------------------------------------------ */

static PyObject *make_data(enum value_tag tag, const unsigned char *bytes, size_t length) {
    const char *chars = (const char *)bytes;
    Py_ssize_t size = (Py_ssize_t)length;
    if (tag == VALUE_STR || tag == VALUE_STR_PART)
        return PyUnicode_DecodeUTF8(chars, size, NULL);
    if (tag == VALUE_STR_SURROGATES)
        return PyUnicode_DecodeUTF8(chars, size, "surrogatepass");
    if (tag == VALUE_BYTES || tag == VALUE_BYTES_PART)
        return PyBytes_FromStringAndSize(chars, size);
    if (tag == VALUE_BYTEARRAY || tag == VALUE_BYTEARRAY_PART)
        return PyByteArray_FromStringAndSize(chars, size);
    if (tag == VALUE_PID)
        return identity_process_id(bytes, length);
    if (tag == VALUE_REFERENCE)
        return identity_reference(bytes, length);
    return tag == VALUE_ATOM ? identity_atom(bytes, length) : identity_term(bytes, length);
}

static PyObject *read_data(struct value_reader *reader, enum value_tag tag) {
    const unsigned char *bytes;
    size_t length;
    if (!value_read_data(reader, &bytes, &length))
        return value_malformed();
    return make_data(tag, bytes, length);
}

/* A bytes object of this interpreter is handed over as it is: nobody can change it. */
static PyObject *read_data_part(const struct value_source *source, struct value_reader *reader,
                                enum value_tag tag) {
    struct memory_part part;
    if (!read_part(source, reader, &part))
        return NULL;
    PyObject *same = tag == VALUE_BYTES_PART ? memory_bytes(&part) : NULL;
    PyObject *object = same ? Py_NewRef(same) : make_data(tag, part.data, part.size);
    memory_release(part.memory);
    return object;
}

static PyObject *read_pid_request(struct value_reader *reader) {
    struct identity_slice pid, request;
    if (!value_read_data(reader, &pid.bytes, &pid.length) ||
        !value_read_data(reader, &request.bytes, &request.length))
        return value_malformed();
    return identity_process_id_requested(pid, request);
}

/* The data of a BUFFER: a leaf of its own. Small ones are copied, as the bytes go. */
static bool read_memory(const struct value_source *source, struct value_reader *reader,
                        struct memory_part *part) {
    enum value_tag tag;
    const unsigned char *bytes;
    unsigned char *copy;
    size_t length;
    bool tagged = value_read_tag(reader, &tag);
    if (tagged && tag == VALUE_BYTES_PART)
        return read_part(source, reader, part);
    if (!tagged || tag != VALUE_BYTES || !value_read_data(reader, &bytes, &length)) {
        value_malformed();
        return false;
    }
    *part = (struct memory_part){.memory = memory_new(length, &copy), .size = length};
    if (part->memory == NULL) {
        PyErr_NoMemory();
        return false;
    }
    part->data = copy;
    if (length > 0)
        memcpy(copy, bytes, length);
    return true;
}

static PyObject *read_buffer(struct interpreter *interpreter, const struct value_source *source,
                             struct value_reader *reader) {
    struct value_buffer_head head;
    struct memory_part part;
    if (!value_buffer_read(reader, &head))
        return value_malformed();
    if (!read_memory(source, reader, &part))
        return NULL;
    PyObject *object = value_buffer_build(interpreter->value, &head, part);
    if (object == NULL && head.kind == VALUE_BUFFER_NUMPY)
        value_explain_object(interpreter->value, (const unsigned char *)"numpy.ndarray", 13);
    return object;
}

static PyObject *read_packed(struct interpreter *interpreter, const struct value_source *source,
                             struct value_reader *reader) {
    struct value_nested nested;
    struct value_packed content = {0};
    struct memory_part part;
    if (!value_nested_read(reader, &source->range, &nested))
        return value_malformed();
    bool ok = buffer_append(&content.bytes, nested.bytes, nested.length);
    if (!ok)
        PyErr_NoMemory();
    for (size_t i = 0; ok && i < nested.range.count; i++) {
        ok = part_at(source, nested.range.first + i, &part);
        if (ok && !value_parts_add(&content, part)) {
            PyErr_NoMemory();
            ok = false;
        }
    }
    if (ok)
        return value_packed_object(interpreter->value, &content);
    value_parts_free(&content);
    return NULL;
}

/* ---- names ---------------------------------------------------------------------- */

static PyObject *read_global(struct interpreter *interpreter, struct value_reader *reader) {
    const unsigned char *module_bytes, *name_bytes;
    size_t module_length, name_length;
    uint8_t kind;
    if (!value_read_byte(reader, &kind) || kind >= VALUE_GLOBAL_KINDS ||
        !value_read_data(reader, &module_bytes, &module_length) ||
        !value_read_data(reader, &name_bytes, &name_length))
        return value_malformed();
    if (value_refuses_objects()) {
        value_refuse_object(name_bytes, name_length);
        return NULL;
    }
    PyObject *module =
        PyUnicode_DecodeUTF8((const char *)module_bytes, (Py_ssize_t)module_length, NULL);
    PyObject *name = PyUnicode_DecodeUTF8((const char *)name_bytes, (Py_ssize_t)name_length, NULL);
    PyObject *found = module && name ? value_global(module, name) : NULL;
    if (found == NULL)
        value_explain_object(interpreter->value, name_bytes, name_length);
    Py_XDECREF(module);
    Py_XDECREF(name);
    return found;
}

/* ---- all of them ------------------------------------------------------------------ */

PyObject *value_unpack_leaf(struct interpreter *interpreter, const struct value_source *source,
                            struct value_reader *reader, enum value_tag tag) {
    switch (tag) {
    case VALUE_NONE:
        return Py_NewRef(Py_None);
    case VALUE_TRUE:
        return Py_NewRef(Py_True);
    case VALUE_FALSE:
        return Py_NewRef(Py_False);
    case VALUE_INT:
        return read_int(reader);
    case VALUE_BIGINT:
        return read_big(reader);
    case VALUE_FLOAT:
        return read_float(reader);
    case VALUE_STR:
    case VALUE_STR_SURROGATES:
    case VALUE_BYTES:
    case VALUE_BYTEARRAY:
    case VALUE_PID:
    case VALUE_REFERENCE:
    case VALUE_ATOM:
    case VALUE_TERM:
        return read_data(reader, tag);
    case VALUE_BYTES_PART:
    case VALUE_STR_PART:
    case VALUE_BYTEARRAY_PART:
        return read_data_part(source, reader, tag);
    case VALUE_PID_REQUEST:
        return read_pid_request(reader);
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATETIME:
    case VALUE_DATETIME_UTC:
    case VALUE_DECIMAL:
        return value_object_unpack(interpreter->value, tag, reader);
    case VALUE_TIMEDELTA:
    case VALUE_TIMEZONE:
    case VALUE_ZONEINFO:
    case VALUE_AWARE:
        return value_zone_unpack(interpreter->value, tag, reader);
    case VALUE_BUFFER:
        return read_buffer(interpreter, source, reader);
    case VALUE_PACKED:
        return read_packed(interpreter, source, reader);
    case VALUE_GLOBAL:
        return read_global(interpreter, reader);
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_DICT:
    case VALUE_SET:
    case VALUE_FROZENSET:
    case VALUE_DATETIME_ZONED:
    case VALUE_OBJECT:
    case VALUE_NESTED:
    case VALUE_SHARED:
    case VALUE_RECURSIVE:
    case VALUE_BACK:
    case VALUE_TAG_COUNT:
        break;
    }
    return value_malformed();
}
