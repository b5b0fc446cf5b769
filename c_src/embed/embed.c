#include "embed/embed.h"

#include "base/atoms.h"
#include "embed/home.h"
#include "embed/module.h"
#include "embed/script.h"
#include "embed/subinterpreter.h"
#include "embed/tell.h"
#include "memory/memory.h"
#include "run/executor.h"
#include "run/handle.h"
#include "run/signals.h"
#include "run/thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    CONFIG_BYTES = 16384, /* PyConfig is about 500 bytes; its layout is each version's own */
    SIGNAL_PERIOD_NANOSECONDS = 50 * 1000 * 1000,
};

enum command { COMMAND_SCRIPT, COMMAND_FINISH };

/* What the main thread is to do. */
struct order {
    struct order *next;
    enum command command;
    struct script script; /* its owner gave the order; the rest is for SCRIPT, and owned */
};

/* The one embedded Python. Guarded by `lock` until it is started; then the list of orders is, and
 * the rest is the main thread's. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t commanded;
    struct order *first, *last; /* owned; done one after the other */
    bool started;
    char **arguments; /* owned, for ever: sys.argv's bytes */
    Py_ssize_t argument_count;
    ErlNifPid owner;   /* of the last order that was begun, before that who started it */
    ErlNifPid program; /* who is told of Ctrl-C: the command's script, else the last one */
    bool has_program;
    ErlNifPid runner; /* of the command: who is told of SIGTERM and SIGHUP */
} python = {.lock = PTHREAD_MUTEX_INITIALIZER, .commanded = PTHREAD_COND_INITIALIZER};

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

/* Whoever attaches to the process finds the main thread by this (`python -m pdb -p`). */
static bool is_attachable(void) {
    return Py_Version >= 0x030e0000 && python_extra.set_running_main != NULL &&
           python_extra.set_not_running_main != NULL;
}

/* False with an exception. */
static bool show_main(void) {
    return !is_attachable() || python_extra.set_running_main(PyInterpreterState_Get()) == 0;
}

/* ---- the main thread ------------------------------------------------------------------ */

/* While only actors run, Ctrl-C is the usual end of the program, and needs no traceback. */
static int status_of_signal(void) {
    if (!PyErr_ExceptionMatches(PyExc_KeyboardInterrupt))
        return script_exit_status();
    PyErr_Clear();
    signals_expect_end();
    return EMBED_STATUS_INTERRUPTED;
}

/* What python does at its end. A script that used no actor is finalised entirely; otherwise other
 * threads may be in Python, and only the orderly part is done. So it is where Elixir started
 * Python without a script: the VM goes on for a while. And so it is where messages have memory of
 * Python's, which is given back on a worker; to give it back counts as work before it counts here.
 */
static int finish(PyObject *boot) {
    int status = 0;
    bool idle = !subinterpreter_any() && memory_count() == 0;
    struct executor_counts work = executor_counts(interpreter_get()->executor);
    if (PyErr_CheckSignals() < 0) /* of a Ctrl-C that was told already, as it may be */
        status = status_of_signal();
    if (python.argument_count > 1 && idle && work.jobs + work.queued + work.dedicated == 0) {
        Py_DECREF(boot);
        embed_set_interpreter(NULL);
        if (is_attachable())
            python_extra.set_not_running_main(PyInterpreterState_Get());
        return Py_FinalizeEx() < 0 ? 120 : 0;
    }
    script_leave();
    subinterpreter_finish();
    PyObject *result = PyObject_CallMethod(boot, "finish", NULL);
    if (result == NULL)
        status = script_exit_status();
    Py_XDECREF(result);
    Py_BEGIN_ALLOW_THREADS;
    subinterpreter_await_finish();
    Py_END_ALLOW_THREADS;
    return status;
}

static void order_free(struct order *self) {
    free(self->script.mode);
    free(self->script.path);
    free(self->script.arguments);
    free(self);
}

