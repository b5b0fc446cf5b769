#include "output/output.h"

#include "base/atoms.h"
#include "base/term.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { PATIENCE_NANOSECONDS = 50 * 1000 * 1000 };

/* What the relay has, and has not told of. */
struct open {
    struct open *next;
    int64_t sequence;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    ErlNifPid relay;
    bool attached;
    struct open *first; /* owned */
    int64_t last;       /* the sequence that was given last */
} output = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* ---- where a thread prints -------------------------------------------------------------- */

static atomic_int_least64_t default_number;
static _Thread_local int64_t thread_number = -1;

int64_t output_of_thread(void) {
    return thread_number >= 0 ? thread_number : atomic_load(&default_number);
}

void output_inherit(int64_t number) {
    thread_number = number;
}

void output_set_default(int64_t number) {
    atomic_store(&default_number, number);
}

/* ---- sending ---------------------------------------------------------------------------- */

void output_tell(ErlNifEnv *env, ERL_NIF_TERM message) {
    pthread_mutex_lock(&output.lock);
    ErlNifPid relay = output.relay;
    bool attached = output.attached;
    pthread_mutex_unlock(&output.lock);
    if (attached)
        enif_send(NULL, &relay, env, message);
    enif_free_env(env);
}

/* A new sequence, if it is to be awaited; -1 without a relay. */
static int64_t begin(bool wait) {
    struct open *one = wait ? malloc(sizeof *one) : NULL;
    int64_t sequence = 0;
    pthread_mutex_lock(&output.lock);
    if (!output.attached) {
        sequence = -1;
    } else if (one != NULL) {
        sequence = ++output.last;
        *one = (struct open){.next = output.first, .sequence = sequence};
        output.first = one;
        one = NULL;
    }
    pthread_mutex_unlock(&output.lock);
    free(one);
    return sequence;
}

int64_t output_send(int64_t number, uint64_t writer, const void *bytes, size_t length, bool wait) {
    int64_t sequence = begin(wait);
    if (sequence < 0)
        return sequence;
    ErlNifEnv *env = enif_alloc_env();
    output_tell(env,
                enif_make_tuple6(env, atoms.protocol, atoms.printed, enif_make_int64(env, number),
                                 enif_make_uint64(env, writer), term_binary(env, bytes, length),
                                 enif_make_int64(env, sequence)));
    return sequence;
}

/* ---- waiting ---------------------------------------------------------------------------- */

/* The lock is held. */
static struct open **find(int64_t sequence) {
    struct open **place = &output.first;
    while (*place != NULL && (*place)->sequence != sequence)
        place = &(*place)->next;
    return place;
}

bool output_await(int64_t sequence) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += PATIENCE_NANOSECONDS;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    int status = 0;
    pthread_mutex_lock(&output.lock);
    while (*find(sequence) != NULL && status == 0)
        status = pthread_cond_timedwait(&output.changed, &output.lock, &until);
    bool written = *find(sequence) == NULL;
    pthread_mutex_unlock(&output.lock);
    return written;
}

/* ---- bars ------------------------------------------------------------------------------- */

static atomic_bool progress;

void output_progress(void) {
    atomic_store(&progress, true);
}

ERL_NIF_TERM output_nif_progress(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)env, (void)argc, (void)argv;
    return atomic_load(&progress) ? atoms.true_ : atoms.false_;
}

/* ---- the relay -------------------------------------------------------------------------- */

/* The lock is held. */
static void drop(struct open **place) {
    struct open *one = *place;
    *place = one->next;
    free(one);
}

static void attach(const ErlNifPid *relay) {
    pthread_mutex_lock(&output.lock);
    output.attached = relay != NULL;
    if (relay != NULL)
        output.relay = *relay;
    while (output.first != NULL)
        drop(&output.first);
    pthread_cond_broadcast(&output.changed);
    pthread_mutex_unlock(&output.lock);
}

ERL_NIF_TERM output_nif_attach(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid relay;
    (void)argc, (void)argv;
    attach(enif_self(env, &relay));
    return atoms.ok;
}

ERL_NIF_TERM output_nif_detach(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)env, (void)argc, (void)argv;
    attach(NULL);
    return atoms.ok;
}

ERL_NIF_TERM output_nif_written(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifSInt64 sequence;
    (void)argc;
    if (!enif_get_int64(env, argv[0], &sequence))
        return enif_make_badarg(env);
    pthread_mutex_lock(&output.lock);
    struct open **place = find(sequence);
    if (*place != NULL)
        drop(place);
    pthread_cond_broadcast(&output.changed);
    pthread_mutex_unlock(&output.lock);
    return atoms.ok;
}
