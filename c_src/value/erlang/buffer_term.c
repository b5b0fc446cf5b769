#include "value/erlang/buffer_term.h"

#include "base/term.h"
#include "value/erlang/struct.h"

#include <stdio.h>
#include <string.h>

/* Formats by the names that numpy and others have for them. What is not in here is written as it
 * is. Little-endian, as all machines are that this runs on. */
static const struct {
    const char *name, *numpy, *python;
    unsigned itemsize;
} formats[] = {
    {"bool", "|b1", "?", 1},          {"int8", "|i1", "b", 1},    {"uint8", "|u1", "B", 1},
    {"int16", "<i2", "h", 2},         {"uint16", "<u2", "H", 2},  {"int32", "<i4", "i", 4},
    {"uint32", "<u4", "I", 4},        {"int64", "<i8", "q", 8},   {"uint64", "<u8", "Q", 8},
    {"int64", "<i8", "l", 8},         {"uint64", "<u8", "L", 8},  {"float16", "<f2", "e", 2},
    {"float32", "<f4", "f", 4},       {"float64", "<f8", "d", 8}, {"complex64", "<c8", NULL, 8},
    {"complex128", "<c16", NULL, 16},
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

static const char *const types[VALUE_BUFFER_KINDS] = {[VALUE_BUFFER_NUMPY] = "numpy.ndarray",
                                                      [VALUE_BUFFER_VIEW] = "memoryview",
                                                      [VALUE_BUFFER_ARRAY] = "array.array",
                                                      [VALUE_BUFFER_PLAIN] = ""};

/* ---- building ------------------------------------------------------------------ */

static bool is_text(const char *text, const void *bytes, size_t length) {
    return text != NULL && strlen(text) == length && memcmp(text, bytes, length) == 0;
}

static ERL_NIF_TERM make_dtype(ErlNifEnv *env, const struct value_buffer_head *head) {
    bool numpy = head->kind == VALUE_BUFFER_NUMPY;
    for (size_t i = 0; i < FORMATS; i++)
        if (is_text(numpy ? formats[i].numpy : formats[i].python, head->format,
                    head->format_length))
            return term_text(env, formats[i].name);
    return term_binary(env, head->format, head->format_length);
}

ERL_NIF_TERM value_buffer_term(ErlNifEnv *env, const struct value_buffer_head *head,
                               ERL_NIF_TERM data) {
    ERL_NIF_TERM shape[VALUE_BUFFER_DIMENSIONS_MAX];
    for (size_t i = 0; i < head->ndim; i++)
        shape[i] = enif_make_uint64(env, head->shape[i]);
    const ERL_NIF_TERM pairs[][2] = {
        {value_atoms.struct_, value_atoms.buffer},
        {value_atoms.type, term_text(env, types[head->kind])},
        {value_atoms.dtype, make_dtype(env, head)},
        {value_atoms.shape, enif_make_tuple_from_array(env, shape, (unsigned)head->ndim)},
        {value_atoms.order, head->columns ? value_atoms.column : value_atoms.row},
        {value_atoms.data, data}};
    return value_struct_map(env, pairs, 6);
}

/* ---- taking apart ----------------------------------------------------------------- */

static _Thread_local char message[160];

static bool get_binary(ErlNifEnv *env, ERL_NIF_TERM map, ERL_NIF_TERM key, ErlNifBinary *binary) {
    ERL_NIF_TERM value;
    return enif_get_map_value(env, map, key, &value) && enif_inspect_binary(env, value, binary);
}

static bool parse_kind(ErlNifEnv *env, ERL_NIF_TERM map, struct value_buffer_head *head) {
    ErlNifBinary type;
    if (!get_binary(env, map, value_atoms.type, &type))
        return false;
    for (int kind = 0; kind < VALUE_BUFFER_PLAIN; kind++) {
        if (is_text(types[kind], type.data, type.size)) {
            head->kind = (enum value_buffer_kind)kind;
            return true;
        }
    }
    return false;
}

static bool parse_shape(ErlNifEnv *env, ERL_NIF_TERM map, struct value_buffer_head *head) {
    ERL_NIF_TERM shape;
    const ERL_NIF_TERM *sizes;
    int arity;
    if (!enif_get_map_value(env, map, value_atoms.shape, &shape) ||
        !enif_get_tuple(env, shape, &arity, &sizes) || arity > VALUE_BUFFER_DIMENSIONS_MAX)
        return false;
    head->ndim = (size_t)arity;
    for (int i = 0; i < arity; i++) {
        ErlNifUInt64 size;
        if (!enif_get_uint64(env, sizes[i], &size))
            return false;
        head->shape[i] = size;
    }
    return true;
}

/* 0: it is the format that it says, of items that are as large as the data makes them. */
static void parse_format(const ErlNifBinary *dtype, struct value_buffer_head *head,
                         size_t data_size) {
    bool numpy = head->kind == VALUE_BUFFER_NUMPY;
    uint64_t items = 1;
    head->format = dtype->data;
    head->format_length = dtype->size;
    for (size_t i = 0; i < head->ndim; i++)
        items *= head->shape[i] > data_size ? 0 : head->shape[i]; /* wrong then anyway */
    head->itemsize = items > 0 && data_size % items == 0 ? data_size / items : 0;
    for (size_t i = 0; i < FORMATS; i++) {
        const char *format = numpy ? formats[i].numpy : formats[i].python;
        if (format != NULL && is_text(formats[i].name, dtype->data, dtype->size)) {
            head->format = (const unsigned char *)format;
            head->format_length = strlen(format);
            head->itemsize = formats[i].itemsize;
            return;
        }
    }
}

const char *value_buffer_parse(ErlNifEnv *env, ERL_NIF_TERM map, struct value_buffer_head *head,
                               ERL_NIF_TERM *data) {
    ErlNifBinary dtype, bytes;
    ERL_NIF_TERM order;
    uint64_t size;
    *head = (struct value_buffer_head){0};
    if (!parse_kind(env, map, head))
        return "the :type of a Rebeam.Buffer is \"numpy.ndarray\", \"memoryview\" or "
               "\"array.array\"";
    if (!parse_shape(env, map, head))
        return "the :shape of a Rebeam.Buffer is a tuple of at most 64 sizes";
    if (!enif_get_map_value(env, map, value_atoms.order, &order) ||
        (order != value_atoms.row && order != value_atoms.column))
        return "the :order of a Rebeam.Buffer is :row or :column";
    head->columns = order == value_atoms.column;
    if (!enif_get_map_value(env, map, value_atoms.data, data) ||
        !enif_inspect_binary(env, *data, &bytes))
        return "the :data of a Rebeam.Buffer is a binary";
    if (head->columns && head->kind != VALUE_BUFFER_NUMPY)
        return "the :order of a Rebeam.Buffer is :column for a \"numpy.ndarray\" alone";
    if (head->kind == VALUE_BUFFER_ARRAY && head->ndim != 1)
        return "the :shape of a Rebeam.Buffer of type \"array.array\" is one size";
    if (!get_binary(env, map, value_atoms.dtype, &dtype) || dtype.size == 0 ||
        dtype.size > VALUE_BUFFER_FORMAT_MAX || !value_is_utf8(dtype.data, dtype.size) ||
        memchr(dtype.data, '\0', dtype.size) != NULL)
        return "the :dtype of a Rebeam.Buffer is a text such as \"float64\"";
    parse_format(&dtype, head, bytes.size);
    if (value_buffer_size(head, &size) && size == bytes.size)
        return NULL;
    snprintf(message, sizeof message,
             "the :data of a Rebeam.Buffer has %zu bytes, which is not what its :dtype and :shape "
             "take",
             bytes.size);
    return message;
}
