#include "loader/lock.h"

#include "loader/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct lock {
    atomic_int fd; /* -1 once it was given back */
};

static ErlNifResourceType *lock_type;

static void give_back(struct lock *self) {
    int fd = atomic_exchange(&self->fd, -1);
    if (fd >= 0)
        close(fd);
}

static void destroy(ErlNifEnv *env, void *resource) {
    (void)env;
    give_back(resource);
}

bool lock_load(ErlNifEnv *env) {
    const ErlNifResourceFlags flags = ERL_NIF_RT_CREATE | ERL_NIF_RT_TAKEOVER;
    lock_type = enif_open_resource_type(env, NULL, "rebeam_lock", destroy, flags, NULL);
    return lock_type != NULL;
}

/* Whether the name still means the file that was opened: another may have taken its place. */
static bool is_at(int fd, const char *path) {
    struct stat opened, there;
    return fstat(fd, &opened) == 0 && stat(path, &there) == 0 && opened.st_dev == there.st_dev &&
           opened.st_ino == there.st_ino;
}

/* The locked file, or -1 with errno. */
static int open_locked(const char *path) {
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
        if (fd < 0)
            return -1;
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 && is_at(fd, path))
            return fd;
        int error = errno;
        bool moved = !is_at(fd, path);
        close(fd);
        errno = error;
        if (!moved)
            return -1;
    }
}

ERL_NIF_TERM lock_take(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifBinary path;
    char name[PATH_MAX];
    (void)argc;
    if (!enif_inspect_iolist_as_binary(env, argv[0], &path) ||
        memchr(path.data, '\0', path.size) != NULL)
        return enif_make_badarg(env);
    if (path.size >= sizeof name)
        return loader_error(env, strerror(ENAMETOOLONG));
    memcpy(name, path.data, path.size);
    name[path.size] = '\0';
    int fd = open_locked(name);
    if (fd < 0)
        return errno == EWOULDBLOCK ? enif_make_atom(env, "locked")
                                    : loader_error(env, strerror(errno));
    struct lock *lock = enif_alloc_resource(lock_type, sizeof *lock);
    atomic_init(&lock->fd, fd);
    ERL_NIF_TERM term = enif_make_resource(env, lock);
    enif_release_resource(lock);
    return enif_make_tuple2(env, loader_ok(env), term);
}

ERL_NIF_TERM lock_release(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    void *lock;
    (void)argc;
    if (!enif_get_resource(env, argv[0], lock_type, &lock))
        return enif_make_badarg(env);
    give_back(lock);
    return loader_ok(env);
}
