#include "message/mailbox.h"

#include "base/atoms.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

enum { SLOTS = 8192 };

struct mailbox {
    struct mailbox *next; /* in its slot; guarded by the table's lock */
    bool open;            /* in the table; guarded by its lock */
    ErlNifPid owner;
    atomic_long limit;
    atomic_long waiting;
};

/* By the owner's pid. Guarded by the lock, which is held for some instructions. */
static struct mailbox *slots[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_ulong open_count;

static struct mailbox **slot_of(const ErlNifPid *pid) {
    uint64_t word = (uint64_t)enif_make_pid(NULL, pid);
    return &slots[(word * UINT64_C(0x9e3779b97f4a7c15)) >> 51];
}

/* Under the lock. The place that points to the mailbox, or to NULL. */
static struct mailbox **find(const ErlNifPid *pid) {
    struct mailbox **place = slot_of(pid);
    while (*place != NULL && enif_compare_pids(&(*place)->owner, pid) != 0)
        place = &(*place)->next;
    return place;
}

/* ---- for the actor that has it ------------------------------------------------- */

struct mailbox *mailbox_open(const ErlNifPid *owner, long limit) {
    struct mailbox *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->owner = *owner;
    atomic_init(&self->limit, limit);
    self->open = true;
    pthread_mutex_lock(&lock);
    struct mailbox **slot = slot_of(owner);
    self->next = *slot;
    *slot = self;
    pthread_mutex_unlock(&lock);
    atomic_fetch_add(&open_count, 1);
    return self;
}

void mailbox_close(struct mailbox *self) {
    pthread_mutex_lock(&lock);
    bool was_open = self->open;
    if (was_open) {
        struct mailbox **place = slot_of(&self->owner);
        while (*place != self)
            place = &(*place)->next;
        *place = self->next;
        self->open = false;
    }
    pthread_mutex_unlock(&lock);
    if (was_open)
        atomic_fetch_sub(&open_count, 1);
}

void mailbox_free(struct mailbox *self) {
    if (self == NULL)
        return;
    mailbox_close(self);
    free(self);
}

void mailbox_limit(struct mailbox *self, long limit) {
    atomic_store(&self->limit, limit);
}

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

/* ---- for senders ------------------------------------------------------------- */

enum mailbox_room mailbox_admit_below(const ErlNifPid *pid, long limit) {
    enum mailbox_room room = MAILBOX_UNBOUNDED;
    if (atomic_load(&open_count) == 0)
        return room;
    pthread_mutex_lock(&lock);
    struct mailbox *found = *find(pid);
    if (found != NULL) {
        long own = atomic_load(&found->limit);
        room = enter_below(found, limit < own ? limit : own) ? MAILBOX_ADMITTED : MAILBOX_FULL;
    }
    pthread_mutex_unlock(&lock);
    return room;
}

enum mailbox_room mailbox_admit(const ErlNifPid *pid) {
    return mailbox_admit_below(pid, LONG_MAX);
}

void mailbox_cancel(const ErlNifPid *pid) {
    pthread_mutex_lock(&lock);
    struct mailbox *found = *find(pid);
    if (found != NULL)
        mailbox_leave(found);
    pthread_mutex_unlock(&lock);
}

/* Once there is room, or no bound. False if the process is gone. */
static bool send_cast(ErlNifEnv *env, const ErlNifPid *pid, ErlNifEnv *message_env,
                      const ERL_NIF_TERM parts[4], enum mailbox_room room) {
    ErlNifEnv *made = message_env ? message_env : env;
    ERL_NIF_TERM head = room == MAILBOX_ADMITTED ? atoms.admitted : atoms.message;
    ERL_NIF_TERM message = enif_make_tuple5(made, head, parts[0], parts[1], parts[2], parts[3]);
    bool sent = enif_send(env, pid, message_env, enif_make_tuple2(made, atoms.gen_cast, message));
    if (!sent && room == MAILBOX_ADMITTED)
        mailbox_cancel(pid);
    return sent;
}

bool mailbox_cast(ErlNifEnv *env, const ErlNifPid *pid, ErlNifEnv *message_env,
                  const ERL_NIF_TERM parts[4]) {
    enum mailbox_room room = mailbox_admit(pid);
    return room != MAILBOX_FULL && send_cast(env, pid, message_env, parts, room);
}

ERL_NIF_TERM mailbox_nif_cast(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid pid;
    (void)argc;
    if (!enif_get_local_pid(env, argv[0], &pid))
        return enif_make_badarg(env);
    return mailbox_cast(env, &pid, NULL, argv + 1) ? atoms.true_ : atoms.false_;
}

ERL_NIF_TERM mailbox_nif_publish(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid pid;
    long limit = LONG_MAX;
    (void)argc;
    if (!enif_get_local_pid(env, argv[0], &pid) ||
        (argv[3] != atoms.nil && !enif_get_long(env, argv[3], &limit)))
        return enif_make_badarg(env);
    enum mailbox_room room = mailbox_admit_below(&pid, limit);
    if (room == MAILBOX_FULL)
        return atoms.overloaded;
    const ERL_NIF_TERM parts[] = {argv[1], argv[2], atoms.nil, atoms.nil};
    return send_cast(env, &pid, NULL, parts, room) ? atoms.true_ : atoms.false_;
}

ERL_NIF_TERM mailbox_nif_cancel(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid pid;
    (void)argc;
    if (!enif_get_local_pid(env, argv[0], &pid))
        return enif_make_badarg(env);
    mailbox_cancel(&pid);
    return atoms.ok;
}
