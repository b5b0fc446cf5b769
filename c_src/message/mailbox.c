#include "message/mailbox.h"

#include "base/atoms.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

struct mailbox {
    struct mailbox *next; /* in its slot; guarded by the shelf's lock */
    bool listed;          /* in the directory; guarded by the same */
    ErlNifPid owner;
    void *actor; /* kept while it is listed; it owns this */
    bool has_way;
    atomic_bool open;
    atomic_long detours;
    atomic_long limit;
    atomic_long waiting;
};

/* ---- the directory ------------------------------------------------------------- */

enum { SHELVES = 64, FIRST_SLOTS = 64 };

/* By the owner's pid. The lock is held for some instructions, but while a shelf grows. */
static struct shelf {
    pthread_mutex_t lock;
    struct mailbox **slots; /* as many as a power of two; NULL before the first mailbox */
    size_t room, count;
} shelves[SHELVES] = {[0 ... SHELVES - 1] = {.lock = PTHREAD_MUTEX_INITIALIZER}};

static uint64_t hash(const ErlNifPid *pid) {
    return (uint64_t)enif_make_pid(NULL, pid) * UINT64_C(0x9e3779b97f4a7c15);
}

static struct shelf *shelf_of(const ErlNifPid *pid) {
    return &shelves[hash(pid) >> 58];
}

/* Under the lock, of a shelf with slots. */
static struct mailbox **slot_of(const struct shelf *shelf, const ErlNifPid *pid) {
    return &shelf->slots[hash(pid) >> 26 & (shelf->room - 1)];
}

/* Under the lock. False without memory for a first one; without memory for more, slots get longer.
 */
static bool make_room(struct shelf *shelf) {
    size_t room = shelf->room ? 2 * shelf->room : FIRST_SLOTS;
    if (shelf->count < shelf->room)
        return true;
    struct mailbox **before = shelf->slots, **slots = calloc(room, sizeof *slots);
    if (slots == NULL)
        return before != NULL;
    size_t filled = shelf->room;
    shelf->slots = slots;
    shelf->room = room;
    for (size_t i = 0; i < filled; i++) {
        for (struct mailbox *each = before[i], *next; each != NULL; each = next) {
            next = each->next;
            struct mailbox **slot = slot_of(shelf, &each->owner);
            each->next = *slot;
            *slot = each;
        }
    }
    free(before);
    return true;
}

struct mailbox *mailbox_find(const ErlNifPid *pid) {
    struct shelf *shelf = shelf_of(pid);
    pthread_mutex_lock(&shelf->lock);
    struct mailbox *found = shelf->slots ? *slot_of(shelf, pid) : NULL;
    while (found != NULL && enif_compare_pids(&found->owner, pid) != 0)
        found = found->next;
    if (found != NULL)
        enif_keep_resource(found->actor);
    pthread_mutex_unlock(&shelf->lock);
    return found;
}

void mailbox_release(struct mailbox *self) {
    enif_release_resource(self->actor);
}

void *mailbox_actor(const struct mailbox *self) {
    return self->actor;
}

/* ---- for the actor that has it ------------------------------------------------- */

struct mailbox *mailbox_open(const ErlNifPid *owner, void *actor, bool has_way) {
    struct mailbox *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->owner = *owner;
    self->actor = actor;
    self->has_way = has_way;
    atomic_init(&self->limit, LONG_MAX);
    struct shelf *shelf = shelf_of(owner);
    pthread_mutex_lock(&shelf->lock);
    self->listed = make_room(shelf);
    if (self->listed) {
        enif_keep_resource(actor);
        struct mailbox **slot = slot_of(shelf, owner);
        self->next = *slot;
        *slot = self;
        shelf->count++;
    }
    pthread_mutex_unlock(&shelf->lock);
    if (self->listed)
        return self;
    free(self);
    return NULL;
}

void mailbox_close(struct mailbox *self) {
    struct shelf *shelf = shelf_of(&self->owner);
    pthread_mutex_lock(&shelf->lock);
    bool was_listed = self->listed;
    if (was_listed) {
        struct mailbox **place = slot_of(shelf, &self->owner);
        while (*place != self)
            place = &(*place)->next;
        *place = self->next;
        self->listed = false;
        shelf->count--;
    }
    pthread_mutex_unlock(&shelf->lock);
    if (was_listed) /* the last one, perhaps: then this is freed with its actor */
        enif_release_resource(self->actor);
}

void mailbox_free(struct mailbox *self) {
    free(self);
}

void mailbox_limit(struct mailbox *self, long limit) {
    atomic_store(&self->limit, limit);
}

void mailbox_open_way(struct mailbox *self, bool open) {
    atomic_store(&self->open, open);
}

/* ---- places -------------------------------------------------------------------- */

static bool enter_below(struct mailbox *self, long limit) {
    long waiting = atomic_load(&self->waiting);
    while (waiting < limit) {
        if (atomic_compare_exchange_weak(&self->waiting, &waiting, waiting + 1))
            return true;
    }
    return false;
}

