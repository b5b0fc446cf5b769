/* A loop over frames on the heap: dirty schedulers have small stacks. */
#include "value/erlang/term.h"

#include "value/erlang/builder.h"
#include "value/erlang/leaf.h"
#include "value/erlang/struct.h"
#include "value/erlang/term_object.h"
#include "value/format.h"

#include <limits.h>
#include <stdlib.h>

enum { TUPLE_SIZE_MAX = 0xffffff };

/* A term repeats what is shared when it is sent or stored, so a small message could
 * become an enormous one: so many words may be repetition. */
static const size_t REPEATED_WORDS_MAX = (size_t)1 << 24;

static const char *const malformed = "malformed packed value";
static const char *const no_memory = "out of memory";

/* ---- numbers ---------------------------------------------------------- */

static const char *read_back(struct value_builder *self, ERL_NIF_TERM *term, size_t *words) {
    uint64_t index;
    if (!value_read_varint(&self->reader, &index) || index >= self->numbers_count - self->base)
        return malformed;
    const struct value_numbered *found = &self->numbers[self->base + (size_t)index];
    if (found->state == VALUE_OPEN)
        return value_walk_cyclic;
    if (found->state == VALUE_IN_OBJECT)
        return value_term_unfold(self, self->base + (size_t)index);
    self->repeated += found->words;
    if (self->repeated > REPEATED_WORDS_MAX)
        return "the value shares too many of its parts: as an Erlang term it would be enormous";
    *term = found->term;
    *words = found->words;
    return NULL;
}

/* ---- containers ------------------------------------------------------- */

static const char *read_container(struct value_builder *self, enum value_tag tag, bool shared) {
    size_t count;
    struct value_frame frame = {.tag = tag,
                                .number = VALUE_NOT_NUMBERED,
                                .shared = shared,
                                .place = value_builder_place(self)};
    if (!value_read_count(&self->reader, tag == VALUE_DICT ? 2 : 1, &count) || count > UINT_MAX)
        return malformed;
    if (tag == VALUE_TUPLE && count > TUPLE_SIZE_MAX)
        return "a tuple is too long for Erlang";
    frame.left = tag == VALUE_DICT ? 2 * count : count;
    if (shared && (tag == VALUE_LIST || tag == VALUE_DICT || tag == VALUE_SET)) {
        frame.shared = false;
        frame.number = self->numbers_count;
        if (value_builder_number(
                self, (struct value_numbered){.state = VALUE_OPEN, .place = frame.place}) != NULL)
            return no_memory;
    }
    return value_builder_push(self, frame);
}

static const char *read_nested(struct value_builder *self) {
    struct value_nested nested;
    if (!value_nested_read(&self->reader, &self->source.range, &nested))
        return malformed;
    return value_builder_enter(self, &nested, self->reader.at, VALUE_NOT_NUMBERED);
}

/* ---- dates with a zone ------------------------------------------------- */

/* What comes before the tzinfo of a DATETIME_ZONED. */
struct zoned {
    struct value_clock clock;
    int64_t offset, dst;
    struct value_slice zone, abbreviation;
};

static bool parse_zoned(struct value_reader *reader, struct zoned *zoned) {
    const int64_t day = 86400;
    const unsigned char *bytes, *zone, *abbreviation;
    return value_read_fixed(reader, VALUE_DATETIME_SIZE, &bytes) &&
           value_clock_read(bytes, VALUE_DATETIME_SIZE, &zoned->clock) &&
           value_read_int(reader, &zoned->offset) && value_read_int(reader, &zoned->dst) &&
           value_read_data(reader, &zone, &zoned->zone.length) &&
           value_read_data(reader, &abbreviation, &zoned->abbreviation.length) &&
           (zoned->zone.bytes = zone, zoned->abbreviation.bytes = abbreviation, true) &&
           value_is_utf8(zone, zoned->zone.length) &&
           value_is_utf8(abbreviation, zoned->abbreviation.length) && -day < zoned->offset &&
           zoned->offset < day && -day < zoned->dst && zoned->dst < day;
}

static const char *read_zoned(struct value_builder *self, bool shared) {
    struct zoned zoned;
    struct value_place place = value_builder_place(self);
    if (!parse_zoned(&self->reader, &zoned))
        return malformed;
    return value_builder_push(self, (struct value_frame){.tag = VALUE_DATETIME_ZONED,
                                                         .left = 1,
                                                         .number = VALUE_NOT_NUMBERED,
                                                         .shared = shared,
                                                         .place = place});
}

