/* bytes -> Erlang term, for the values that contain no others. */
#include "value/erlang/leaf.h"

#include "base/external.h"
#include "base/term.h"
#include "value/erlang/buffer_term.h"
#include "value/erlang/struct.h"
#include "value/zone.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ATOM_CHARACTERS_MAX = 255 };

static const char *const malformed = "malformed packed value";
static const char *const no_memory = "out of memory";

/* Texts that name something live here until the thread's next conversion. */
static _Thread_local char message[ATOM_CHARACTERS_MAX * 4 + 64];

/* What is being read. */
struct leaf {
    ErlNifEnv *env;
    const struct value_source *source;
    struct value_reader *reader;
    const unsigned char *node; /* where its tag is */
};

/* ---- leaves ----------------------------------------------------------- */

static struct value_slice slice(const void *bytes, size_t length) {
    return (struct value_slice){bytes, length};
}

/* The value as a whole, from its tag on. */
static ERL_NIF_TERM make_object(const struct leaf *self, const char *type,
                                struct value_slice text) {
    ERL_NIF_TERM data =
        value_struct_message(self->env, slice(self->node, (size_t)(self->reader->at - self->node)));
    return value_struct_object(self->env, slice(type, strlen(type)), text, data);
}

static const char *read_int(const struct leaf *self, ERL_NIF_TERM *term) {
    int64_t value;
    if (!value_read_int(self->reader, &value))
        return malformed;
    *term = enif_make_int64(self->env, value);
    return NULL;
}

/* By way of the external format: nothing else takes big numbers into the VM. */
static const char *read_big(const struct leaf *self, ERL_NIF_TERM *term) {
    uint8_t negative;
    const unsigned char *bytes;
    size_t length;
    struct buffer external = {0};
    if (!value_read_byte(self->reader, &negative) || negative > 1 ||
        !value_read_data(self->reader, &bytes, &length))
        return malformed;
    while (length > 0 && bytes[length - 1] == 0)
        length--;
    if (length > UINT32_MAX)
        return "an integer is too large for Erlang";
    const unsigned char head[] = {EXTERNAL_VERSION,
                                  EXTERNAL_LARGE_BIG,
                                  (unsigned char)(length >> 24),
                                  (unsigned char)(length >> 16),
                                  (unsigned char)(length >> 8),
                                  (unsigned char)length,
                                  negative};
    const char *error = NULL;
    if (!buffer_append(&external, head, sizeof head) || !buffer_append(&external, bytes, length))
        error = no_memory;
    else if (enif_binary_to_term(self->env, external.bytes, external.length, term, 0) == 0)
        error = "an integer is too large for Erlang";
    buffer_free(&external);
    return error;
}

static const char *read_float(const struct leaf *self, ERL_NIF_TERM *term) {
    double value;
    if (!value_read_float(self->reader, &value))
        return malformed;
    if (isfinite(value)) {
        *term = enif_make_double(self->env, value);
    } else {
        const char *text = isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
        *term = make_object(self, "builtins.float", slice(text, strlen(text)));
    }
    return NULL;
}

static const char *read_text(const struct leaf *self, ERL_NIF_TERM *term) {
    const unsigned char *bytes;
    size_t length;
    if (!value_read_data(self->reader, &bytes, &length) || !value_is_utf8(bytes, length))
        return malformed;
    unsigned char *text = enif_make_new_binary(self->env, length, term);
    if (length > 0)
        memcpy(text, bytes, length);
    return NULL;
}

/* Erlang text is UTF-8, which lone surrogates are not: they show as U+FFFD, which is as long. */
static const char *read_surrogates(const struct leaf *self, ERL_NIF_TERM *term) {
    const unsigned char *bytes;
    size_t length;
    if (!value_read_data(self->reader, &bytes, &length))
        return malformed;
    unsigned char *text = malloc(length + 1);
    if (text == NULL)
        return no_memory;
    memcpy(text, bytes, length);
    for (size_t i = 0; i + 2 < length; i++)
        if (text[i] == 0xed && text[i + 1] >= 0xa0)
            memcpy(text + i, "\xef\xbf\xbd", 3);
    if (value_is_utf8(text, length))
        *term = make_object(self, "builtins.str", slice(text, length));
    else
        *term = 0;
    free(text);
    return *term ? NULL : malformed;
}

