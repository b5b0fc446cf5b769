#include "value/erlang/builder.h"

#include "value/value.h"

static const char *const no_memory = "out of memory";
const char *const value_builder_pending = "pending";

const char *value_builder_number(struct value_builder *self, struct value_numbered numbered) {
    if (self->numbers_count == self->numbers_capacity &&
        !value_grow((void **)&self->numbers, &self->numbers_capacity, sizeof *self->numbers,
                    self->first_numbers))
        return no_memory;
    self->numbers[self->numbers_count++] = numbered;
    return NULL;
}

const char *value_builder_push(struct value_builder *self, struct value_frame frame) {
    if (self->depth == VALUE_DEPTH_MAX)
        return "the value is nested more than 10000 levels deep";
    if (self->depth == self->capacity &&
        !value_grow((void **)&self->frames, &self->capacity, sizeof frame, self->first_frames))
        return no_memory;
    frame.start = self->terms_count;
    self->frames[self->depth++] = frame;
    return value_builder_pending;
}

struct value_place value_builder_place(const struct value_builder *self) {
    return (struct value_place){.node = self->reader.at - 1,
                                .first = self->numbers_count - self->base};
}

const char *value_builder_enter(struct value_builder *self, const struct value_nested *nested,
                                const unsigned char *back, size_t resolved) {
    const char *error = value_builder_push(self, (struct value_frame){.tag = VALUE_NESTED,
                                                                      .left = 1,
                                                                      .number = VALUE_NOT_NUMBERED,
                                                                      .base = self->base,
                                                                      .back = back,
                                                                      .end = self->reader.end,
                                                                      .range = self->source.range,
                                                                      .resolved = resolved});
    if (error == value_builder_pending) {
        self->base = self->numbers_count;
        self->source.range = nested->range;
        self->reader =
            (struct value_reader){.at = nested->bytes + 1, .end = nested->bytes + nested->length};
    }
    return error;
}
