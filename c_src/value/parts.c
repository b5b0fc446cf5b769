#include "value/parts.h"

#include "base/term.h"

#include <stdlib.h>

bool value_parts_add(struct value_packed *self, struct memory_part part) {
    if (self->count == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 4;
        struct memory_part *grown = realloc(self->parts, capacity * sizeof *grown);
        if (grown == NULL) {
            memory_release(part.memory);
            return false;
        }
        self->parts = grown;
        self->capacity = capacity;
    }
    self->parts[self->count++] = part;
    self->size += part.size;
    return true;
}

void value_parts_drop(struct value_packed *self) {
    while (self->count > 0)
        memory_release(self->parts[--self->count].memory);
    self->size = 0;
}

void value_parts_free(struct value_packed *self) {
    value_parts_drop(self);
    free(self->parts);
    buffer_free(&self->bytes);
    *self = (struct value_packed){0};
}

ERL_NIF_TERM value_parts_term(ErlNifEnv *env, const struct value_packed *self) {
    ERL_NIF_TERM bytes = term_binary(env, self->bytes.bytes, self->bytes.length);
    if (self->count == 0)
        return bytes;
    ERL_NIF_TERM list = enif_make_list(env, 0);
    for (size_t i = self->count; i-- > 0;)
        list = enif_make_list_cell(env, memory_term(env, &self->parts[i]), list);
    return enif_make_list_cell(env, bytes, list);
}

bool value_parts_inspect(ErlNifEnv *env, ERL_NIF_TERM term, struct value_payload *out) {
    ERL_NIF_TERM head = term, rest = 0, part, binary;
    ErlNifBinary bytes;
    if (enif_is_list(env, term) && !enif_get_list_cell(env, term, &head, &rest))
        return false;
    if (!enif_inspect_binary(env, head, &bytes))
        return false;
    *out =
        (struct value_payload){.bytes = bytes.data, .length = bytes.size, .env = env, .list = rest};
    if (rest == 0)
        return true;
    while (enif_get_list_cell(env, rest, &part, &rest))
        if (!memory_inspect(env, part, &binary))
            return false;
    return enif_is_empty_list(env, rest);
}

bool value_parts_open(struct value_source *self, const struct value_payload *payload) {
    unsigned length = 0;
    ERL_NIF_TERM rest = payload->list;
    *self = (struct value_source){.payload = payload, .count = payload->count};
    if (payload->list != 0 && enif_get_list_length(payload->env, rest, &length) && length > 0) {
        self->terms = malloc(length * sizeof *self->terms);
        if (self->terms == NULL)
            return false;
        for (unsigned i = 0; i < length; i++)
            enif_get_list_cell(payload->env, rest, &self->terms[i], &rest);
        self->count = length;
    }
    self->range.count = self->count;
    return true;
}

void value_parts_close(struct value_source *self) {
    free(self->terms);
}
