#include "loader/terminal.h"

#include "loader/answer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

enum { KEYS_MAX = 256 };

static const char enter[] = "\033[?1049h\033[?25l", leave[] = "\033[?25h\033[?1049l";

static struct termios before;
static atomic_bool taken;

static void write_all(const char *text, size_t length) {
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, text, length);
        if (written < 0 && errno != EINTR && errno != EAGAIN)
            return;
        if (written > 0) {
            text += written;
            length -= (size_t)written;
        }
    }
}

/* Also called by a signal's handler. */
static void give_back(void) {
    if (!atomic_exchange(&taken, false))
        return;
    write_all(leave, sizeof leave - 1);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
}

/* The signal has its default action again. */
static void end(int signal) {
    give_back();
    raise(signal);
}

static void watch_end(void) {
    static atomic_bool watched;
    const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    struct sigaction action = {.sa_handler = end, .sa_flags = SA_ONSTACK | (int)SA_RESETHAND};
    if (atomic_exchange(&watched, true))
        return;
    atexit(give_back);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaction(signals[i], &action, NULL);
}

ERL_NIF_TERM terminal_take(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc, (void)argv;
    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return loader_error(env, strerror(errno));
    struct termios raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    watch_end();
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) < 0)
        return loader_error(env, strerror(errno));
    atomic_store(&taken, true);
    write_all(enter, sizeof enter - 1);
    return loader_ok(env);
}

ERL_NIF_TERM terminal_give_back(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc, (void)argv;
    give_back();
    return loader_ok(env);
}

ERL_NIF_TERM terminal_size(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct winsize size;
    (void)argc, (void)argv;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
        return loader_error(env, strerror(errno));
    return enif_make_tuple2(env, enif_make_uint(env, size.ws_col),
                            enif_make_uint(env, size.ws_row));
}

ERL_NIF_TERM terminal_read(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    char keys[KEYS_MAX];
    ERL_NIF_TERM bytes;
    int milliseconds;
    (void)argc;
    if (!enif_get_int(env, argv[0], &milliseconds))
        return enif_make_badarg(env);
    ssize_t count = poll(&input, 1, milliseconds) > 0 ? read(STDIN_FILENO, keys, sizeof keys) : 0;
    if (count < 0 || (count == 0 && input.revents != 0))
        return loader_error(env, count < 0 ? strerror(errno) : "end of input");
    unsigned char *place = enif_make_new_binary(env, (size_t)count, &bytes);
    memcpy(place, keys, (size_t)count);
    return bytes;
}