static const char *read_bytes(const struct leaf *self, ERL_NIF_TERM *term) {
    const unsigned char *bytes;
    size_t length;
    if (!value_read_data(self->reader, &bytes, &length))
        return malformed;
    *term = value_struct_bytes(self->env, term_binary(self->env, bytes, length));
    return NULL;
}

bool value_leaf_part(const struct value_source *source, uint64_t index, ERL_NIF_TERM *term) {
    if (source->terms == NULL || index >= source->range.count)
        return false;
    *term = source->terms[source->range.first + (size_t)index];
    return true;
}

/* BYTES_PART, STR_PART, BYTEARRAY_PART: nothing is copied. */
static const char *read_part(const struct leaf *self, enum value_tag tag, ERL_NIF_TERM *term) {
    uint64_t index;
    ERL_NIF_TERM part, binary;
    ErlNifBinary text;
    if (!value_read_varint(self->reader, &index) || !value_leaf_part(self->source, index, &part) ||
        !memory_inspect(self->env, part, &binary))
        return malformed;
    if (tag == VALUE_BYTES_PART) {
        *term = value_struct_bytes(self->env, binary);
    } else if (tag == VALUE_STR_PART) {
        if (!enif_inspect_binary(self->env, binary, &text) || !value_is_utf8(text.data, text.size))
            return malformed;
        *term = binary;
    } else {
        const unsigned char node[] = {VALUE_BYTEARRAY_PART, 0};
        ERL_NIF_TERM data = value_struct_message(self->env, slice(node, sizeof node));
        data = enif_make_list2(self->env, data, part);
        *term =
            value_struct_object(self->env, slice("builtins.bytearray", 18), slice(NULL, 0), data);
    }
    return NULL;
}

/* BYTES or BYTES_PART after the head of a BUFFER. */
static const char *read_buffer(const struct leaf *self, ERL_NIF_TERM *term) {
    struct value_buffer_head head;
    enum value_tag tag;
    const unsigned char *bytes;
    ErlNifBinary inspected;
    ERL_NIF_TERM data, part;
    uint64_t index, size;
    size_t length;
    if (!value_buffer_read(self->reader, &head) ||
        !value_is_utf8(head.format, head.format_length) || !value_buffer_size(&head, &size) ||
        !value_read_tag(self->reader, &tag))
        return malformed;
    if (tag == VALUE_BYTES) {
        if (!value_read_data(self->reader, &bytes, &length))
            return malformed;
        data = term_binary(self->env, bytes, length);
    } else if (tag != VALUE_BYTES_PART || !value_read_varint(self->reader, &index) ||
               !value_leaf_part(self->source, index, &part) ||
               !memory_inspect(self->env, part, &data)) {
        return malformed;
    }
    if (!enif_inspect_binary(self->env, data, &inspected) || inspected.size != size)
        return malformed;
    *term = head.kind == VALUE_BUFFER_PLAIN ? value_struct_bytes(self->env, data)
                                            : value_buffer_term(self->env, &head, data);
    return NULL;
}

/* %Rebeam.Packed{}: the payload that it is, with the parts that it has. */
static const char *read_packed(const struct leaf *self, ERL_NIF_TERM *term) {
    struct value_nested nested;
    if (!value_nested_read(self->reader, &self->source->range, &nested))
        return malformed;
    ERL_NIF_TERM payload = term_binary(self->env, nested.bytes, nested.length);
    if (nested.range.count > 0) {
        ERL_NIF_TERM list = enif_make_list_from_array(
            self->env, self->source->terms + nested.range.first, (unsigned)nested.range.count);
        payload = enif_make_list_cell(self->env, payload, list);
    }
    *term = value_struct_packed(self->env, payload);
    return NULL;
}

