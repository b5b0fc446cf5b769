/* Another library that embeds CPython, as far as it concerns us: it opens libpython for itself and
 * initialises it. */
#include <dlfcn.h>
#include <erl_nif.h>
#include <string.h>

static ERL_NIF_TERM start(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    char path[4096];
    void (*initialize)(int) = NULL;
    void *(*leave)(void) = NULL;
    (void)argc;
    if (enif_get_string(env, argv[0], path, sizeof path, ERL_NIF_LATIN1) <= 0)
        return enif_make_badarg(env);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return enif_make_string(env, dlerror(), ERL_NIF_LATIN1);
    *(void **)&initialize = dlsym(library, "Py_InitializeEx");
    *(void **)&leave = dlsym(library, "PyEval_SaveThread");
    initialize(0);
    leave();
    return enif_make_atom(env, "ok");
}

static ErlNifFunc functions[] = {{"start", 1, start, ERL_NIF_DIRTY_JOB_CPU_BOUND}};

ERL_NIF_INIT(Elixir.Other, functions, NULL, NULL, NULL, NULL)
