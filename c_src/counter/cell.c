#include "counter/cell.h"

#include "base/atoms.h"
#include "base/term.h"
#include "memory/file.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CELLS = 65536, LINE = 64, SIZE = CELLS * LINE };

struct cell {
    _Alignas(LINE) atomic_uint_least64_t bits;
};

_Static_assert(sizeof(struct cell) == LINE, "a cell is a cache line");

static _Atomic(struct cell *) table;

struct cell *cell_at(uint64_t index) {
    struct cell *cells = atomic_load_explicit(&table, memory_order_acquire);
    return cells != NULL && index < CELLS ? &cells[index] : NULL;
}

/* ---- whole numbers ---------------------------------------------------------------- */

/* Without the undefined conversion of what is too large. */
static int64_t whole(uint64_t bits) {
    int64_t number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

int64_t cell_get(const struct cell *self) {
    return whole(atomic_load(&self->bits));
}

int64_t cell_add(struct cell *self, int64_t number) {
    return whole(atomic_fetch_add(&self->bits, (uint64_t)number) + (uint64_t)number);
}

int64_t cell_exchange(struct cell *self, int64_t number) {
    return whole(atomic_exchange(&self->bits, (uint64_t)number));
}

/* ---- doubles ----------------------------------------------------------------------- */

static double real(uint64_t bits) {
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static uint64_t bits_of(double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

double cell_get_real(const struct cell *self) {
    return real(atomic_load(&self->bits));
}

double cell_add_real(struct cell *self, double number) {
    uint64_t bits = atomic_load(&self->bits);
    double sum;
    do
        sum = real(bits) + number;
    while (!atomic_compare_exchange_weak(&self->bits, &bits, bits_of(sum)));
    return sum;
}

double cell_exchange_real(struct cell *self, double number) {
    return real(atomic_exchange(&self->bits, bits_of(number)));
}

/* ---- the table --------------------------------------------------------------------- */

static ERL_NIF_TERM failed(ErlNifEnv *env, const char *text) {
    return enif_make_tuple2(env, atoms.error, term_text(env, text));
}

/* The table is there, unless it cannot be mapped. */
static bool map(int descriptor) {
    void *cells = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (cells == MAP_FAILED)
        return false;
    atomic_store_explicit(&table, cells, memory_order_release);
    return true;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* for who makes it; guards the next two */
static ErlNifEnv *address_env;
static ERL_NIF_TERM address;

/* Under the lock. The descriptor stays open: it is what others find the file by. */
static bool share(void) {
    if (address_env != NULL)
        return true;
    ErlNifEnv *env = enif_alloc_env();
    int descriptor = env == NULL ? -1 : memory_file_share(env, SIZE, &address);
    if (descriptor >= 0 && map(descriptor)) {
        address_env = env;
        return true;
    }
    if (descriptor >= 0)
        close(descriptor);
    if (env != NULL)
        enif_free_env(env);
    return false;
}

ERL_NIF_TERM cell_nif_share(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc, (void)argv;
    pthread_mutex_lock(&lock);
    bool shared = share();
    ERL_NIF_TERM copy = shared ? enif_make_copy(env, address) : atoms.nil;
    pthread_mutex_unlock(&lock);
    return shared ? enif_make_tuple2(env, atoms.ok, copy)
                  : failed(env, "the system gives no memory that OS processes share");
}

/* Under the lock. A front has another table after its main node was lost; the one before stays
 * mapped, as somebody may be at a cell of it. */
static bool join(int descriptor) {
    static struct stat last;
    struct stat file;
    if (fstat(descriptor, &file) != 0)
        return false;
    bool same = cell_at(0) != NULL && file.st_ino == last.st_ino && file.st_dev == last.st_dev;
    if (!same && !map(descriptor))
        return false;
    last = file;
    return true;
}

ERL_NIF_TERM cell_nif_join(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc;
    pthread_mutex_lock(&lock);
    bool joined = false;
    int descriptor = memory_file_join(env, argv[0], SIZE);
    if (descriptor >= 0) {
        joined = join(descriptor);
        close(descriptor);
    }
    pthread_mutex_unlock(&lock);
    return joined ? atoms.ok
                  : failed(env, "this unit cannot open the memory of the main OS process (/proc)");
}

/* ---- for Elixir --------------------------------------------------------------------- */

static struct cell *find(ErlNifEnv *env, ERL_NIF_TERM term) {
    ErlNifUInt64 index;
    return enif_get_uint64(env, term, &index) ? cell_at(index) : NULL;
}

/* Erlang has no form for infinities, nor for nan: atoms are. */
static ERL_NIF_TERM make_real(ErlNifEnv *env, double number) {
    if (number != number)
        return atoms.nan;
    if (number - number != 0)
        return number > 0 ? atoms.infinity : atoms.negative_infinity;
    return enif_make_double(env, number);
}

static bool get_real(ErlNifEnv *env, ERL_NIF_TERM term, double *number) {
    ErlNifSInt64 integer;
    if (enif_get_double(env, term, number))
        return true;
    if (!enif_get_int64(env, term, &integer))
        return false;
    *number = (double)integer;
    return true;
}

ERL_NIF_TERM cell_nif_get(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct cell *cell = find(env, argv[1]);
    (void)argc;
    if (cell == NULL)
        return enif_make_badarg(env);
    return argv[0] == atoms.float_ ? make_real(env, cell_get_real(cell))
                                   : enif_make_int64(env, cell_get(cell));
}

static ERL_NIF_TERM change(ErlNifEnv *env, const ERL_NIF_TERM argv[],
                           int64_t (*with)(struct cell *, int64_t),
                           double (*with_real)(struct cell *, double)) {
    struct cell *cell = find(env, argv[1]);
    ErlNifSInt64 number;
    double real_number;
    if (cell != NULL && argv[0] == atoms.float_ && get_real(env, argv[2], &real_number))
        return make_real(env, with_real(cell, real_number));
    if (cell != NULL && argv[0] == atoms.integer && enif_get_int64(env, argv[2], &number))
        return enif_make_int64(env, with(cell, number));
    return enif_make_badarg(env);
}

ERL_NIF_TERM cell_nif_add(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc;
    return change(env, argv, cell_add, cell_add_real);
}

ERL_NIF_TERM cell_nif_exchange(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc;
    return change(env, argv, cell_exchange, cell_exchange_real);
}