/* A class or function: it is its name. */
static const char *read_global(const struct leaf *self, ERL_NIF_TERM *term) {
    static const char *const types[] = {[VALUE_GLOBAL_CLASS] = "type",
                                        [VALUE_GLOBAL_FUNCTION] = "function",
                                        [VALUE_GLOBAL_OTHER] = "object"};
    uint8_t kind;
    const unsigned char *module, *name;
    size_t module_length, name_length;
    struct buffer text = {0};
    if (!value_read_byte(self->reader, &kind) || kind >= VALUE_GLOBAL_KINDS ||
        !value_read_data(self->reader, &module, &module_length) ||
        !value_read_data(self->reader, &name, &name_length) ||
        !value_is_utf8(module, module_length) || !value_is_utf8(name, name_length))
        return malformed;
    bool ok = buffer_append(&text, module, module_length) && buffer_append_byte(&text, '.') &&
              buffer_append(&text, name, name_length);
    if (ok)
        *term = make_object(self, types[kind], slice(text.bytes, text.length));
    buffer_free(&text);
    return ok ? NULL : no_memory;
}

static const char *read_clock(const struct leaf *self, enum value_tag tag, ERL_NIF_TERM *term) {
    const unsigned char *bytes;
    struct value_clock clock;
    size_t size = tag == VALUE_DATE   ? VALUE_DATE_SIZE
                  : tag == VALUE_TIME ? VALUE_TIME_SIZE
                                      : VALUE_DATETIME_SIZE;
    if (!value_read_fixed(self->reader, size, &bytes) || !value_clock_read(bytes, size, &clock))
        return malformed;
    *term = value_struct_clock(self->env, tag, &clock);
    return NULL;
}

static const char *read_span(const struct leaf *self, ERL_NIF_TERM *term) {
    struct value_span span;
    char text[VALUE_ZONE_TEXT_MAX];
    if (!value_span_read(self->reader, &span))
        return malformed;
    *term = make_object(self, "datetime.timedelta", slice(text, value_span_text(&span, text)));
    return NULL;
}

/* A TIMEZONE without a name is its offset. */
static const char *read_zone(const struct leaf *self, enum value_tag tag, ERL_NIF_TERM *term) {
    struct value_zone zone;
    char text[VALUE_ZONE_TEXT_MAX] = "UTC";
    if (!value_zone_read(self->reader, tag, &zone))
        return malformed;
    struct value_slice shown = slice(zone.text, zone.length);
    if (tag == VALUE_TIMEZONE && !zone.marked)
        shown = slice(text, zone.offset ? value_offset_text("UTC", zone.offset, text) : 3);
    *term =
        make_object(self, tag == VALUE_TIMEZONE ? "datetime.timezone" : "zoneinfo.ZoneInfo", shown);
    return NULL;
}

static const char *read_aware(const struct leaf *self, ERL_NIF_TERM *term) {
    struct value_aware aware;
    struct buffer text = {0};
    char clock[VALUE_ZONE_TEXT_MAX];
    if (!value_aware_read(self->reader, &aware))
        return malformed;
    bool ok = buffer_append(&text, clock, value_aware_text(&aware, clock));
    if (aware.zone.tag == VALUE_ZONEINFO)
        ok = ok && buffer_append(&text, aware.zone.text, aware.zone.length);
    if (ok)
        *term =
            make_object(self, aware.size == VALUE_TIME_SIZE ? "datetime.time" : "datetime.datetime",
                        slice(text.bytes, text.length));
    buffer_free(&text);
    return ok ? NULL : no_memory;
}

/* DECIMAL: a text. BYTEARRAY: data. */
static const char *read_object(const struct leaf *self, enum value_tag tag, ERL_NIF_TERM *term) {
    const unsigned char *bytes;
    size_t length;
    if (!value_read_data(self->reader, &bytes, &length))
        return malformed;
    if (tag == VALUE_BYTEARRAY) {
        *term = make_object(self, "builtins.bytearray", slice(NULL, 0));
        return NULL;
    }
    if (!value_is_utf8(bytes, length))
        return malformed;
    *term = make_object(self, "decimal.Decimal", slice(bytes, length));
    return NULL;
}

/* ---- names ------------------------------------------------------------ */

static bool is_ascii(const unsigned char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (text[i] >= 0x80)
            return false;
    return true;
}

/* Looks an atom up without making it. In the external format its text is UTF-8. */
static bool existing_atom(ErlNifEnv *env, const unsigned char *text, size_t length,
                          ERL_NIF_TERM *term) {
    unsigned char external[4 + ATOM_CHARACTERS_MAX * 4] = {
        EXTERNAL_VERSION, EXTERNAL_LONG_ATOM, (unsigned char)(length >> 8), (unsigned char)length};
    if (is_ascii(text, length))
        return enif_make_existing_atom_len(env, (const char *)text, length, term, ERL_NIF_LATIN1);
    memcpy(external + 4, text, length);
    return enif_binary_to_term(env, external, 4 + length, term, ERL_NIF_BIN2TERM_SAFE) != 0;
}

