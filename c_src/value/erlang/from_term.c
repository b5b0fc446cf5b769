/* A loop over frames on the heap: dirty schedulers have small stacks. */
#include "value/erlang/from_term.h"

#include "base/external.h"
#include "value/erlang/buffer_term.h"
#include "value/erlang/struct.h"
#include "value/format.h"
#include "value/parts.h"
#include "value/value.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_FRAMES = 16, ATOM_TEXT_SIZE = 256 };

const char *const value_too_large = "the value is larger than the limit given";
static const char *const no_memory = "out of memory";
static const char *const flat_parts =
    "an object that shares memory with Python cannot be packed into one binary";

/* A list, tuple or map of which some parts are written. */
struct frame {
    enum { LIST, TUPLE, MAP, KEYS } kind;
    bool as_key; /* parts must be hashable in Python */
    bool value_next;
    union {
        ERL_NIF_TERM list; /* the rest */
        struct {
            const ERL_NIF_TERM *parts;
            int left;
        } tuple;
        ErlNifMapIterator map;
    } at;
};

struct writer {
    ErlNifEnv *env;
    struct value_of_term *result;
    struct buffer *out; /* its bytes */
    struct frame *frames, first[FIRST_FRAMES];
    size_t capacity, depth;
    size_t limit; /* of out->length */
};

static const char *wrote(bool ok) {
    return ok ? NULL : no_memory;
}

/* ---- leaves ----------------------------------------------------------- */

/* Appends `term` in external format after `tag`. */
static const char *put_external(struct writer *self, enum value_tag tag, ERL_NIF_TERM term) {
    ErlNifBinary binary;
    if (!enif_term_to_binary(self->env, term, &binary))
        return no_memory;
    bool ok = value_put_tag(self->out, tag) && value_put_data(self->out, binary.data, binary.size);
    enif_release_binary(&binary);
    return wrote(ok);
}

/* Big numbers have no other way out of the VM than the external format. */
static const char *put_big(struct writer *self, ERL_NIF_TERM term) {
    ErlNifBinary binary;
    if (!enif_term_to_binary(self->env, term, &binary))
        return no_memory;
    size_t header = binary.data[1] == EXTERNAL_SMALL_BIG ? 3 : 6;
    bool ok = value_put_tag(self->out, VALUE_BIGINT) &&
              buffer_append_byte(self->out, binary.data[header]) &&
              value_put_data(self->out, binary.data + header + 1, binary.size - header - 1);
    enif_release_binary(&binary);
    return wrote(ok);
}

static const char *put_integer(struct writer *self, ERL_NIF_TERM term) {
    ErlNifSInt64 number;
    if (!enif_get_int64(self->env, term, &number))
        return put_big(self, term);
    return wrote(value_put_tag_int(self->out, number));
}

static const char *put_float(struct writer *self, ERL_NIF_TERM term) {
    double number = 0;
    enif_get_double(self->env, term, &number);
    return wrote(value_put_tag(self->out, VALUE_FLOAT) && value_put_float(self->out, number));
}

/* An atom beyond Latin-1 has its text as UTF-8 in the external format. */
static const char *put_wide_atom(struct writer *self, ERL_NIF_TERM term) {
    ErlNifBinary binary;
    if (!enif_term_to_binary(self->env, term, &binary))
        return no_memory;
    size_t header = binary.data[1] == EXTERNAL_ATOM ? 3 : 4;
    bool ok = value_put_tag(self->out, VALUE_ATOM) &&
              value_put_data(self->out, binary.data + header, binary.size - header);
    enif_release_binary(&binary);
    return wrote(ok);
}

static const char *put_atom(struct writer *self, ERL_NIF_TERM term) {
    unsigned char latin[ATOM_TEXT_SIZE], text[2 * ATOM_TEXT_SIZE];
    size_t length = 0;
    if (term == value_atoms.nil)
        return wrote(value_put_tag(self->out, VALUE_NONE));
    if (term == value_atoms.true_)
        return wrote(value_put_tag(self->out, VALUE_TRUE));
    if (term == value_atoms.false_)
        return wrote(value_put_tag(self->out, VALUE_FALSE));
    int size = enif_get_atom(self->env, term, (char *)latin, sizeof latin, ERL_NIF_LATIN1);
    if (size == 0)
        return put_wide_atom(self, term);
    for (int i = 0; i < size - 1; i++) {
        if (latin[i] >= 0x80)
            text[length++] = (unsigned char)(0xc0 | latin[i] >> 6);
        text[length++] = latin[i] < 0x80 ? latin[i] : (unsigned char)(0x80 | (latin[i] & 0x3f));
    }
    return wrote(value_put_tag(self->out, VALUE_ATOM) && value_put_data(self->out, text, length));
}

/* A term that goes beside the bytes. */
static bool put_part(struct writer *self, ERL_NIF_TERM part) {
    struct value_of_term *result = self->result;
    if (result->count == result->capacity) {
        size_t capacity = result->capacity ? 2 * result->capacity : 4;
        ERL_NIF_TERM *grown = realloc(result->parts, capacity * sizeof *grown);
        if (grown == NULL)
            return false;
        result->parts = grown;
        result->capacity = capacity;
    }
    result->parts[result->count++] = part;
    return true;
}

