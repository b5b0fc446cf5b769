#include "value/erlang/walk.h"

#include "value/erlang/renumber.h"
#include "value/erlang/walk_node.h"
#include "value/value.h"

#include <stdlib.h>
#include <string.h>

static const char *const malformed = "malformed packed value";
static const char *const no_memory = "out of memory";
const char *const value_walk_cyclic = "the value contains itself, which no Erlang term can";
static const char *const made_of_itself =
    "the value has an object that is made from itself, which cannot be taken out of it";
static const char *const too_deep = "the value is nested more than 10000 levels deep";

/* A value of which some children were passed. */
struct step {
    struct value_place place;
    enum value_tag tag;
    bool shared; /* its number is still to come */
    bool recursive;
    bool named;  /* it will have one in what is written */
    bool muted;  /* passed without being written */
    bool detour; /* none: what is below it is read elsewhere, and then it goes on here: */
    struct value_reader reader;
    size_t number; /* at `reader` */
    size_t done, children;
};

struct steps {
    struct step *items;
    size_t count, capacity;
};

static const char *push(struct steps *self, struct step step) {
    if (self->count == VALUE_DEPTH_MAX)
        return too_deep;
    if (self->count == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 32;
        struct step *grown = realloc(self->items, capacity * sizeof *grown);
        if (grown == NULL)
            return no_memory;
        self->items = grown;
        self->capacity = capacity;
    }
    self->items[self->count++] = step;
    return NULL;
}

/* ---- passing -------------------------------------------------------------------- */

struct skip {
    const struct value_message *message;
    struct value_reader *reader;
    struct steps steps;
    size_t number;
    const char *(*tell)(void *context, struct value_place place);
};

static const char *skip_number(struct skip *self, struct step *step) {
    step->shared = false;
    self->number++;
    return self->tell(self->message->context, step->place);
}

/* Takes children that are complete off the stack. */
static const char *skip_settle(struct skip *self) {
    const char *error = NULL;
    uint64_t ignored;
    while (error == NULL && self->steps.count > 0) {
        struct step *step = &self->steps.items[self->steps.count - 1];
        if (step->shared && step->done == value_node_numbered_after(step->tag))
            error = skip_number(self, step);
        if (step->done < step->children || error != NULL)
            break;
        if (step->shared)
            error = skip_number(self, step);
        if (step->recursive && !value_read_varint(self->reader, &ignored))
            error = malformed;
        self->steps.count--;
        if (self->steps.count > 0)
            self->steps.items[self->steps.count - 1].done++;
    }
    return error;
}

const char *value_walk_skip(const struct value_message *message, struct value_reader *reader,
                            bool shared, size_t number,
                            const char *(*tell)(void *context, struct value_place place)) {
    struct skip self = {.message = message, .reader = reader, .number = number, .tell = tell};
    const char *error = NULL;
    do {
        struct value_node node;
        if (!value_node_read(reader, &message->range, &node)) {
            error = malformed;
            break;
        }
        bool first = self.steps.count == 0;
        error = push(&self.steps, (struct step){.place = {.node = node.at, .first = self.number},
                                                .tag = node.tag,
                                                .shared = node.shared || (first && shared),
                                                .recursive = node.recursive,
                                                .children = node.children});
        if (error == NULL)
            error = skip_settle(&self);
    } while (error == NULL && self.steps.count > 0);
    free(self.steps.items);
    return error;
}

/* ---- writing out -------------------------------------------------------------------- */

struct extract {
    const struct value_message *message;
    struct value_extracted *out;
    struct value_reader reader;
    struct steps steps;
    struct value_renumbered table;   /* by their numbers in the message */
    struct value_renumbered objects; /* by their places: these may have no numbers */
    size_t number;                   /* the message's next */
    size_t renamed;                  /* ours */
    size_t limit;
    bool shared;   /* what is asked for has a number */
    size_t inside; /* so many objects */
};

static const char *put(struct extract *self, const void *bytes, size_t length) {
    if (self->out->bytes.length > self->limit)
        return "the value shares too many of its parts: taken apart it would be enormous";
    return buffer_append(&self->out->bytes, bytes, length) ? NULL : no_memory;
}