static const char *read_atom(const struct leaf *self, ERL_NIF_TERM *term) {
    const unsigned char *text;
    size_t length;
    if (!value_read_data(self->reader, &text, &length) ||
        length > (size_t)ATOM_CHARACTERS_MAX * 4 || !value_is_utf8(text, length))
        return malformed;
    if (existing_atom(self->env, text, length, term))
        return NULL;
    snprintf(message, sizeof message, "no atom '%.*s' exists in this Erlang VM", (int)length,
             (const char *)text);
    return message;
}

/* In a message a pid or reference may name a node that is new here, as in any message of Erlang's;
 * nothing else makes atoms. */
static const char *read_external(const struct leaf *self, enum value_tag tag, ERL_NIF_TERM *term) {
    const unsigned char *bytes;
    size_t length;
    bool safe = tag == VALUE_TERM || self->source->payload->foreign;
    unsigned kind = tag == VALUE_PID ? EXTERNAL_PID : EXTERNAL_REFERENCE;
    if (!value_read_data(self->reader, &bytes, &length) || length < 2)
        return malformed;
    if (tag != VALUE_TERM && bytes[1] != kind)
        return malformed;
    if (enif_binary_to_term(self->env, bytes, length, term, safe ? ERL_NIF_BIN2TERM_SAFE : 0) !=
        length)
        return tag == VALUE_TERM ? "a rebeam.Term has atoms or functions that this VM lacks"
               : safe            ? "malformed, or of a node that this Erlang VM has not heard of"
                                 : malformed;
    return NULL;
}

/* The request is for Python's `reply` alone. */
static const char *read_pid_request(const struct leaf *self, ERL_NIF_TERM *term) {
    const unsigned char *request;
    size_t length;
    const char *error = read_external(self, VALUE_PID, term);
    if (error == NULL && !value_read_data(self->reader, &request, &length))
        error = malformed;
    return error;
}

/* ---- all of them ------------------------------------------------------ */

const char *value_leaf_read(ErlNifEnv *env, const struct value_source *source,
                            struct value_reader *reader, enum value_tag tag, ERL_NIF_TERM *term) {
    const struct leaf self = {
        .env = env, .source = source, .reader = reader, .node = reader->at - 1};
    switch (tag) {
    case VALUE_NONE:
        *term = value_atoms.nil;
        return NULL;
    case VALUE_TRUE:
        *term = value_atoms.true_;
        return NULL;
    case VALUE_FALSE:
        *term = value_atoms.false_;
        return NULL;
    case VALUE_INT:
        return read_int(&self, term);
    case VALUE_BIGINT:
        return read_big(&self, term);
    case VALUE_FLOAT:
        return read_float(&self, term);
    case VALUE_STR:
        return read_text(&self, term);
    case VALUE_STR_SURROGATES:
        return read_surrogates(&self, term);
    case VALUE_BYTES:
        return read_bytes(&self, term);
    case VALUE_BYTEARRAY:
    case VALUE_DECIMAL:
        return read_object(&self, tag, term);
    case VALUE_BYTES_PART:
    case VALUE_STR_PART:
    case VALUE_BYTEARRAY_PART:
        return read_part(&self, tag, term);
    case VALUE_BUFFER:
        return read_buffer(&self, term);
    case VALUE_PACKED:
        return read_packed(&self, term);
    case VALUE_GLOBAL:
        return read_global(&self, term);
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATETIME:
    case VALUE_DATETIME_UTC:
        return read_clock(&self, tag, term);
    case VALUE_TIMEDELTA:
        return read_span(&self, term);
    case VALUE_TIMEZONE:
    case VALUE_ZONEINFO:
        return read_zone(&self, tag, term);
    case VALUE_AWARE:
        return read_aware(&self, term);
    case VALUE_PID:
    case VALUE_REFERENCE:
    case VALUE_TERM:
        return read_external(&self, tag, term);
    case VALUE_PID_REQUEST:
        return read_pid_request(&self, term);
    case VALUE_ATOM:
        return read_atom(&self, term);
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
    return malformed;
}
