#include "embed/subinterpreter.h"

#include "base/atoms.h"
#include "base/term.h"
#include "embed/home.h"
#include "embed/tell.h"
#include "run/handle.h"
#include "run/thread.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FINISH_SECONDS = 4 }; /* less than Elixir waits for the end of Python */

/* What the thread of a unit begins with. */
struct start {
    ErlNifPid owner;
    size_t length;
    char packed[];
};

/* All units. Guarded by the lock. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t ending; /* units wait for it */
    pthread_cond_t ended;  /* each says it once */
    bool finish;
    unsigned long started, idle, finished;
} units = {.lock = PTHREAD_MUTEX_INITIALIZER,
           .ending = PTHREAD_COND_INITIALIZER,
           .ended = PTHREAD_COND_INITIALIZER};

/* CPython makes one interpreter at a time: what they have in common is not all guarded there. */
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

/* ---- the interpreter -------------------------------------------------------------- */

/* Output by the line also there: else a line of a unit's would come between two halves of one. */
static void prepare_main(void) {
    PyObject *module = PyImport_ImportModule("rebeam._engine.elixir");
    PyObject *done = module ? PyObject_CallMethod(module, "prepare", NULL) : NULL;
    if (done == NULL)
        PyErr_Clear();
    Py_XDECREF(done);
    Py_XDECREF(module);
}

/* Enters the main interpreter on a thread that has no GIL. */
static PyThreadState *enter_main(void) {
    PyThreadState *of_main = PyThreadState_New(embed_interpreter());
    PyEval_RestoreThread(of_main);
    return of_main;
}

/* Leaves it for good, with its GIL. */
static void leave_main(PyThreadState *of_main) {
    PyThreadState_Clear(of_main);
    PyEval_SaveThread();
    PyThreadState_Delete(of_main);
}

/* Returns NULL with the new interpreter's thread state current, its GIL held; or what went wrong.
 * A thread state of the main interpreter has to be there first, for as long as this lasts. */
static const char *make_interpreter(void) {
    const python_interpreter_config config = {
        .use_main_obmalloc = 0,
        .allow_fork = 1, /* it is refused with a better text: run/signals.c */
        .allow_exec = 1,
        .allow_threads = 1,
        .allow_daemon_threads = 1,
        .check_multi_interp_extensions = 1,
        .gil = PYTHON_OWN_GIL,
    };
    PyThreadState *made = NULL, *of_main = enter_main();
    prepare_main();
    python_status status = python_extra.new_interpreter(&made, &config);
    if (made != NULL) {
        PyEval_SaveThread();
        PyEval_RestoreThread(of_main);
    }
    leave_main(of_main);
    if (made == NULL)
        return status.message ? status.message : "CPython could not make an interpreter";
    PyEval_RestoreThread(made);
    return NULL;
}

/* rebeam._engine.interpreter.start(packed): None, or the text of what was raised. */
static PyObject *begin(PyObject *module, const struct start *start) {
    return PyObject_CallMethod(module, "start", "y#", start->packed, (Py_ssize_t)start->length);
}

/* {'$rebeam', ready, Maker}. False with an exception. */
static bool tell_ready(const struct start *start, PyObject *module) {
    PyObject *make = PyObject_GetAttrString(module, "make");
    if (make == NULL)
        return false;
    pthread_mutex_lock(&units.lock);
    units.idle++; /* whoever hears that it is ready may end the program */
    pthread_mutex_unlock(&units.lock);
    ErlNifEnv *env = enif_alloc_env();
    embed_tell(&start->owner, env,
               enif_make_tuple3(env, atoms.protocol, atoms.ready, handle_make(env, make)));
    Py_DECREF(make);
    return true;
}

/* The module rebeam._engine.interpreter of a unit that is up; NULL if it failed, which was told. */
static PyObject *boot(const struct start *start) {
    interpreter_admit();
    PyObject *module = embed_import("rebeam._engine.interpreter");
    PyObject *failure = module ? begin(module, start) : NULL;
    if (failure != NULL && Py_IsNone(failure) && tell_ready(start, module)) {
        Py_DECREF(failure);
        return module;
    }
    const char *text =
        failure && !Py_IsNone(failure) ? PyUnicode_AsUTF8AndSize(failure, NULL) : NULL;
    if (PyErr_Occurred())
        PyErr_WriteUnraisable(NULL); /* PyErr_Print would end the VM on SystemExit */
    embed_tell_failed(&start->owner, text ? text : "the rebeam package could not be imported");
    Py_XDECREF(failure);
    Py_XDECREF(module);
    return NULL;
}

/* ---- what only the main interpreter can do ----------------------------------------------- */

