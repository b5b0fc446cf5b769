#include "memory/file.h"

#include "base/atoms.h"
#include "base/term.h"
#include "memory/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* "rebeam-" and what nobody else's file is called: an address may be older than its process. */
enum { RANDOM_BYTES = 16, NAME_SIZE = 7 + 2 * RANDOM_BYTES + 1, PATH_SIZE = 64 };

/* Of the descriptors that this process may have, the rest are the program's. */
enum { DESCRIPTORS_SHARE = 4 };

static const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;

struct memory_file {
    atomic_int descriptor; /* owned; -1 once closed */
};

static ErlNifResourceType *file_type;
static atomic_ulong open_files;

/* ---- life ------------------------------------------------------------------------ */

static void shut(struct memory_file *self) {
    int descriptor = atomic_exchange(&self->descriptor, -1);
    if (descriptor >= 0) {
        close(descriptor);
        atomic_fetch_sub(&open_files, 1);
    }
}

static void destroy(ErlNifEnv *env, void *resource) {
    (void)env;
    shut(resource);
}

bool memory_file_load(ErlNifEnv *env) {
    file_type = enif_open_resource_type(env, NULL, "rebeam_memory_file", destroy,
                                        ERL_NIF_RT_CREATE | ERL_NIF_RT_TAKEOVER, NULL);
    return file_type != NULL;
}

/* ---- to lend --------------------------------------------------------------------- */

/* Counts it, or says that there are enough. */
static bool reserve(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    if (atomic_fetch_add(&open_files, 1) < limit.rlim_cur / DESCRIPTORS_SHARE)
        return true;
    atomic_fetch_sub(&open_files, 1);
    return false;
}

static bool make_name(char name[static NAME_SIZE]) {
    unsigned char random[RANDOM_BYTES];
    if (getrandom(random, sizeof random, 0) != sizeof random)
        return false;
    strcpy(name, "rebeam-");
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(name + 7 + 2 * i, 3, "%02x", random[i]);
    return true;
}

static bool write_all(int descriptor, const unsigned char *data, size_t size) {
    while (size > 0) {
        ssize_t written = write(descriptor, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return true;
}

/* The descriptor, or -1. */
static int make_file(const char *name, const ErlNifBinary *bytes) {
    int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0)
        return -1;
    if (write_all(descriptor, bytes->data, bytes->size) &&
        fcntl(descriptor, F_ADD_SEALS, seals | F_SEAL_SEAL) == 0)
        return descriptor;
    close(descriptor);
    return -1;
}

static ERL_NIF_TERM address(ErlNifEnv *env, int descriptor, const char *name, size_t size) {
    return enif_make_tuple4(env, enif_make_int(env, (int)getpid()), enif_make_int(env, descriptor),
                            term_text(env, name), enif_make_uint64(env, size));
}

ERL_NIF_TERM memory_file_nif_lend(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    char name[NAME_SIZE];
    ERL_NIF_TERM binary;
    ErlNifBinary bytes;
    (void)argc;
    if (!memory_inspect(env, argv[0], &binary) || !enif_inspect_binary(env, binary, &bytes))
        return enif_make_badarg(env);
    if (!make_name(name) || !reserve())
        return atoms.nil;
    struct memory_file *self = enif_alloc_resource(file_type, sizeof *self);
    int descriptor = self == NULL ? -1 : make_file(name, &bytes);
    if (self != NULL)
        atomic_init(&self->descriptor, descriptor);
    if (descriptor < 0)
        atomic_fetch_sub(&open_files, 1);
    if (self == NULL)
        return atoms.nil;
    ERL_NIF_TERM file = enif_make_resource(env, self);
    enif_release_resource(self);
    return descriptor < 0 ? atoms.nil
                          : enif_make_tuple2(env, file, address(env, descriptor, name, bytes.size));
}

ERL_NIF_TERM memory_file_nif_close(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct memory_file *self;
    (void)argc;
    if (!enif_get_resource(env, argv[0], file_type, (void **)&self))
        return enif_make_badarg(env);
    shut(self);
    return atoms.ok;
}

/* ---- to take --------------------------------------------------------------------- */

struct where {
    int pid;
    int descriptor;
    ErlNifBinary name;
    ErlNifUInt64 size;
};

static bool get_address(ErlNifEnv *env, ERL_NIF_TERM term, struct where *where) {
    const ERL_NIF_TERM *fields;
    int arity;
    return enif_get_tuple(env, term, &arity, &fields) && arity == 4 &&
           enif_get_int(env, fields[0], &where->pid) &&
           enif_get_int(env, fields[1], &where->descriptor) &&
           enif_inspect_binary(env, fields[2], &where->name) && where->name.size == NAME_SIZE - 1 &&
           enif_get_uint64(env, fields[3], &where->size) && where->size > 0 &&
           where->size <= PTRDIFF_MAX;
}

/* Whether it is the file that was meant, and can no longer change in what is sealed. */
static bool is_meant(int descriptor, const struct where *where, int wanted) {
    static const char prefix[] = "/memfd:";
    char path[PATH_SIZE], target[sizeof prefix + NAME_SIZE + 16];
    struct stat status;
    snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(path, target, sizeof target);
    size_t start = sizeof prefix - 1, end = start + where->name.size;
    int sealed = fcntl(descriptor, F_GET_SEALS);
    return length >= (ssize_t)end && memcmp(target, prefix, start) == 0 &&
           memcmp(target + start, where->name.data, where->name.size) == 0 && sealed >= 0 &&
           (sealed & wanted) == wanted && fstat(descriptor, &status) == 0 &&
           (ErlNifUInt64)status.st_size == where->size;
}

static int open_meant(const struct where *where, int flags, int wanted) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", where->pid, where->descriptor);
    int descriptor = open(path, flags | O_CLOEXEC);
    if (descriptor >= 0 && !is_meant(descriptor, where, wanted)) {
        close(descriptor);
        descriptor = -1;
    }
    return descriptor;
}

