#include "value/python/memo.h"

#include <stdint.h>
#include <stdlib.h>

void value_memo_init(struct value_memo *self) {
    self->slots = self->first;
    self->capacity = VALUE_MEMO_FIRST;
    self->count = 0;
    for (size_t i = 0; i < VALUE_MEMO_FIRST; i++)
        self->first[i].object = NULL;
}

void value_memo_free(struct value_memo *self) {
    for (size_t i = 0; self->count > 0 && i < self->capacity; i++)
        Py_XDECREF(self->slots[i].object);
    if (self->slots != self->first)
        free(self->slots);
}

/* The slot that holds `object`, or the free one where it belongs. */
static struct value_memo_slot *slot_of(const struct value_memo *self, const PyObject *object) {
    /* Fibonacci hashing: allocators align, so the low bits say nothing. */
    uint64_t hash = (uint64_t)(uintptr_t)object * UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t)(hash >> 32) & (self->capacity - 1);
    while (self->slots[i].object != NULL && self->slots[i].object != object)
        i = (i + 1) & (self->capacity - 1);
    return &self->slots[i];
}

static bool memo_grow(struct value_memo *self) {
    struct value_memo old = *self;
    struct value_memo_slot *old_slots = self->slots;
    struct value_memo_slot *slots = calloc(self->capacity * 2, sizeof *slots);
    if (slots == NULL)
        return false;
    self->slots = slots;
    self->capacity *= 2;
    for (size_t i = 0; i < old.capacity; i++)
        if (old_slots[i].object != NULL)
            *slot_of(self, old_slots[i].object) = old_slots[i];
    if (old_slots != self->first)
        free(old_slots);
    return true;
}

bool value_memo_find(const struct value_memo *self, PyObject *object, size_t *number) {
    const struct value_memo_slot *slot = slot_of(self, object);
    if (slot->object == NULL)
        return false;
    *number = slot->number;
    return true;
}

bool value_memo_add(struct value_memo *self, PyObject *object) {
    if (self->count * 2 >= self->capacity && !memo_grow(self))
        return false;
    struct value_memo_slot *slot = slot_of(self, object);
    Py_INCREF(object);
    slot->object = object;
    slot->number = self->count++;
    return true;
}