/* In the main interpreter: the text of what was raised, to be freed; NULL if nothing was. */
static char *load_here(const char *name, const char *path) {
    char *text = NULL;
    PyObject *module = PyImport_ImportModule("rebeam._engine.interpreter");
    PyObject *failure = module ? PyObject_CallMethod(module, "load", "sz", name, path) : NULL;
    const char *told =
        failure && !Py_IsNone(failure) ? PyUnicode_AsUTF8AndSize(failure, NULL) : NULL;
    if (told != NULL)
        text = strdup(told);
    PyErr_Clear();
    Py_XDECREF(failure);
    Py_XDECREF(module);
    return text;
}

PyObject *subinterpreter_main_load(PyObject *module, PyObject *args) {
    const char *name, *path;
    (void)module;
    if (!PyArg_ParseTuple(args, "sz", &name, &path))
        return NULL;
    PyThreadState *own = PyEval_SaveThread();
    struct interpreter *before = interpreter_switch(NULL);
    PyThreadState *of_main = enter_main();
    char *text = load_here(name, path); /* the arguments keep both alive */
    leave_main(of_main);
    interpreter_switch(before);
    PyEval_RestoreThread(own);
    PyObject *failure =
        text ? PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace") : Py_NewRef(Py_None);
    free(text);
    return failure;
}

/* ---- its thread --------------------------------------------------------------------- */

/* Waits without the GIL until the program ends. */
static void await_end(void) {
    PyThreadState *thread_state = PyEval_SaveThread();
    pthread_mutex_lock(&units.lock);
    while (!units.finish)
        pthread_cond_wait(&units.ending, &units.lock);
    pthread_mutex_unlock(&units.lock);
    PyEval_RestoreThread(thread_state);
}

static void finish(PyObject *module) {
    PyObject *result = PyObject_CallMethod(module, "finish", NULL);
    if (result == NULL)
        PyErr_WriteUnraisable(module);
    Py_XDECREF(result);
    PyEval_SaveThread();
    pthread_mutex_lock(&units.lock);
    units.finished++;
    pthread_cond_signal(&units.ended);
    pthread_mutex_unlock(&units.lock);
}

static void *unit_main(void *argument) {
    struct start *start = argument;
    pthread_mutex_lock(&making);
    const char *failure = make_interpreter();
    pthread_mutex_unlock(&making);
    PyObject *module = NULL;
    if (failure != NULL)
        embed_tell_failed(&start->owner, failure);
    else if ((module = boot(start)) == NULL)
        PyEval_SaveThread(); /* it stays as it is: threads may be in it */
    free(start);
    if (module != NULL) {
        await_end();
        finish(module);
    }
    return NULL;
}

/* ---- the end ------------------------------------------------------------------------ */

bool subinterpreter_any(void) {
    pthread_mutex_lock(&units.lock);
    bool any = units.started > 0;
    pthread_mutex_unlock(&units.lock);
    return any;
}

void subinterpreter_finish(void) {
    pthread_mutex_lock(&units.lock);
    units.finish = true;
    pthread_cond_broadcast(&units.ending);
    pthread_mutex_unlock(&units.lock);
}

void subinterpreter_await_finish(void) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += FINISH_SECONDS;
    pthread_mutex_lock(&units.lock);
    int waited = 0;
    while (units.finished < units.idle && waited == 0)
        waited = pthread_cond_timedwait(&units.ended, &units.lock, &until);
    pthread_mutex_unlock(&units.lock);
}

/* ---- NIF ------------------------------------------------------------------------------ */

static ERL_NIF_TERM failed(ErlNifEnv *env, const char *text) {
    return enif_make_tuple2(env, atoms.error, term_text(env, text));
}

static ERL_NIF_TERM too_old(ErlNifEnv *env) {
    char text[128];
    snprintf(text, sizeof text,
             "isolation=\"interpreter\" needs CPython 3.12 or newer, this is %lu.%lu.%lu: "
             "use \"process\"",
             Py_Version >> 24, Py_Version >> 16 & 0xff, Py_Version >> 8 & 0xff);
    return failed(env, text);
}

ERL_NIF_TERM subinterpreter_nif_start(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifBinary packed;
    (void)argc;
    if (!enif_inspect_binary(env, argv[0], &packed))
        return enif_make_badarg(env);
    if (embed_interpreter() == NULL)
        return failed(env, "Python is not started");
    if (python_extra.new_interpreter == NULL)
        return too_old(env);
    struct start *start = malloc(sizeof *start + packed.size);
    if (start == NULL)
        return failed(env, "out of memory");
    enif_self(env, &start->owner);
    start->length = packed.size;
    memcpy(start->packed, packed.data, packed.size);
    pthread_mutex_lock(&units.lock);
    units.started++;
    pthread_mutex_unlock(&units.lock);
    if (thread_start("rebeam_unit", unit_main, start))
        return atoms.ok;
    free(start);
    return failed(env, "no thread could be started for the interpreter");
}
