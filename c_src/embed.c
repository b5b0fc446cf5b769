#include "embed.h"

#include "actor.h"
#include "atoms.h"
#include "executor.h"
#include "handle.h"
#include "module.h"
#include "signals.h"
#include "term.h"
#include "thread.h"
#include "value.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    CONFIG_BYTES = 16384, /* PyConfig is about 500 bytes; its layout is each version's own */
    ARGUMENTS_MAX = 4096,
    SIGNAL_PERIOD_NANOSECONDS = 50 * 1000 * 1000,
};

enum command { COMMAND_NONE, COMMAND_SCRIPT, COMMAND_FINISH };

/* The one embedded Python. Guarded by `lock` until it is started; then `command`, `mode` and
 * `path` are handed over under the lock, the rest is the main thread's. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t commanded;
    bool started;
    char *arguments[ARGUMENTS_MAX + 1]; /* owned, for ever: sys.argv's bytes */
    Py_ssize_t argument_count;
    char *package; /* owned: the folder that holds the rebeam package */
    enum command command;
    char *mode, *path; /* owned by the command */
    ErlNifPid owner;   /* who gave the last command */
    struct actor *actor;
} python = {.lock = PTHREAD_MUTEX_INITIALIZER, .commanded = PTHREAD_COND_INITIALIZER};

/* ---- messages ------------------------------------------------------------------ */

static void tell(ErlNifEnv *env, ERL_NIF_TERM message) {
    enif_send(NULL, &python.owner, env, message);
    enif_free_env(env);
}

static void tell_status(ERL_NIF_TERM word, int status) {
    ErlNifEnv *env = enif_alloc_env();
    tell(env, enif_make_tuple3(env, atoms.protocol, word, enif_make_int(env, status)));
}

static void tell_failed(const char *text) {
    ErlNifEnv *env = enif_alloc_env();
    tell(env, enif_make_tuple3(env, atoms.protocol, atoms.failed, term_text(env, text)));
}

/* ---- start ---------------------------------------------------------------------- */

/* NULL, or what went wrong. As `python arguments...` up to where it would run the script. */
static const char *initialize(void) {
    static _Alignas(16) unsigned char config[CONFIG_BYTES];
    const char *missing = python_extra_load();
    if (missing != NULL)
        return missing;
    if (PyImport_AppendInittab("_rebeam", PyInit__rebeam) < 0)
        return "out of memory";
    python_extra.config_init(config);
    python_status status =
        python_extra.config_set_argv(config, python.argument_count, python.arguments);
    if (status.type == 0)
        status = python_extra.initialize(config);
    if (status.type != 0)
        return status.message ? status.message : "CPython could not be initialised";
    return NULL;
}

/* Imports rebeam._boot from our folder; sys.path is afterwards as it was. */
static PyObject *import_boot(void) {
    PyObject *path = PySys_GetObject("path"); /* borrowed */
    PyObject *folder = PyUnicode_DecodeFSDefault(python.package);
    PyObject *boot = NULL;
    if (path == NULL || folder == NULL || PyList_Insert(path, 0, folder) < 0)
        goto done;
    boot = PyImport_ImportModule("rebeam._boot");
    if (PySequence_DelItem(path, 0) < 0)
        Py_CLEAR(boot);
done:
    Py_XDECREF(folder);
    return boot;
}

/* ---- the script ------------------------------------------------------------------- */

/* The exit status of the exception that is set; prints what python prints. */
static int status_of_exception(void) {
    if (PyErr_ExceptionMatches(PyExc_SystemExit)) {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        PyErr_NormalizeException(&type, &value, &traceback);
        PyObject *boot = PyImport_ImportModule("rebeam._boot");
        PyObject *status = boot ? PyObject_CallMethod(boot, "exit_status", "O", value) : NULL;
        long number = status ? PyLong_AsLong(status) : 1;
        PyErr_Clear();
        Py_XDECREF(status);
        Py_XDECREF(boot);
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
        return (int)(number & 0xff);
    }
    bool interrupted = PyErr_ExceptionMatches(PyExc_KeyboardInterrupt);
    PyErr_PrintEx(1);
    return interrupted ? EMBED_STATUS_INTERRUPTED : 1;
}

