#include "loader/stdin.h"

#include "loader/answer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The original standard input while it is detached, else -1. */
static int original = -1;

/* Ends the VM's interest in its descriptor 0: what it would still read after stdin_attach would be
 * lost. It polls with epoll, whose descriptors are its own secret. */
static void unwatch(void) {
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        static const char epoll[] = "anon_inode:[eventpoll]";
        char target[sizeof epoll];
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target);
        if (length == sizeof epoll - 1 && memcmp(target, epoll, sizeof epoll - 1) == 0)
            epoll_ctl(atoi(entry->d_name), EPOLL_CTL_DEL, 0, NULL);
    }
    if (folder != NULL)
        closedir(folder);
}

ERL_NIF_TERM stdin_detach(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct stat stat;
    int empty;
    (void)argc;
    (void)argv;
    if (fstat(0, &stat) < 0 ||
        !(S_ISREG(stat.st_mode) || S_ISFIFO(stat.st_mode) || S_ISSOCK(stat.st_mode)))
        return enif_make_atom(env, "other");
    original = fcntl(0, F_DUPFD_CLOEXEC, 3);
    empty = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (original < 0 || empty < 0)
        return enif_make_atom(env, "other");
    unwatch();
    dup2(empty, 0);
    close(empty);
    return enif_make_atom(env, S_ISREG(stat.st_mode) ? "file" : "pipe");
}

/* Returns 0 when everything was written. */
static int write_all(int fd, const unsigned char *data, size_t size) {
    while (size > 0) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno != EINTR)
            return -1;
        if (written > 0) {
            data += written;
            size -= (size_t)written;
        }
    }
    return 0;
}

/* Waits until there is input. Returns 0 if the reader of `out` has gone. */
static int input_awaited(int in, int out) {
    struct pollfd both[2] = {{.fd = in, .events = POLLIN}, {.fd = out, .events = 0}};
    while (poll(both, 2, -1) < 0)
        if (errno != EINTR)
            return 0;
    return (both[1].revents & POLLERR) == 0;
}

/* The copying process. Only calls that are safe after fork in a threaded program. */
static void relay(int in, int out, const ErlNifBinary *first) {
    static unsigned char chunk[65536];
    ssize_t size;
    if (write_all(out, first->data, first->size) < 0)
        return;
    while (input_awaited(in, out)) {
        size = read(in, chunk, sizeof chunk);
        if (size == 0 || (size < 0 && errno != EINTR))
            return;
        if (size > 0 && write_all(out, chunk, (size_t)size) < 0)
            return;
    }
}

/* Keeps nothing open but the two ends: a shell that waits for the end of our
 * output must not wait for this process. */
static void close_all_but(int in, int out) {
    int limit = (int)sysconf(_SC_OPEN_MAX);
    for (int fd = 0; fd < limit; fd++)
        if (fd != in && fd != out)
            close(fd);
}

/* Twice forked, so that the user's program has no child it does not know. Ctrl-C
 * is for the program, which may want to read on; a gone reader ends the relay. */
static int relay_start(int in, int out, const ErlNifBinary *first) {
    int status;
    pid_t child = fork();
    if (child < 0)
        return -1;
    if (child == 0) {
        if (fork() == 0) {
            signal(SIGINT, SIG_IGN);
            signal(SIGPIPE, SIG_IGN);
            close_all_but(in, out);
            relay(in, out, first);
        }
        _exit(0);
    }
    /* SIGCHLD is ignored in a VM: this waits for the end and finds no status. */
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return 0;
}

/* Has every writer gone, and nothing is left to read? */
static int at_end(int fd) {
    struct pollfd poll_one = {.fd = fd, .events = POLLIN};
    return poll(&poll_one, 1, 0) == 1 && (poll_one.revents & (POLLIN | POLLHUP)) == POLLHUP;
}

/* Makes descriptor 0 a pipe that begins with `first`. Returns 0, or -1 with errno. */
static int pipe_attach(const ErlNifBinary *first) {
    int ends[2];
    int status = 0;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    if (at_end(original) && first->size <= (size_t)fcntl(ends[1], F_GETPIPE_SZ))
        status = write_all(ends[1], first->data, first->size);
    else
        status = relay_start(original, ends[1], first);
    dup2(ends[0], 0);
    close(ends[0]);
    close(ends[1]);
    return status;
}

ERL_NIF_TERM stdin_attach(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifBinary first;
    int status = 0;
    (void)argc;
    if (original < 0 || !enif_inspect_binary(env, argv[0], &first))
        return enif_make_badarg(env);
    if (first.size == 0 || lseek(original, -(off_t)first.size, SEEK_CUR) >= 0)
        status = dup2(original, 0);
    else
        status = pipe_attach(&first);
    close(original);
    original = -1;
    return status < 0 ? loader_error(env, strerror(errno)) : loader_ok(env);
}