static const char *put_back(struct extract *self, size_t number) {
    return value_put_tag_count(&self->out->bytes, VALUE_BACK, number) ? NULL : no_memory;
}

/* Parts of the message become parts of what is written. */
static const char *put_parts(struct extract *self, struct value_parts_range range) {
    struct value_extracted *out = self->out;
    for (size_t i = 0; i < range.count; i++) {
        if (out->count == out->capacity) {
            size_t capacity = out->capacity ? 2 * out->capacity : 4;
            size_t *grown = realloc(out->parts, capacity * sizeof *grown);
            if (grown == NULL)
                return no_memory;
            out->parts = grown;
            out->capacity = capacity;
        }
        out->parts[out->count++] = range.first + i;
    }
    return NULL;
}

static const char *put_nested(struct extract *self, const struct value_node *node) {
    struct buffer *out = &self->out->bytes;
    bool ok = value_put_tag_count(out, node->tag, self->out->count) &&
              value_put_count(out, node->nested.range.count) &&
              value_put_data(out, node->nested.bytes, node->nested.length);
    return ok ? put_parts(self, node->nested.range) : no_memory;
}

static const char *put_part(struct extract *self, const struct value_node *node) {
    struct value_parts_range one = {.count = 1};
    if (node->index >= self->message->range.count)
        return malformed;
    one.first = self->message->range.first + (size_t)node->index;
    if (!value_put_tag_count(&self->out->bytes, node->tag, self->out->count))
        return no_memory;
    return put_parts(self, one);
}

static const char *put_node(struct extract *self, const struct value_node *node, bool shared) {
    const char *error = NULL;
    unsigned char mark = VALUE_SHARED;
    if (shared)
        error = put(self, &mark, 1);
    if (error != NULL)
        return error;
    if (node->tag == VALUE_NESTED || node->tag == VALUE_PACKED)
        return put_nested(self, node);
    if (node->tag == VALUE_BYTES_PART || node->tag == VALUE_STR_PART ||
        node->tag == VALUE_BYTEARRAY_PART)
        return put_part(self, node);
    return put(self, node->at, (size_t)(node->end - node->at));
}

/* The step's value gets its numbers: the message's, and ours. */
static const char *extract_number(struct extract *self, struct step *step) {
    if (step->shared) {
        struct value_renumbering *entry = value_renumber(&self->table, self->number++);
        if (entry == NULL)
            return no_memory;
        entry->place = step->place;
        if (step->named)
            entry->renamed = self->renamed;
    }
    if (step->named && step->tag == VALUE_OBJECT) {
        struct value_renumbering *entry =
            value_renumber(&self->objects, (uintptr_t)step->place.node);
        if (entry == NULL)
            return no_memory;
        entry->renamed = self->renamed;
    }
    if (step->named)
        self->renamed++;
    step->shared = step->named = false;
    return NULL;
}

static const char *end_recursive(struct extract *self, const struct step *step) {
    uint64_t index;
    if (!value_read_varint(&self->reader, &index))
        return malformed;
    if (step->muted)
        return NULL;
    struct value_renumbering *entry = value_renumber(&self->table, (size_t)index);
    if (entry == NULL)
        return no_memory;
    if (entry->renamed == VALUE_UNNAMED)
        return made_of_itself;
    return value_put_count(&self->out->bytes, entry->renamed) ? NULL : no_memory;
}

static const char *extract_settle(struct extract *self) {
    const char *error = NULL;
    while (error == NULL && self->steps.count > 0) {
        struct step *step = &self->steps.items[self->steps.count - 1];
        if (step->detour && step->done > 0) { /* back to where it was referred to */
            self->reader = step->reader;
            self->number = step->number;
        }
        if (step->done == value_node_numbered_after(step->tag))
            error = extract_number(self, step);
        if (step->done < step->children || error != NULL)
            break;
        error = extract_number(self, step);
        if (error == NULL && step->recursive)
            error = end_recursive(self, step);
        self->inside -= step->tag == VALUE_OBJECT;
        self->steps.count--;
        if (self->steps.count > 0)
            self->steps.items[self->steps.count - 1].done++;
    }
    return error;
}

