#include "message/names.h"

#include "base/atoms.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

enum { SLOTS = 1024, NAME_MAX_BYTES = 96 };

/* One name a slot; a later one with the same hash takes its place. */
struct slot {
    uint64_t version;   /* valid if it is the table's */
    uint64_t forgotten; /* how often; with the table's version it says whether a name changed */
    ErlNifPid pid;
    size_t length;
    char name[NAME_MAX_BYTES];
};

/* Guarded by the lock, which is held for some instructions. */
static struct slot slots[SLOTS];
static uint64_t version = 1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* FNV-1a. */
static struct slot *slot_of(const char *name, size_t length) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)name[i]) * 16777619u;
    return &slots[hash % SLOTS];
}

bool names_find(const char *name, size_t length, ErlNifPid *pid) {
    if (length > NAME_MAX_BYTES)
        return false;
    struct slot *slot = slot_of(name, length);
    pthread_mutex_lock(&lock);
    bool found =
        slot->version == version && slot->length == length && memcmp(slot->name, name, length) == 0;
    if (found)
        *pid = slot->pid;
    pthread_mutex_unlock(&lock);
    return found;
}

/* Of the name that is a binary; NULL if it is none. */
static struct slot *slot_of_term(ErlNifEnv *env, ERL_NIF_TERM term, ErlNifBinary *name) {
    bool is = enif_inspect_binary(env, term, name);
    return is ? slot_of((const char *)name->data, name->size) : NULL;
}

ERL_NIF_TERM names_nif_version(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifBinary name;
    struct slot *slot = slot_of_term(env, argv[0], &name);
    (void)argc;
    if (slot == NULL)
        return enif_make_badarg(env);
    pthread_mutex_lock(&lock);
    uint64_t now = version + slot->forgotten;
    pthread_mutex_unlock(&lock);
    return enif_make_uint64(env, now);
}

ERL_NIF_TERM names_nif_learn(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifBinary name;
    ErlNifPid pid;
    ErlNifUInt64 seen;
    struct slot *slot = slot_of_term(env, argv[0], &name);
    (void)argc;
    if (slot == NULL || !enif_get_local_pid(env, argv[1], &pid) ||
        !enif_get_uint64(env, argv[2], &seen))
        return enif_make_badarg(env);
    if (name.size > NAME_MAX_BYTES)
        return atoms.ok;
    pthread_mutex_lock(&lock);
    if (seen == version + slot->forgotten) {
        slot->version = version;
        slot->pid = pid;
        slot->length = name.size;
        memcpy(slot->name, name.data, name.size);
    }
    pthread_mutex_unlock(&lock);
    return atoms.ok;
}

ERL_NIF_TERM names_nif_changed(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)env, (void)argc, (void)argv;
    pthread_mutex_lock(&lock);
    version++;
    pthread_mutex_unlock(&lock);
    return atoms.ok;
}

ERL_NIF_TERM names_nif_forget(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifBinary name;
    struct slot *slot = slot_of_term(env, argv[0], &name);
    (void)argc;
    if (slot == NULL)
        return enif_make_badarg(env);
    pthread_mutex_lock(&lock);
    slot->version = 0;
    slot->forgotten++;
    pthread_mutex_unlock(&lock);
    return atoms.ok;
}