static ERL_NIF_TERM make_zoned(const struct value_builder *self, const struct value_frame *frame) {
    struct zoned zoned;
    struct value_reader reader = {.at = frame->place.node + 1, .end = self->reader.end};
    parse_zoned(&reader, &zoned); /* did not fail before */
    return value_struct_zoned(self->env, &zoned.clock, zoned.offset, zoned.dst, zoned.zone,
                              zoned.abbreviation);
}

/* A map of `pairs` of keys and values; with `set`, of keys alone. */
static const char *make_map(ErlNifEnv *env, const ERL_NIF_TERM *parts, size_t pairs, bool set,
                            ERL_NIF_TERM *map) {
    const char *error = NULL;
    ERL_NIF_TERM empty = enif_make_list(env, 0);
    ERL_NIF_TERM few[32], *keys = few, *values = few + 16;
    if (pairs > 16) {
        keys = malloc(2 * pairs * sizeof *keys);
        values = keys + pairs;
    }
    if (keys == NULL)
        return no_memory;
    for (size_t i = 0; i < pairs; i++) {
        keys[i] = set ? parts[i] : parts[2 * i];
        values[i] = set ? empty : parts[2 * i + 1];
    }
    if (!enif_make_map_from_arrays(env, keys, values, pairs, map))
        error = "two keys or elements of the value are the same Erlang term";
    if (keys != few)
        free(keys);
    return error;
}

/* The term of a frame that has all its parts. */
static const char *make_container(const struct value_builder *self, const struct value_frame *frame,
                                  ERL_NIF_TERM *term) {
    const ERL_NIF_TERM *parts = self->terms + frame->start;
    size_t count = self->terms_count - frame->start;
    bool set = frame->tag == VALUE_SET || frame->tag == VALUE_FROZENSET;
    const char *error = NULL;
    if (frame->tag == VALUE_LIST)
        *term = enif_make_list_from_array(self->env, parts, (unsigned)count);
    else if (frame->tag == VALUE_TUPLE)
        *term = enif_make_tuple_from_array(self->env, parts, (unsigned)count);
    else if (frame->tag == VALUE_DATETIME_ZONED)
        *term = make_zoned(self, frame);
    else if (frame->tag == VALUE_NESTED)
        *term = parts[0];
    else
        error = make_map(self->env, parts, set ? count : count / 2, set, term);
    if (error == NULL && set)
        *term = value_struct_set(self->env, *term);
    return error;
}

/* ---- one value -------------------------------------------------------- */

/* What contains itself does so through an object, which stays packed, or is found to be cyclic
 * further down: here it is as any other. */
static const char *read_recursive(struct value_builder *self, ERL_NIF_TERM *term, size_t *words) {
    enum value_tag tag;
    if (!value_read_tag(&self->reader, &tag))
        return malformed;
    if (tag == VALUE_OBJECT)
        return value_term_object(self, false, true, term, words);
    const char *error = malformed;
    if (tag == VALUE_TUPLE || tag == VALUE_FROZENSET)
        error = read_container(self, tag, false);
    else if (tag == VALUE_DATETIME_ZONED)
        error = read_zoned(self, false);
    if (error == value_builder_pending)
        self->frames[self->depth - 1].recursive = true;
    return error;
}

/* NULL with *term, `value_builder_pending` if a frame was opened, or an error. */
static const char *read_tagged(struct value_builder *self, enum value_tag tag, bool shared,
                               ERL_NIF_TERM *term, size_t *words) {
    if (tag == VALUE_LIST || tag == VALUE_TUPLE || tag == VALUE_DICT || tag == VALUE_SET ||
        tag == VALUE_FROZENSET)
        return read_container(self, tag, shared);
    if (tag == VALUE_DATETIME_ZONED)
        return read_zoned(self, shared);
    if (tag == VALUE_NESTED)
        return read_nested(self);
    if (tag == VALUE_RECURSIVE)
        return read_recursive(self, term, words);
    if (tag == VALUE_BACK)
        return read_back(self, term, words);
    if (tag == VALUE_OBJECT)
        return value_term_object(self, shared, false, term, words);
    const unsigned char *start = self->reader.at;
    const char *error = value_leaf_read(self->env, &self->source, &self->reader, tag, term);
    size_t length = (size_t)(self->reader.at - start);
    *words = VALUE_LEAF_WORDS + (tag == VALUE_BIGINT ? length / 8
                                 : tag == VALUE_TERM ? 2 * length
                                                     : 0);
    return error;
}