/* Goes to where a value is, and writes it here; then comes back. It is shared from now on. */
static const char *detour(struct extract *self, struct value_place place) {
    const char *error = push(&self->steps, (struct step){.tag = VALUE_NONE,
                                                         .detour = true,
                                                         .reader = self->reader,
                                                         .number = self->number,
                                                         .children = 1});
    self->reader.at = place.node;
    self->number = place.first;
    return error;
}

static const char *extract_back(struct extract *self, const struct value_node *node, bool muted) {
    const struct value_message *message = self->message;
    struct value_place place, known;
    if (muted)
        return push(&self->steps, (struct step){.tag = VALUE_BACK, .muted = true});
    if (self->inside == 0 && message->find(message->context, (size_t)node->index, &known) &&
        known.open)
        return value_walk_cyclic;
    struct value_renumbering *entry = value_renumber(&self->table, (size_t)node->index);
    if (entry == NULL)
        return no_memory;
    if (entry->renamed != VALUE_UNNAMED) {
        const char *error = put_back(self, entry->renamed);
        return error ? error : push(&self->steps, (struct step){.tag = VALUE_BACK});
    }
    place = entry->place;
    if (place.node == NULL && !message->find(message->context, (size_t)node->index, &place))
        return malformed;
    return detour(self, place);
}

/* A value that has a number already is only passed. An object may have been met at its place, since
 * it is made before its state is read: to write it again would give it the state that is not
 * complete yet. */
static bool is_written(const struct extract *self, const struct value_node *node, size_t *renamed) {
    bool object = node->tag == VALUE_OBJECT;
    const struct value_renumbered *table = object ? &self->objects : &self->table;
    if (!object && (!node->shared || value_node_numbered_after(node->tag)))
        return false;
    *renamed = value_renumber_find(table, object ? (uintptr_t)node->at : self->number);
    return *renamed != VALUE_UNNAMED;
}

static const char *extract_one(struct extract *self) {
    struct value_node node;
    struct step *above = self->steps.count ? &self->steps.items[self->steps.count - 1] : NULL;
    bool muted = above != NULL && above->muted;
    /* that is behind its SHARED */
    bool target = above == NULL || above->detour;
    size_t renamed;
    const char *error = NULL;
    if (!value_node_read(&self->reader, &self->message->range, &node))
        return malformed;
    if (target)
        node.shared = above != NULL || self->shared;
    if (node.tag == VALUE_BACK)
        return target ? malformed : extract_back(self, &node, muted);
    struct step step = {.place = {.node = node.at, .first = self->number},
                        .tag = node.tag,
                        .shared = node.shared,
                        .recursive = node.recursive,
                        .children = node.children};
    if (!muted && is_written(self, &node, &renamed)) {
        error = put_back(self, renamed);
        muted = true;
    } else if (!muted) {
        step.named = node.shared || (node.tag == VALUE_OBJECT && !node.recursive);
        error = put_node(self, &node, step.named);
    }
    step.muted = muted;
    self->inside += node.tag == VALUE_OBJECT;
    return error ? error : push(&self->steps, step);
}

const char *value_walk_extract(const struct value_message *message, struct value_place place,
                               bool shared, size_t limit, struct value_extracted *out) {
    struct extract self = {.message = message,
                           .out = out,
                           .reader = {.at = place.node, .end = message->end},
                           .number = place.first,
                           .limit = limit,
                           .shared = shared};
    const unsigned char version = VALUE_VERSION;
    const char *error = put(&self, &version, 1);
    while (error == NULL) {
        error = extract_one(&self);
        if (error == NULL)
            error = extract_settle(&self);
        if (self.steps.count == 0)
            break;
    }
    free(self.steps.items);
    value_renumber_free(&self.table);
    value_renumber_free(&self.objects);
    return error;
}

void value_walk_free(struct value_extracted *self) {
    buffer_free(&self->bytes);
    free(self->parts);
    *self = (struct value_extracted){0};
}