/* While only actors run, Ctrl-C is the usual end of the program, and needs no traceback. */
static int status_of_signal(void) {
    if (!PyErr_ExceptionMatches(PyExc_KeyboardInterrupt))
        return status_of_exception();
    PyErr_Clear();
    return EMBED_STATUS_INTERRUPTED;
}

/* {'$rebeam', ended, PackedTrees, Handles}: the trees to start, (data, objects) in Python. */
static void tell_ended(PyObject *boot) {
    struct buffer packed = {0};
    ErlNifEnv *env = enif_alloc_env();
    ERL_NIF_TERM bytes, handles = enif_make_list(env, 0);
    PyObject *trees = PyObject_CallMethod(boot, "trees", NULL);
    PyObject *data = trees ? PyTuple_GetItem(trees, 0) : NULL;
    PyObject *objects = trees ? PyTuple_GetItem(trees, 1) : NULL;
    if (data == NULL || objects == NULL || value_pack(data, "Supervisor", &packed) < 0) {
        enif_free_env(env);
        tell_status(atoms.exited, status_of_exception());
        goto done;
    }
    bytes = term_binary(env, packed.bytes, packed.length);
    for (Py_ssize_t i = PyList_Size(objects); i-- > 0;)
        handles = enif_make_list_cell(env, handle_make(env, PyList_GetItem(objects, i)), handles);
    tell(env, enif_make_tuple4(env, atoms.protocol, atoms.ended, bytes, handles));
done:
    buffer_free(&packed);
    Py_XDECREF(trees);
}

/* sys.exit(main()) with a supervisor or None: the trees that were made are started. */
static bool exit_starts_trees(PyObject *boot) {
    PyObject *type, *value, *traceback;
    if (!PyErr_ExceptionMatches(PyExc_SystemExit))
        return false;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyObject *answer = PyObject_CallMethod(boot, "exit_starts_trees", "O", value);
    bool starts = answer == Py_True;
    Py_XDECREF(answer);
    if (!starts) {
        PyErr_Restore(type, value, traceback);
        return false;
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return true;
}

static PyObject *evaluate(PyObject *boot) {
    PyObject *code = NULL, *globals = NULL, *result = NULL;
    code = PyObject_CallMethod(boot, "load", "ss", python.mode, python.path);
    if (code == NULL) {
        /* A syntax error is reported as python does: without our frames. */
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        PyErr_NormalizeException(&type, &value, &traceback);
        if (PyErr_GivenExceptionMatches(type, PyExc_SyntaxError)) {
            Py_CLEAR(traceback);
            PyException_SetTraceback(value, Py_None);
        }
        PyErr_Restore(type, value, traceback);
        goto done;
    }
    globals = PyObject_GetAttrString(boot, "main_globals");
    if (globals != NULL)
        result = PYTHON_IS_CODE(code) ? PyEval_EvalCode(code, globals, globals)
                                      : PyObject_CallNoArgs(code);
done:
    Py_XDECREF(code);
    Py_XDECREF(globals);
    return result;
}

static void run_script(PyObject *boot) {
    python.actor = actor_new(interpreter_get()->executor, &python.owner);
    actor_enter(python.actor);
    ErlNifEnv *env = enif_alloc_env();
    ERL_NIF_TERM term = actor_term(env, python.actor);
    tell(env, enif_make_tuple3(env, atoms.protocol, atoms.script, term));
    PyObject *result = evaluate(boot);
    if (result != NULL || exit_starts_trees(boot))
        tell_ended(boot);
    else
        tell_status(atoms.exited, status_of_exception());
    Py_XDECREF(result);
    free(python.mode);
    free(python.path);
}

/* ---- the main thread ------------------------------------------------------------------ */

/* What python does at its end. A script that used no actor is finalised entirely; otherwise other
 * threads may be in Python, and only the orderly part is done. */
static int finish(PyObject *boot) {
    int status = 0;
    if (executor_counts(interpreter_get()->executor).jobs == 0) {
        Py_DECREF(boot);
        return Py_FinalizeEx() < 0 ? 120 : 0;
    }
    PyObject *result = PyObject_CallMethod(boot, "finish", NULL);
    if (result == NULL)
        status = status_of_exception();
    Py_XDECREF(result);
    return status;
}

static enum command await_command(void) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += SIGNAL_PERIOD_NANOSECONDS;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    PyThreadState *thread_state = PyEval_SaveThread();
    pthread_mutex_lock(&python.lock);
    if (python.command == COMMAND_NONE)
        pthread_cond_timedwait(&python.commanded, &python.lock, &until);
    enum command command = python.command;
    python.command = COMMAND_NONE;
    pthread_mutex_unlock(&python.lock);
    PyEval_RestoreThread(thread_state);
    return command;
}