static const char *read_one(struct value_builder *self, ERL_NIF_TERM *term, size_t *words) {
    enum value_tag tag;
    *words = 0;
    if (!value_read_tag(&self->reader, &tag))
        return malformed;
    bool shared = tag == VALUE_SHARED;
    if (shared && (!value_read_tag(&self->reader, &tag) || tag == VALUE_NESTED ||
                   tag == VALUE_RECURSIVE || tag == VALUE_BACK))
        return malformed;
    struct value_place place = value_builder_place(self);
    const char *error = read_tagged(self, tag, shared, term, words);
    if (error != NULL || !shared || tag == VALUE_OBJECT)
        return error;
    return value_builder_number(
        self, (struct value_numbered){
                  .term = *term, .words = *words, .state = VALUE_COMPLETE, .place = place});
}

/* ---- the whole -------------------------------------------------------- */

static const char *put_term(struct value_builder *self, ERL_NIF_TERM term) {
    if (self->terms_count == self->terms_capacity &&
        !value_grow((void **)&self->terms, &self->terms_capacity, sizeof term, self->first_terms))
        return no_memory;
    self->terms[self->terms_count++] = term;
    return NULL;
}

/* Ends the topmost frame, which has all its parts. */
static const char *close_frame(struct value_builder *self, ERL_NIF_TERM *term, size_t *words) {
    struct value_frame *frame = &self->frames[--self->depth];
    const char *error = make_container(self, frame, term);
    size_t count = self->terms_count - frame->start;
    self->terms_count = frame->start;
    *words = frame->words + 2 * count + VALUE_LEAF_WORDS;
    uint64_t copy;
    if (error == NULL && frame->recursive && !value_read_varint(&self->reader, &copy))
        error = malformed;
    if (error != NULL)
        return error;
    struct value_numbered numbered = {
        .term = *term, .words = *words, .state = VALUE_COMPLETE, .place = frame->place};
    if (frame->tag == VALUE_NESTED) {
        bool whole = self->reader.at == self->reader.end;
        self->numbers_count = self->base;
        self->base = frame->base;
        self->reader = (struct value_reader){.at = frame->back, .end = frame->end};
        self->source.range = frame->range;
        if (frame->resolved != VALUE_NOT_NUMBERED) {
            numbered.place = self->numbers[frame->resolved].place;
            self->numbers[frame->resolved] = numbered;
        }
        return whole ? NULL : malformed;
    }
    if (frame->number != VALUE_NOT_NUMBERED)
        self->numbers[frame->number] = numbered;
    return frame->shared ? value_builder_number(self, numbered) : NULL;
}

/* Reads one value with all its parts into *term. */
static const char *build(struct value_builder *self, ERL_NIF_TERM *term) {
    const char *error = NULL;
    do {
        size_t words;
        error = read_one(self, term, &words);
        if (error != NULL && error != value_builder_pending)
            return error;
        bool have = error == NULL;
        while (self->depth > 0) {
            struct value_frame *frame = &self->frames[self->depth - 1];
            if (have) {
                if ((error = put_term(self, *term)) != NULL)
                    return error;
                frame->words += words;
                frame->left--;
            }
            if (frame->left > 0)
                break;
            if ((error = close_frame(self, term, &words)) != NULL)
                return error;
            have = true;
        }
    } while (self->depth > 0);
    return self->reader.at == self->reader.end ? NULL : malformed;
}

static void builder_free(struct value_builder *self) {
    value_term_free_copies(self);
    value_parts_close(&self->source);
    if (self->frames != self->first_frames)
        free(self->frames);
    if (self->terms != self->first_terms)
        free(self->terms);
    if (self->numbers != self->first_numbers)
        free(self->numbers);
}

const char *value_to_term(ErlNifEnv *env, const struct value_payload *payload, ERL_NIF_TERM *out) {
    struct value_builder self = {
        .env = env, .reader = {.at = payload->bytes, .end = payload->bytes + payload->length}};
    uint8_t version;
    self.frames = self.first_frames;
    self.capacity = VALUE_FIRST_FRAMES;
    self.terms = self.first_terms;
    self.terms_capacity = VALUE_FIRST_TERMS;
    self.numbers = self.first_numbers;
    self.numbers_capacity = VALUE_FIRST_NUMBERS;
    if (!value_read_byte(&self.reader, &version) || version != VALUE_VERSION)
        return malformed;
    if (!value_parts_open(&self.source, payload))
        return no_memory;
    const char *error = build(&self, out);
    builder_free(&self);
    return error;
}