/* The lock is held. */
static void take_program(const struct order *order) {
    bool own = order->command == COMMAND_SCRIPT && !order->script.supervised;
    if (own || (order->command == COMMAND_SCRIPT && !python.has_program))
        python.program = order->script.owner;
    python.has_program = python.has_program || own;
}

static void tell_end(int number) {
    pthread_mutex_lock(&python.lock);
    ErlNifPid receiver = number == SIGINT ? python.program : python.runner;
    pthread_mutex_unlock(&python.lock);
    embed_tell_status(&receiver, atoms.signal, EMBED_STATUS_SIGNAL + number);
}

/* The next order, to be freed; NULL if there is none yet. */
static struct order *await_order(void) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += SIGNAL_PERIOD_NANOSECONDS;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    PyThreadState *thread_state = PyEval_SaveThread();
    pthread_mutex_lock(&python.lock);
    if (python.first == NULL)
        pthread_cond_timedwait(&python.commanded, &python.lock, &until);
    struct order *order = python.first;
    if (order != NULL) {
        python.first = order->next;
        if (python.first == NULL)
            python.last = NULL;
        python.owner = order->script.owner;
        take_program(order);
    }
    pthread_mutex_unlock(&python.lock);
    PyEval_RestoreThread(thread_state);
    return order;
}

/* True if nothing can follow. */
static bool obey(const struct order *order, PyObject *boot) {
    switch (order->command) {
    case COMMAND_SCRIPT:
        script_run(&order->script, boot);
        if (signals_tell(tell_end)) /* else Python sees to it when it has the GIL */
            signals_end_on_interrupt();
        return false;
    case COMMAND_FINISH:
        embed_tell_status(&python.owner, atoms.exited, finish(boot));
        return true;
    }
    return false;
}

/* Sees to signals, and to debuggers, which want a frame. 0, or -1 with an exception. */
static int attend(PyObject *boot) {
    if (is_attachable()) {
        PyObject *result = PyObject_CallMethod(boot, "attend", NULL);
        if (result == NULL)
            return -1;
        Py_DECREF(result);
    }
    return PyErr_CheckSignals();
}

static void serve(PyObject *boot) {
    for (bool over = false; !over;) {
        struct order *order = await_order();
        if (order == NULL) {
            if (attend(boot) < 0)
                embed_tell_status(&python.program, atoms.signal, status_of_signal());
            continue;
        }
        over = obey(order, boot);
        order_free(order);
    }
}

/* {'$rebeam', ready, Handle}: what makes actors for Elixir; nothing can fail after it. False with
 * an exception. */
static bool tell_ready(PyObject *boot) {
    PyObject *make = PyObject_GetAttrString(boot, "make");
    if (make == NULL)
        return false;
    embed_set_interpreter(PyInterpreterState_Get());
    ErlNifEnv *env = enif_alloc_env();
    embed_tell(&python.owner, env,
               enif_make_tuple3(env, atoms.protocol, atoms.ready, handle_make(env, make)));
    Py_DECREF(make);
    return true;
}

