#include "value/erlang/renumber.h"

#include <stdlib.h>

static struct value_renumbering *slot_of(const struct value_renumbered *self, size_t old) {
    size_t i =
        (size_t)(((uint64_t)old * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (self->capacity - 1);
    while (self->slots[i].used && self->slots[i].old != old)
        i = (i + 1) & (self->capacity - 1);
    return &self->slots[i];
}

static bool grow(struct value_renumbered *self) {
    struct value_renumbered grown = {.capacity = self->capacity ? 2 * self->capacity : 32};
    grown.slots = calloc(grown.capacity, sizeof *grown.slots);
    if (grown.slots == NULL)
        return false;
    grown.count = self->count;
    for (size_t i = 0; i < self->capacity; i++)
        if (self->slots[i].used)
            *slot_of(&grown, self->slots[i].old) = self->slots[i];
    free(self->slots);
    *self = grown;
    return true;
}

struct value_renumbering *value_renumber(struct value_renumbered *self, size_t old) {
    if (2 * self->count >= self->capacity && !grow(self))
        return NULL;
    struct value_renumbering *entry = slot_of(self, old);
    if (!entry->used) {
        *entry = (struct value_renumbering){.old = old, .renamed = VALUE_UNNAMED, .used = true};
        self->count++;
    }
    return entry;
}

size_t value_renumber_find(const struct value_renumbered *self, size_t old) {
    const struct value_renumbering *entry = self->count > 0 ? slot_of(self, old) : NULL;
    return entry != NULL && entry->used ? entry->renamed : VALUE_UNNAMED;
}

void value_renumber_free(struct value_renumbered *self) {
    free(self->slots);
    *self = (struct value_renumbered){0};
}
