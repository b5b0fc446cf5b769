/* What happens before there is a Python: the small library that is loaded into
 * every VM, opens libpython, and hands the process over to a fresh VM.
 *
 * Knows nothing of Python's headers. No call here is repeated or concurrent:
 * Mix's task and the command line use them one after the other, at start-up.
 * Failures are `{error, Text}` with the system's own text.
 *
 * Here are the opening of libpython and the table of NIFs, rebeam_loader.so's.
 */
#include "loader/answer.h"
#include "loader/embedded.h"
#include "loader/lock.h"
#include "loader/process.h"
#include "loader/stdin.h"
#include "loader/terminal.h"

#include <dlfcn.h>
#include <limits.h>
#include <string.h>

/* open(Path): its symbols become global, because the core library and every C
 * extension that Python imports resolve theirs from it. Never closed. */
static ERL_NIF_TERM open_library(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifBinary path;
    char name[PATH_MAX];
    (void)argc;
    if (!enif_inspect_iolist_as_binary(env, argv[0], &path) || path.size >= sizeof name)
        return enif_make_badarg(env);
    memcpy(name, path.data, path.size);
    name[path.size] = '\0';
    if (dlopen(name, RTLD_NOW | RTLD_GLOBAL) == NULL)
        return loader_error(env, dlerror());
    return loader_ok(env);
}

/* embedded() -> ok | {error, Path} of a libpython that somebody has initialised. */
static ERL_NIF_TERM find_embedded(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    char paths[4 * PATH_MAX];
    (void)argc, (void)argv;
    const char *path = embedded_find(paths, sizeof paths);
    return path == NULL ? loader_ok(env) : loader_error(env, path);
}

static ErlNifFunc functions[] = {
    {"embedded", 0, find_embedded, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"open", 1, open_library, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"set_env", 2, process_set_env, 0},
    {"limit_data", 1, process_limit_data, 0},
    {"seal_descriptors", 0, process_seal_descriptors, 0},
    {"default_signals", 0, process_default_signals, 0},
    {"hand_over", 1, process_hand_over, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"exec", 2, process_exec, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"detach_stdin", 0, stdin_detach, 0},
    {"attach_stdin", 1, stdin_attach, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"lock", 1, lock_take, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"unlock", 1, lock_release, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"terminal_take", 0, terminal_take, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"terminal_give_back", 0, terminal_give_back, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"terminal_size", 0, terminal_size, 0},
    {"terminal_read", 1, terminal_read, ERL_NIF_DIRTY_JOB_IO_BOUND},
};

static int load(ErlNifEnv *env, void **data, ERL_NIF_TERM info) {
    (void)data;
    (void)info;
    return lock_load(env) ? 0 : -1;
}

ERL_NIF_INIT(Elixir.Rebeam.Loader, functions, load, NULL, NULL, NULL)