static void *main_thread(void *argument) {
    (void)argument;
    /* Who creates a thread blocks all signals meanwhile, and would seem to block them for good. It
     * has the lock until that is over. */
    pthread_mutex_lock(&python.lock);
    pthread_mutex_unlock(&python.lock);
    signals_claim();
    const char *failure = initialize();
    signals_share();
    if (failure != NULL) {
        embed_tell_failed(&python.owner, failure);
        return NULL;
    }
    PyObject *boot = signals_watch_children() == 0 ? embed_import("rebeam._program.boot") : NULL;
    if (boot == NULL || !show_main() || !tell_ready(boot)) {
        PyErr_PrintEx(0);
        embed_tell_failed(&python.owner, "the rebeam package could not be imported");
        return NULL;
    }
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

/* Of a start that came to nothing. */
static void drop_arguments(void) {
    while (python.argument_count > 0)
        free(python.arguments[--python.argument_count]);
    free(python.arguments);
    python.arguments = NULL;
}

static bool take_arguments(ErlNifEnv *env, ERL_NIF_TERM list) {
    ERL_NIF_TERM head;
    unsigned length;
    drop_arguments();
    if (!enif_get_list_length(env, list, &length) ||
        (python.arguments = calloc(length + 1, sizeof *python.arguments)) == NULL)
        return false;
    while (enif_get_list_cell(env, list, &head, &list)) {
        char *text = copy_text(env, head);
        if (text == NULL)
            return false;
        python.arguments[python.argument_count++] = text;
    }
    return python.argument_count > 0;
}

ERL_NIF_TERM embed_nif_start(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ERL_NIF_TERM result = atoms.ok;
    char *package;
    (void)argc;
    pthread_mutex_lock(&python.lock);
    if (!python.started)
        python.program = *enif_self(env, &python.owner);
    if (python.started) {
        result = atoms.ready; /* CPython stays once it is there */
    } else if (!take_arguments(env, argv[0]) || (package = copy_text(env, argv[1])) == NULL) {
        result = enif_make_badarg(env);
    } else {
        embed_set_package(package);
        python.started = thread_start("rebeam_main", main_thread, NULL);
        if (!python.started)
            result = atoms.error;
    }
    pthread_mutex_unlock(&python.lock);
    return result;
}

/* Queues the order, which it takes. */
static void give(ErlNifEnv *env, struct order *order) {
    enif_self(env, &order->script.owner);
    pthread_mutex_lock(&python.lock);
    *(python.last ? &python.last->next : &python.first) = order;
    python.last = order;
    pthread_cond_signal(&python.commanded);
    pthread_mutex_unlock(&python.lock);
}

/* nil, or a binary that is copied into the order. */
static bool take_packed(ErlNifEnv *env, ERL_NIF_TERM term, struct order *order) {
    ErlNifBinary binary;
    if (term == atoms.nil)
        return true;
    if (!enif_inspect_binary(env, term, &binary))
        return false;
    order->script.arguments = malloc(binary.size + 1);
    if (order->script.arguments == NULL)
        return false;
    memcpy(order->script.arguments, binary.data, binary.size);
    order->script.arguments_length = binary.size;
    return true;
}

ERL_NIF_TERM embed_nif_script(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct order *order = calloc(1, sizeof *order);
    (void)argc;
    if (order == NULL)
        return enif_make_badarg(env);
    order->command = COMMAND_SCRIPT;
    order->script.supervised = argv[3] == atoms.true_;
    ErlNifSInt64 output = 0;
    if ((order->script.mode = copy_text(env, argv[0])) == NULL ||
        (order->script.path = copy_text(env, argv[1])) == NULL ||
        !take_packed(env, argv[2], order) || !enif_get_int64(env, argv[4], &output)) {
        order_free(order);
        return enif_make_badarg(env);
    }
    order->script.output = output;
    give(env, order);
    return atoms.ok;
}

ERL_NIF_TERM embed_nif_finish(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct order *order = calloc(1, sizeof *order);
    (void)argc, (void)argv;
    if (order == NULL)
        return enif_make_badarg(env);
    order->command = COMMAND_FINISH;
    give(env, order);
    return atoms.ok;
}

ERL_NIF_TERM embed_nif_heed_signals(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc, (void)argv;
    pthread_mutex_lock(&python.lock);
    enif_self(env, &python.runner);
    pthread_mutex_unlock(&python.lock);
    if (!signals_tell(tell_end))
        return atoms.error;
    signals_heed();
    return atoms.ok;
}

ERL_NIF_TERM embed_nif_end_signals(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc, (void)argv;
    int number = signals_over();
    return number == 0 ? atoms.nil : enif_make_int(env, EMBED_STATUS_SIGNAL + number);
}
