#include "actor/directory.h"

#include "actor/private.h"

#include <stdlib.h>

enum { SHELVES = 64, FIRST_SLOTS = 64 };

static struct shelf {
    pthread_mutex_t lock;
    struct actor **slots; /* as many as a power of two; NULL before the first actor */
    size_t room, count;
} shelves[SHELVES] = {[0 ... SHELVES - 1] = {.lock = PTHREAD_MUTEX_INITIALIZER}};

static atomic_size_t total;

/* The number in a pid's term is between a tag and what else there is of it. Processes that are
 * started one after another have one after another: some of those stand side by side here, as their
 * actors do in memory, which a walk then reads nearly in order. */
enum { TAG_BITS = 4, SIDE_BITS = 6 };

static uint32_t number_of(const ErlNifPid *pid) {
    return (uint32_t)enif_make_pid(NULL, pid) >> TAG_BITS;
}

static uint64_t hash(uint32_t number) {
    return (uint64_t)(number >> SIDE_BITS) * UINT64_C(0x9e3779b97f4a7c15);
}

static struct shelf *shelf_of(const ErlNifPid *pid) {
    return &shelves[hash(number_of(pid)) >> 58];
}

/* Under the lock, as are the next two; of a shelf with slots. */
static struct actor **slot_of(const struct shelf *shelf, const ErlNifPid *pid) {
    uint32_t number = number_of(pid), side = number & ((1U << SIDE_BITS) - 1);
    return &shelf->slots[((hash(number) >> 26) + side) & (shelf->room - 1)];
}

static void put(struct shelf *shelf, struct actor *self) {
    struct actor **slot = slot_of(shelf, &self->owner);
    self->next_by_pid = *slot;
    *slot = self;
}

/* False without memory for a first one; without memory for more, slots get longer. */
static bool make_room(struct shelf *shelf) {
    size_t room = shelf->room ? 2 * shelf->room : FIRST_SLOTS, filled = shelf->room;
    struct actor **before = shelf->slots;
    if (shelf->count < filled)
        return true;
    struct actor **slots = calloc(room, sizeof(struct actor *));
    if (slots == NULL)
        return before != NULL;
    shelf->slots = slots;
    shelf->room = room;
    for (size_t i = 0; i < filled; i++) {
        for (struct actor *each = before[i], *next; each != NULL; each = next) {
            next = each->next_by_pid;
            put(shelf, each);
        }
    }
    free(before);
    return true;
}

void directory_add(struct actor *self) {
    struct shelf *shelf = shelf_of(&self->owner);
    pthread_mutex_lock(&shelf->lock);
    self->listed_by_pid = make_room(shelf);
    if (self->listed_by_pid) {
        enif_keep_resource(self);
        put(shelf, self);
        shelf->count++;
        atomic_fetch_add(&total, 1);
    }
    pthread_mutex_unlock(&shelf->lock);
}

void directory_remove(struct actor *self) {
    struct shelf *shelf = shelf_of(&self->owner);
    if (!self->has_owner)
        return;
    pthread_mutex_lock(&shelf->lock);
    bool listed = self->listed_by_pid;
    if (listed) {
        struct actor **place = slot_of(shelf, &self->owner);
        while (*place != self)
            place = &(*place)->next_by_pid;
        *place = self->next_by_pid;
        self->listed_by_pid = false;
        shelf->count--;
        atomic_fetch_sub(&total, 1);
    }
    pthread_mutex_unlock(&shelf->lock);
    if (listed) {
        account_ends(&self->account);
        enif_release_resource(self);
    }
}

struct actor *directory_find(const ErlNifPid *pid) {
    struct shelf *shelf = shelf_of(pid);
    pthread_mutex_lock(&shelf->lock);
    struct actor *found = shelf->slots ? *slot_of(shelf, pid) : NULL;
    while (found != NULL && enif_compare_pids(&found->owner, pid) != 0)
        found = found->next_by_pid;
    if (found != NULL)
        enif_keep_resource(found);
    pthread_mutex_unlock(&shelf->lock);
    return found;
}

size_t directory_count(void) {
    return atomic_load(&total);
}

void directory_walk(void (*look)(struct actor *each, void *state), void *state) {
    for (size_t i = 0; i < SHELVES; i++) {
        struct shelf *shelf = &shelves[i];
        pthread_mutex_lock(&shelf->lock);
        for (size_t slot = 0; slot < shelf->room; slot++)
            for (struct actor *each = shelf->slots[slot]; each != NULL; each = each->next_by_pid)
                look(each, state);
        pthread_mutex_unlock(&shelf->lock);
    }
}
