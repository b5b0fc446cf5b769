/* The NIF table of rebeam_loader.so, and the opening of libpython. */
#include "loader/loader.h"

#include <dlfcn.h>
#include <limits.h>
#include <string.h>

ERL_NIF_TERM loader_ok(ErlNifEnv *env) {
    return enif_make_atom(env, "ok");
}

ERL_NIF_TERM loader_error(ErlNifEnv *env, const char *text) {
    ERL_NIF_TERM binary;
    size_t size = strlen(text);
    memcpy(enif_make_new_binary(env, size, &binary), text, size);
    return enif_make_tuple2(env, enif_make_atom(env, "error"), binary);
}

/* open(Path): its symbols become global, because the core library and every C
 * extension that Python imports resolve theirs from it. Never closed. */
static ERL_NIF_TERM loader_open(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
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

static ErlNifFunc functions[] = {
    {"open", 1, loader_open, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"set_env", 2, process_set_env, 0},
    {"limit_data", 1, process_limit_data, 0},
    {"seal_descriptors", 0, process_seal_descriptors, 0},
    {"exec", 2, process_exec, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"detach_stdin", 0, stdin_detach, 0},
    {"attach_stdin", 1, stdin_attach, ERL_NIF_DIRTY_JOB_IO_BOUND},
};

ERL_NIF_INIT(Elixir.Rebeam.Loader, functions, NULL, NULL, NULL, NULL)
