#include "loader/process.h"

#include "loader/answer.h"
#include "loader/preload.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Returns a C string that the caller frees, or NULL if the term is no text. */
static char *text_new(ErlNifEnv *env, ERL_NIF_TERM term) {
    ErlNifBinary binary;
    if (!enif_inspect_binary(env, term, &binary) || memchr(binary.data, 0, binary.size) != NULL)
        return NULL;
    return strndup((const char *)binary.data, binary.size);
}

ERL_NIF_TERM process_set_env(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    char *name = text_new(env, argv[0]);
    char *value = text_new(env, argv[1]);
    int status = -1;
    (void)argc;
    if (name != NULL)
        status = value != NULL ? setenv(name, value, 1) : unsetenv(name);
    free(name);
    free(value);
    return status == 0 ? loader_ok(env) : enif_make_badarg(env);
}

ERL_NIF_TERM process_limit_data(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifUInt64 bytes;
    struct rlimit limit;
    (void)argc;
    if (!enif_get_uint64(env, argv[0], &bytes) || getrlimit(RLIMIT_DATA, &limit) != 0)
        return enif_make_badarg(env);
    if (limit.rlim_max == RLIM_INFINITY || bytes < limit.rlim_max)
        limit.rlim_cur = (rlim_t)bytes;
    if (setrlimit(RLIMIT_DATA, &limit) != 0)
        return loader_error(env, strerror(errno));
    return loader_ok(env);
}

/* Frees a vector of `count` texts. */
static void vector_free(char **vector, unsigned count) {
    for (unsigned i = 0; vector != NULL && i < count; i++)
        free(vector[i]);
    free(vector);
}

/* Returns a NULL-terminated vector that vector_free takes, or NULL. */
static char **vector_new(ErlNifEnv *env, ERL_NIF_TERM list, unsigned *count) {
    ERL_NIF_TERM head;
    char **vector;
    if (!enif_get_list_length(env, list, count))
        return NULL;
    vector = calloc((size_t)*count + 1, sizeof *vector);
    for (unsigned i = 0; vector != NULL && enif_get_list_cell(env, list, &head, &list); i++) {
        vector[i] = text_new(env, head);
        if (vector[i] == NULL) {
            vector_free(vector, *count);
            return NULL;
        }
    }
    return vector;
}

/* Is the other end of this pipe open here as well? */
static int pipe_is_own(int self, ino_t inode, int limit) {
    struct stat other;
    for (int fd = 3; fd < limit; fd++)
        if (fd != self && fstat(fd, &other) == 0 && S_ISFIFO(other.st_mode) &&
            other.st_ino == inode)
            return 1;
    return 0;
}

/* A socket pair carries the credentials of the process that made it. */
static int socket_is_own(int fd) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == getpid();
}

/* eventpoll, timerfd, eventfd: no file type at all. */
static int is_anonymous(mode_t mode) {
    return (mode & S_IFMT) == 0;
}

/* ERTS keeps some open on /dev/null; a user's own would do nothing either. */
static int is_null_device(const struct stat *stat) {
    return S_ISCHR(stat->st_mode) && stat->st_rdev == makedev(1, 3);
}

/* Did this VM open the descriptor, rather than inherit it from the user's shell?
 * Those of `main.py <(command)`, 3<file and socket activation must survive. */
static int descriptor_is_own(int fd, const struct stat *stat, int limit) {
    return is_anonymous(stat->st_mode) || is_null_device(stat) ||
           (S_ISSOCK(stat->st_mode) && socket_is_own(fd)) ||
           (S_ISFIFO(stat->st_mode) && pipe_is_own(fd, stat->st_ino, limit));
}

/* The highest open descriptor, plus one. */
static int descriptor_limit(void) {
    int limit = 3;
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (atoi(entry->d_name) >= limit)
            limit = atoi(entry->d_name) + 1;
    if (folder != NULL)
        closedir(folder);
    return limit;
}

/* Calls `act` for each descriptor that this VM opened. */
static void for_each_own(void (*act)(int fd, mode_t mode)) {
    struct stat stat;
    int limit = descriptor_limit();
    for (int fd = 3; fd < limit; fd++)
        if (fstat(fd, &stat) == 0 && descriptor_is_own(fd, &stat, limit))
            act(fd, stat.st_mode);
}

static void close_on_exec(int fd, mode_t mode) {
    (void)mode;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* Sockets at once: the port spawner, a child of this VM, ends when it sees its own
 * closed. The rest when the new program starts, as the VM still runs. */
static void close_or_mark(int fd, mode_t mode) {
    if (S_ISSOCK(mode))
        close(fd);
    else
        close_on_exec(fd, mode);
}

ERL_NIF_TERM process_seal_descriptors(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc, (void)argv;
    for_each_own(close_on_exec);
    return loader_ok(env);
}

/* Lets the port spawner end, while the VM ignores SIGCHLD and thereby reaps it:
 * the new program must not find a child that it does not know. */
static void await_children(void) {
    const struct timespec step = {.tv_nsec = 1000000};
    for (int i = 0; i < 100 && waitpid(-1, NULL, WNOHANG) == 0; i++)
        nanosleep(&step, NULL);
}

ERL_NIF_TERM process_hand_over(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    char *path = text_new(env, argv[0]);
    (void)argc;
    if (path == NULL)
        return enif_make_badarg(env);
    ERL_NIF_TERM result =
        preload_forked(path) == 0 ? loader_ok(env) : loader_error(env, strerror(errno));
    free(path);
    return result;
}

/* But for what the user's shell has ignored. */
static void set_default(int number) {
    struct sigaction now;
    if (sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_IGN)
        signal(number, SIG_DFL);
}

ERL_NIF_TERM process_default_signals(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    sigset_t none;
    (void)argc, (void)argv;
    sigemptyset(&none);
    set_default(SIGTERM);
    set_default(SIGINT);
    /* One thread is enough. It accepts all, as run/signals.c reaches it by another one. */
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    return loader_ok(env);
}

/* What the VM ignores would stay ignored, and this thread's mask would stay set. ERTS takes SIGTERM
 * before there is anybody who is told, so that one waits. */
static void reset_signals(void) {
    sigset_t waits;
    sigemptyset(&waits);
    sigaddset(&waits, SIGTERM);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGFPE, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
    pthread_sigmask(SIG_SETMASK, &waits, NULL);
}

/* The VM made these non-blocking; whoever comes next expects otherwise. */
static void make_blocking(void) {
    for (int fd = 0; fd <= 2; fd++) {
        int flags = fcntl(fd, F_GETFL);
        if (flags >= 0)
            fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    }
}

ERL_NIF_TERM process_exec(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    char *program = text_new(env, argv[0]);
    unsigned count = 0;
    char **arguments = vector_new(env, argv[1], &count);
    ERL_NIF_TERM result = enif_make_badarg(env);
    (void)argc;
    if (program == NULL || arguments == NULL)
        goto done;
    for_each_own(close_or_mark);
    await_children();
    reset_signals();
    make_blocking();
    execv(program, arguments);
    result = loader_error(env, strerror(errno));
done:
    vector_free(arguments, count);
    free(program);
    return result;
}