static ERL_NIF_TERM failed(ErlNifEnv *env, const char *text) {
    return enif_make_tuple2(env, atoms.error, term_text(env, text));
}

/* Where no more mappings are allowed, as memory of its own. */
static struct memory *read_all(int descriptor, size_t size, void **data) {
    unsigned char *bytes;
    struct memory *self = memory_new(size, &bytes);
    *data = bytes;
    for (size_t done = 0; self != NULL && done < size;) {
        ssize_t count = pread(descriptor, bytes + done, size - done, (off_t)done);
        if (count > 0)
            done += (size_t)count;
        else if (count == 0 || errno != EINTR) {
            memory_release(self);
            self = NULL;
        }
    }
    return self;
}

static struct memory *map(int descriptor, size_t size, void **data) {
    *data = mmap(NULL, size, PROT_READ, MAP_SHARED, descriptor, 0);
    return *data != MAP_FAILED ? memory_of_mapping(*data, size) : read_all(descriptor, size, data);
}

/* {ok, Part} | {error, Text} */
static ERL_NIF_TERM map_part(ErlNifEnv *env, int descriptor, size_t size) {
    void *data;
    struct memory *memory = map(descriptor, size, &data);
    if (memory == NULL)
        return failed(env, "out of memory");
    struct memory_part part = {.memory = memory, .data = data, .size = size};
    ERL_NIF_TERM term = memory_term(env, &part);
    memory_release(memory);
    return enif_make_tuple2(env, atoms.ok, term);
}

ERL_NIF_TERM memory_file_nif_take(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct where where;
    (void)argc;
    if (!get_address(env, argv[0], &where))
        return failed(env, "malformed address of memory");
    int descriptor = open_meant(&where, O_RDONLY, seals);
    if (descriptor < 0)
        return failed(env, "it cannot be opened");
    ERL_NIF_TERM result = map_part(env, descriptor, (size_t)where.size);
    close(descriptor);
    return result;
}

ERL_NIF_TERM memory_file_nif_map(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct memory_file *self;
    struct stat status;
    (void)argc;
    if (!enif_get_resource(env, argv[0], file_type, (void **)&self))
        return enif_make_badarg(env);
    int descriptor = atomic_load(&self->descriptor);
    if (descriptor < 0 || fstat(descriptor, &status) != 0)
        return failed(env, "it is closed");
    return map_part(env, descriptor, (size_t)status.st_size);
}

/* ---- for all to write ------------------------------------------------------------- */

static const int size_seals = F_SEAL_SHRINK | F_SEAL_GROW;

int memory_file_share(ErlNifEnv *env, size_t size, ERL_NIF_TERM *where) {
    char name[NAME_SIZE];
    int descriptor = make_name(name) ? memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING) : -1;
    if (descriptor < 0)
        return -1;
    *where = address(env, descriptor, name, size);
    if (ftruncate(descriptor, (off_t)size) == 0 &&
        fcntl(descriptor, F_ADD_SEALS, size_seals | F_SEAL_SEAL) == 0)
        return descriptor;
    close(descriptor);
    return -1;
}

int memory_file_join(ErlNifEnv *env, ERL_NIF_TERM address_term, size_t size) {
    struct where where;
    if (!get_address(env, address_term, &where) || where.size != size)
        return -1;
    return open_meant(&where, O_RDWR, size_seals);
}
