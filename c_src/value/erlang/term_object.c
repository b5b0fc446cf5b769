#include "value/erlang/term_object.h"

#include "base/term.h"
#include "value/erlang/builder.h"
#include "value/erlang/struct.h"

#include <stdlib.h>

/* An object takes along what it refers to, so many objects that share much would become large:
 * so many bytes more than the message may they have together. */
static const size_t EXTRACTED_MAX = (size_t)1 << 26;

static const char *const malformed = "malformed packed value";
static const char *const no_memory = "out of memory";

static bool find_place(void *context, size_t index, struct value_place *place) {
    const struct value_builder *self = context;
    if (index >= self->numbers_count - self->base)
        return false;
    *place = self->numbers[self->base + index].place;
    place->open = self->numbers[self->base + index].state == VALUE_OPEN;
    return true;
}

static const char *tell_place(void *context, struct value_place place) {
    return value_builder_number(context,
                                (struct value_numbered){.state = VALUE_IN_OBJECT, .place = place});
}

static struct value_message message_of(struct value_builder *self) {
    return (struct value_message){
        .end = self->reader.end, .range = self->source.range, .context = self, .find = find_place};
}

static const char *extract(struct value_builder *self, struct value_place place, bool shared,
                           struct value_extracted *out) {
    struct value_message message = message_of(self);
    size_t left = EXTRACTED_MAX + self->source.payload->length - self->extracted;
    const char *error = value_walk_extract(&message, place, shared, left, out);
    self->extracted += out->bytes.length;
    if (error == NULL && self->extracted > EXTRACTED_MAX + self->source.payload->length)
        error = "the value shares too many of its parts: taken apart it would be enormous";
    return error;
}

/* The payload that an object of its own has. */
static ERL_NIF_TERM payload_of(const struct value_builder *self,
                               const struct value_extracted *from) {
    ERL_NIF_TERM bytes = term_binary(self->env, from->bytes.bytes, from->bytes.length);
    if (from->count == 0)
        return bytes;
    ERL_NIF_TERM list = enif_make_list(self->env, 0);
    for (size_t i = from->count; i-- > 0;)
        list = enif_make_list_cell(self->env, self->source.terms[from->parts[i]], list);
    return enif_make_list_cell(self->env, bytes, list);
}

const char *value_term_object(struct value_builder *self, bool shared, bool recursive,
                              ERL_NIF_TERM *term, size_t *words) {
    struct value_place place = value_builder_place(self);
    struct value_reader type_reader = self->reader;
    struct value_extracted extracted = {0};
    struct value_slice type;
    const unsigned char *bytes;
    size_t before = self->numbers_count;
    struct value_message message = message_of(self);
    if (!value_read_data(&type_reader, &bytes, &type.length) || !value_is_utf8(bytes, type.length))
        return malformed;
    type.bytes = bytes;
    if (recursive)
        place.node--;
    self->reader.at = place.node;
    const char *error = value_walk_skip(&message, &self->reader, shared, place.first, tell_place);
    if (error == NULL)
        error = extract(self, place, shared, &extracted);
    if (error == NULL)
        *term = value_struct_object(self->env, type, (struct value_slice){"", 0},
                                    payload_of(self, &extracted));
    value_walk_free(&extracted);
    *words = 2 * VALUE_LEAF_WORDS;
    for (size_t i = before; error == NULL && i < self->numbers_count; i++) {
        struct value_numbered *own = &self->numbers[i];
        if (own->place.node != place.node)
            continue;
        own->term = *term;
        own->words = *words;
        own->state = VALUE_COMPLETE;
    }
    return error;
}

const char *value_term_unfold(struct value_builder *self, size_t index) {
    struct value_copy *copy = calloc(1, sizeof *copy);
    if (copy == NULL)
        return no_memory;
    copy->next = self->copies;
    self->copies = copy;
    const char *error = extract(self, self->numbers[index].place, true, &copy->extracted);
    if (error != NULL)
        return error;
    const struct value_extracted *from = &copy->extracted;
    struct value_nested nested = {.bytes = from->bytes.bytes, .length = from->bytes.length};
    nested.range = (struct value_parts_range){.first = self->source.count, .count = from->count};
    if (from->count > 0) {
        size_t count = self->source.count + from->count;
        ERL_NIF_TERM *terms = realloc(self->source.terms, count * sizeof *terms);
        if (terms == NULL)
            return no_memory;
        for (size_t i = 0; i < from->count; i++)
            terms[self->source.count + i] = terms[from->parts[i]];
        self->source.terms = terms;
        self->source.count = count;
    }
    return value_builder_enter(self, &nested, self->reader.at, index);
}

void value_term_free_copies(struct value_builder *self) {
    while (self->copies != NULL) {
        struct value_copy *copy = self->copies;
        self->copies = copy->next;
        value_walk_free(&copy->extracted);
        free(copy);
    }
}