/* A run of bytes that Python gets as they are. */
static const char *put_bytes(struct writer *self, enum value_tag tag, ERL_NIF_TERM term) {
    ErlNifBinary binary;
    enif_inspect_binary(self->env, term, &binary);
    if (binary.size >= VALUE_PART_MIN && !self->result->flat) {
        enum value_tag beside = tag == VALUE_STR ? VALUE_STR_PART : VALUE_BYTES_PART;
        return wrote(value_put_tag_count(self->out, beside, self->result->count) &&
                     put_part(self, term));
    }
    if (self->out->length > self->limit || binary.size > self->limit - self->out->length)
        return value_too_large; /* before the time is spent */
    return wrote(value_put_tag(self->out, tag) &&
                 value_put_data(self->out, binary.data, binary.size));
}

static const char *put_bitstring(struct writer *self, ERL_NIF_TERM term) {
    ErlNifBinary binary;
    if (!enif_inspect_binary(self->env, term, &binary))
        return put_external(self, VALUE_TERM, term); /* not a whole number of bytes */
    if (binary.size > self->limit)
        return value_too_large;
    bool text = value_is_utf8(binary.data, binary.size);
    return put_bytes(self, text ? VALUE_STR : VALUE_BYTES, term);
}

/* NESTED or PACKED: a message in the message. */
static const char *put_payload(struct writer *self, enum value_tag tag, ERL_NIF_TERM term) {
    struct value_payload payload;
    ERL_NIF_TERM part, rest;
    unsigned count = 0;
    if (!value_parts_inspect(self->env, term, &payload))
        return "the data of a Rebeam.Object is not what Python made";
    if (payload.list != 0)
        enif_get_list_length(self->env, payload.list, &count);
    if (count > 0 && self->result->flat)
        return flat_parts;
    if (self->out->length > self->limit || payload.length > self->limit - self->out->length)
        return value_too_large;
    bool ok = value_put_tag_count(self->out, tag, self->result->count) &&
              value_put_count(self->out, count) &&
              value_put_data(self->out, payload.bytes, payload.length);
    for (rest = payload.list; ok && count > 0; count--)
        ok = enif_get_list_cell(self->env, rest, &part, &rest) && put_part(self, part);
    return wrote(ok);
}

static const char *put_buffer(struct writer *self, ERL_NIF_TERM term) {
    struct value_buffer_head head;
    ERL_NIF_TERM data;
    const char *error = value_buffer_parse(self->env, term, &head, &data);
    if (error == NULL)
        error = wrote(value_buffer_put(self->out, &head));
    return error ? error : put_bytes(self, VALUE_BYTES, data);
}

/* ---- containers ------------------------------------------------------- */

static const char *push(struct writer *self, struct frame frame) {
    if (self->depth == VALUE_DEPTH_MAX)
        return "the value is nested more than 10000 levels deep";
    if (self->depth == self->capacity &&
        !value_grow((void **)&self->frames, &self->capacity, sizeof frame, self->first))
        return no_memory;
    self->frames[self->depth++] = frame;
    return NULL;
}

/* Python cannot hash a list or a dict: as a key or in a set, it stays an Erlang term. */
static const char *put_list(struct writer *self, ERL_NIF_TERM term, bool as_key) {
    unsigned count;
    if (!enif_get_list_length(self->env, term, &count)) /* improper */
        return put_external(self, VALUE_TERM, term);
    if (as_key)
        return put_external(self, VALUE_TERM, term);
    if (!value_put_tag_count(self->out, VALUE_LIST, count))
        return no_memory;
    return push(self, (struct frame){.kind = LIST, .at.list = term});
}

static const char *put_tuple(struct writer *self, ERL_NIF_TERM term, bool as_key) {
    const ERL_NIF_TERM *parts;
    int count;
    enif_get_tuple(self->env, term, &count, &parts);
    if (!value_put_tag_count(self->out, VALUE_TUPLE, (uint64_t)count))
        return no_memory;
    return push(self, (struct frame){.kind = TUPLE,
                                     .as_key = as_key,
                                     .at.tuple = {.parts = parts, .left = count}});
}

/* The pairs of a map, or the elements of a set, which are a map's keys. */
static const char *put_pairs(struct writer *self, ERL_NIF_TERM map, enum value_tag tag) {
    size_t count;
    struct frame frame = {.kind = tag == VALUE_DICT ? MAP : KEYS, .as_key = true};
    enif_get_map_size(self->env, map, &count);
    if (!value_put_tag_count(self->out, tag, count))
        return no_memory;
    const char *error = push(self, frame);
    if (error == NULL &&
        !enif_map_iterator_create(self->env, map, &self->frames[self->depth - 1].at.map,
                                  ERL_NIF_MAP_ITERATOR_FIRST)) {
        self->depth--;
        return no_memory;
    }
    return error;
}