static void serve(PyObject *boot) {
    for (;;) {
        switch (await_command()) {
        case COMMAND_NONE:
            if (PyErr_CheckSignals() < 0)
                tell_status(atoms.signal, status_of_signal());
            break;
        case COMMAND_SCRIPT:
            run_script(boot);
            break;
        case COMMAND_FINISH:
            tell_status(atoms.exited, finish(boot));
            return;
        }
    }
}

static void *main_thread(void *argument) {
    (void)argument;
    signals_claim();
    const char *failure = initialize();
    signals_share();
    if (failure != NULL) {
        tell_failed(failure);
        return NULL;
    }
    PyObject *boot = signals_watch_children() == 0 ? import_boot() : NULL;
    if (boot == NULL) {
        PyErr_PrintEx(0);
        tell_failed("the rebeam package could not be imported");
        return NULL;
    }
    ErlNifEnv *env = enif_alloc_env();
    tell(env, enif_make_tuple2(env, atoms.protocol, atoms.ready));
    serve(boot);
    return NULL;
}

/* ---- NIFs --------------------------------------------------------------------------------- */

/* A C string of the binary, malloced; NULL for anything else. */
static char *copy_text(ErlNifEnv *env, ERL_NIF_TERM term) {
    ErlNifBinary binary;
    if (!enif_inspect_binary(env, term, &binary) || memchr(binary.data, 0, binary.size) != NULL)
        return NULL;
    char *text = malloc(binary.size + 1);
    if (text != NULL) {
        memcpy(text, binary.data, binary.size);
        text[binary.size] = 0;
    }
    return text;
}

static bool take_arguments(ErlNifEnv *env, ERL_NIF_TERM list) {
    ERL_NIF_TERM head;
    while (enif_get_list_cell(env, list, &head, &list)) {
        char *text = copy_text(env, head);
        if (text == NULL || python.argument_count == ARGUMENTS_MAX)
            return false;
        python.arguments[python.argument_count++] = text;
    }
    return python.argument_count > 0;
}

ERL_NIF_TERM embed_nif_start(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ERL_NIF_TERM result = atoms.ok;
    (void)argc;
    pthread_mutex_lock(&python.lock);
    enif_self(env, &python.owner);
    if (python.started) {
        result = atoms.ready; /* CPython stays once it is there */
    } else if (!take_arguments(env, argv[0]) ||
               (python.package = copy_text(env, argv[1])) == NULL) {
        result = enif_make_badarg(env);
    } else {
        python.started = thread_start("rebeam_main", main_thread, NULL);
        if (!python.started)
            result = atoms.error;
    }
    pthread_mutex_unlock(&python.lock);
    return result;
}

static void command(ErlNifEnv *env, enum command which, char *mode, char *path) {
    pthread_mutex_lock(&python.lock);
    enif_self(env, &python.owner);
    python.mode = mode;
    python.path = path;
    python.command = which;
    pthread_cond_signal(&python.commanded);
    pthread_mutex_unlock(&python.lock);
}

ERL_NIF_TERM embed_nif_script(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    char *mode = copy_text(env, argv[0]), *path = copy_text(env, argv[1]);
    (void)argc;
    if (mode == NULL || path == NULL) {
        free(mode);
        free(path);
        return enif_make_badarg(env);
    }
    command(env, COMMAND_SCRIPT, mode, path);
    return atoms.ok;
}

ERL_NIF_TERM embed_nif_finish(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc, (void)argv;
    command(env, COMMAND_FINISH, NULL, NULL);
    return atoms.ok;
}