bool mailbox_enter(struct mailbox *self) {
    return enter_below(self, atomic_load(&self->limit));
}

void mailbox_leave(struct mailbox *self) {
    atomic_fetch_sub(&self->waiting, 1);
}

bool mailbox_has_way(const struct mailbox *self) {
    return self->has_way;
}

long mailbox_waiting(const struct mailbox *self) {
    return atomic_load(&self->waiting);
}

bool mailbox_passes(struct mailbox *self) {
    return atomic_load(&self->open) && atomic_load(&self->detours) == 0;
}

void mailbox_detour(struct mailbox *self) {
    atomic_fetch_add(&self->detours, 1);
}

void mailbox_arrived(struct mailbox *self) {
    atomic_fetch_sub(&self->detours, 1);
}

/* ---- for senders ------------------------------------------------------------- */

bool mailbox_cast(ErlNifEnv *env, const ErlNifPid *pid, struct mailbox *self,
                  ErlNifEnv *message_env, const ERL_NIF_TERM parts[4]) {
    ErlNifEnv *made = message_env ? message_env : env;
    ERL_NIF_TERM head = self ? atoms.admitted : atoms.message;
    ERL_NIF_TERM message = enif_make_tuple5(made, head, parts[0], parts[1], parts[2], parts[3]);
    if (self != NULL)
        mailbox_detour(self);
    bool sent = enif_send(env, pid, message_env, enif_make_tuple2(made, atoms.gen_cast, message));
    if (!sent && self != NULL) {
        mailbox_arrived(self);
        mailbox_leave(self);
    }
    return sent;
}

/* To a process of this node, if fewer than `limit` wait there. */
static ERL_NIF_TERM cast_below(ErlNifEnv *env, const ErlNifPid *pid, long limit,
                               const ERL_NIF_TERM parts[4], ERL_NIF_TERM full) {
    struct mailbox *mailbox = mailbox_find(pid);
    long own = mailbox ? atomic_load(&mailbox->limit) : LONG_MAX;
    ERL_NIF_TERM result = full;
    if (mailbox == NULL || enter_below(mailbox, limit < own ? limit : own))
        result = mailbox_cast(env, pid, mailbox, NULL, parts) ? atoms.true_ : atoms.false_;
    if (mailbox != NULL)
        mailbox_release(mailbox);
    return result;
}

ERL_NIF_TERM mailbox_nif_cast(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid pid;
    (void)argc;
    if (!enif_get_local_pid(env, argv[0], &pid))
        return enif_make_badarg(env);
    return cast_below(env, &pid, LONG_MAX, argv + 1, atoms.false_);
}

ERL_NIF_TERM mailbox_nif_publish(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid pid;
    long limit = LONG_MAX;
    (void)argc;
    if (!enif_get_local_pid(env, argv[0], &pid) ||
        (argv[3] != atoms.nil && !enif_get_long(env, argv[3], &limit)))
        return enif_make_badarg(env);
    const ERL_NIF_TERM parts[] = {argv[1], argv[2], atoms.nil, atoms.nil};
    return cast_below(env, &pid, limit, parts, atoms.overloaded);
}

ERL_NIF_TERM mailbox_nif_cancel(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid pid;
    (void)argc;
    if (!enif_get_local_pid(env, argv[0], &pid))
        return enif_make_badarg(env);
    struct mailbox *mailbox = mailbox_find(&pid);
    if (mailbox != NULL) {
        mailbox_arrived(mailbox);
        mailbox_leave(mailbox);
        mailbox_release(mailbox);
    }
    return atoms.ok;
}

/* The mailbox of an actor that may be reached without its process; or NULL. */
static struct mailbox *find_with_way(const ErlNifPid *pid) {
    struct mailbox *mailbox = mailbox_find(pid);
    if (mailbox == NULL || mailbox->has_way)
        return mailbox;
    mailbox_release(mailbox);
    return NULL;
}

bool mailbox_send(ErlNifEnv *env, const ErlNifPid *pid, ErlNifEnv *message_env,
                  ERL_NIF_TERM message) {
    struct mailbox *mailbox = find_with_way(pid);
    if (mailbox != NULL)
        mailbox_detour(mailbox);
    bool sent = enif_send(env, pid, message_env, message);
    if (mailbox != NULL) {
        enif_send(env, pid, NULL, atoms.arrived);
        mailbox_release(mailbox);
    }
    return sent;
}

ERL_NIF_TERM mailbox_nif_send(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid pid;
    (void)argc;
    if (!enif_get_local_pid(env, argv[0], &pid))
        return enif_make_badarg(env);
    mailbox_send(env, &pid, NULL, argv[1]);
    return atoms.ok;
}

ERL_NIF_TERM mailbox_nif_detour(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid pid;
    (void)argc;
    if (!enif_get_local_pid(env, argv[0], &pid))
        return atoms.false_;
    struct mailbox *mailbox = find_with_way(&pid);
    if (mailbox == NULL)
        return atoms.false_;
    mailbox_detour(mailbox);
    mailbox_release(mailbox);
    return atoms.true_;
}