static const char *put_map(struct writer *self, ERL_NIF_TERM term, bool as_key) {
    ERL_NIF_TERM content;
    enum value_struct_kind kind = value_struct_put(self->env, term, self->out, &content);
    switch (kind) {
    case VALUE_STRUCT_CLOCK:
        return NULL;
    case VALUE_STRUCT_MEMORY:
        return no_memory;
    case VALUE_STRUCT_SET:
        return put_pairs(self, content, as_key ? VALUE_FROZENSET : VALUE_SET);
    case VALUE_STRUCT_BYTES:
        return put_bytes(self, VALUE_BYTES, content);
    case VALUE_STRUCT_OBJECT:
        return put_payload(self, VALUE_NESTED, content);
    case VALUE_STRUCT_PACKED:
        return put_payload(self, VALUE_PACKED, content);
    case VALUE_STRUCT_BUFFER:
        return put_buffer(self, term);
    case VALUE_STRUCT_NONE:
        break;
    }
    return as_key ? put_external(self, VALUE_TERM, term) : put_pairs(self, term, VALUE_DICT);
}

/* ---- one term --------------------------------------------------------- */

static const char *put_term(struct writer *self, ERL_NIF_TERM term, bool as_key) {
    switch (enif_term_type(self->env, term)) {
    case ERL_NIF_TERM_TYPE_ATOM:
        return put_atom(self, term);
    case ERL_NIF_TERM_TYPE_INTEGER:
        return put_integer(self, term);
    case ERL_NIF_TERM_TYPE_FLOAT:
        return put_float(self, term);
    case ERL_NIF_TERM_TYPE_BITSTRING:
        return put_bitstring(self, term);
    case ERL_NIF_TERM_TYPE_LIST:
        return put_list(self, term, as_key);
    case ERL_NIF_TERM_TYPE_TUPLE:
        return put_tuple(self, term, as_key);
    case ERL_NIF_TERM_TYPE_MAP:
        return put_map(self, term, as_key);
    case ERL_NIF_TERM_TYPE_PID:
        return put_external(self, VALUE_PID, term);
    case ERL_NIF_TERM_TYPE_REFERENCE:
        return put_external(self, VALUE_REFERENCE, term);
    case ERL_NIF_TERM_TYPE_FUN:
    case ERL_NIF_TERM_TYPE_PORT:
    case ERL_NIF_TERM_TYPE__MISSING_DEFAULT_CASE__READ_THE_MANUAL:
        break;
    }
    return put_external(self, VALUE_TERM, term);
}

/* The frame's next part; false if there is none. */
static bool next_part(struct writer *self, struct frame *frame, ERL_NIF_TERM *part, bool *as_key) {
    ERL_NIF_TERM value;
    *as_key = frame->as_key;
    switch (frame->kind) {
    case LIST:
        return enif_get_list_cell(self->env, frame->at.list, part, &frame->at.list);
    case TUPLE:
        if (frame->at.tuple.left == 0)
            return false;
        frame->at.tuple.left--;
        *part = *frame->at.tuple.parts++;
        return true;
    case MAP:
    case KEYS:
        if (!enif_map_iterator_get_pair(self->env, &frame->at.map, part, &value))
            return false;
        if (frame->value_next) {
            *part = value;
            *as_key = false;
        }
        if (frame->value_next || frame->kind == KEYS)
            enif_map_iterator_next(self->env, &frame->at.map);
        frame->value_next = frame->kind == MAP && !frame->value_next;
        return true;
    }
    return false;
}

static void pop(struct writer *self) {
    struct frame *frame = &self->frames[--self->depth];
    if (frame->kind == MAP || frame->kind == KEYS)
        enif_map_iterator_destroy(self->env, &frame->at.map);
}

static const char *put_parts(struct writer *self) {
    const char *error = NULL;
    while (error == NULL && self->depth > 0) {
        ERL_NIF_TERM part;
        bool as_key;
        if (self->out->length > self->limit)
            error = value_too_large;
        else if (next_part(self, &self->frames[self->depth - 1], &part, &as_key))
            error = put_term(self, part, as_key);
        else
            pop(self);
    }
    return error;
}

const char *value_from_term(ErlNifEnv *env, ERL_NIF_TERM term, struct value_of_term *out) {
    size_t start = out->bytes.length;
    struct writer self = {.env = env, .result = out, .out = &out->bytes};
    self.limit = out->limit > 0 && out->limit < SIZE_MAX - start ? start + out->limit : SIZE_MAX;
    self.frames = self.first;
    self.capacity = FIRST_FRAMES;
    const char *error = wrote(buffer_append_byte(self.out, VALUE_VERSION));
    if (error == NULL)
        error = put_term(&self, term, false);
    if (error == NULL)
        error = put_parts(&self);
    while (self.depth > 0)
        pop(&self);
    if (self.frames != self.first)
        free(self.frames);
    if (error != NULL)
        out->bytes.length = start;
    return error;
}

void value_of_term_free(struct value_of_term *self) {
    buffer_free(&self->bytes);
    free(self->parts);
    *self = (struct value_of_term){0};
}
