#include "embed/script.h"

#include "actor/context.h"
#include "actor/directory.h"
#include "actor/kill.h"
#include "actor/life.h"
#include "actor/state.h"
#include "base/atoms.h"
#include "base/term.h"
#include "embed/tell.h"
#include "output/output.h"
#include "run/handle.h"
#include "run/signals.h"
#include "value/python/pack.h"
#include "value/python/unpack.h"

/* Before the exception that is set is shown: rebeam._errors.prepare. */
static void prepare_to_show(void) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL)
        PyException_SetTraceback(value, traceback);
    PyObject *boot = PyImport_ImportModule("rebeam._program.boot");
    PyObject *done = boot ? PyObject_CallMethod(boot, "prepare", "O", value) : NULL;
    PyErr_Clear();
    Py_XDECREF(done);
    Py_XDECREF(boot);
    Py_XDECREF(traceback);
    PyErr_Restore(type, value, PyException_GetTraceback(value));
}

int script_exit_status(void) {
    if (PyErr_ExceptionMatches(PyExc_SystemExit)) {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        PyErr_NormalizeException(&type, &value, &traceback);
        PyObject *boot = PyImport_ImportModule("rebeam._program.boot");
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
    const struct actor_state *state = interpreter_get()->actor;
    if (PyErr_ExceptionMatches(state->actor_exit) || PyErr_ExceptionMatches(state->actor_kill)) {
        PyErr_Clear(); /* whoever ended the program knows */
        return 1;
    }
    bool interrupted = PyErr_ExceptionMatches(PyExc_KeyboardInterrupt);
    prepare_to_show();
    PyErr_PrintEx(1);
    if (interrupted)
        signals_expect_end();
    return interrupted ? EMBED_STATUS_INTERRUPTED : 1;
}

/* {'$rebeam', raised, Story}: what rebeam._errors.describe says of the exception that is set. */
static void tell_raised(const struct script *self, PyObject *boot) {
    struct buffer packed = {0};
    PyObject *type, *value, *traceback, *story;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL)
        PyException_SetTraceback(value, traceback);
    PyObject *describe = interpreter_get()->actor->describe;
    story = PyObject_CallFunctionObjArgs(describe, value, Py_None, NULL);
    if (story == NULL || value_pack_flat(story, "exception", &packed) < 0) {
        PyErr_Clear();
        embed_tell_status(&self->owner, atoms.exited, 1);
    } else {
        ErlNifEnv *env = enif_alloc_env();
        ERL_NIF_TERM bytes = term_binary(env, packed.bytes, packed.length);
        embed_tell(&self->owner, env, enif_make_tuple3(env, atoms.protocol, atoms.raised, bytes));
    }
    PyObject *forgotten = PyObject_CallMethod(boot, "forget", "O", value);
    if (forgotten == NULL)
        PyErr_WriteUnraisable(boot);
    Py_XDECREF(forgotten);
    buffer_free(&packed);
    Py_XDECREF(story);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

/* The body ended with the exception that is set. */
static void tell_failure(const struct script *self, PyObject *boot) {
    if (self->supervised)
        tell_raised(self, boot);
    else
        embed_tell_status(&self->owner, atoms.exited, script_exit_status());
}

/* {'$rebeam', ended, PackedTrees, Handles}: the trees to start, (data, objects) in Python. */
static void tell_ended(const struct script *self, PyObject *boot) {
    struct buffer packed = {0};
    ErlNifEnv *env = enif_alloc_env();
    ERL_NIF_TERM bytes, handles = enif_make_list(env, 0);
    PyObject *trees = PyObject_CallMethod(boot, "trees", NULL);
    PyObject *data = trees ? PyTuple_GetItem(trees, 0) : NULL;
    PyObject *objects = trees ? PyTuple_GetItem(trees, 1) : NULL;
    if (data == NULL || objects == NULL || value_pack_flat(data, "Supervisor", &packed) < 0) {
        enif_free_env(env);
        tell_failure(self, boot);
        goto done;
    }
    bytes = term_binary(env, packed.bytes, packed.length);
    for (Py_ssize_t i = PyList_Size(objects); i-- > 0;)
        handles = enif_make_list_cell(env, handle_make(env, PyList_GetItem(objects, i)), handles);
    embed_tell(&self->owner, env,
               enif_make_tuple4(env, atoms.protocol, atoms.ended, bytes, handles));
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

/* rebeam._program.boot.load(mode, path, arguments or None, supervised) */
static PyObject *load(const struct script *self, PyObject *boot) {
    PyObject *path = PyUnicode_DecodeFSDefault(self->path);
    PyObject *arguments = self->arguments == NULL
                              ? Py_NewRef(Py_None)
                              : value_unpack_flat(self->arguments, self->arguments_length);
    PyObject *code = path == NULL || arguments == NULL
                         ? NULL
                         : PyObject_CallMethod(boot, "load", "sOOO", self->mode, path, arguments,
                                               self->supervised ? Py_True : Py_False);
    Py_XDECREF(arguments);
    Py_XDECREF(path);
    return code;
}

/* What fails before the body's first line is reported as python does: without our frames. */
static void drop_traceback(void) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    Py_CLEAR(traceback);
    PyException_SetTraceback(value, Py_None);
    PyErr_Restore(type, value, traceback);
}

static PyObject *evaluate(const struct script *self, PyObject *boot) {
    PyObject *code = NULL, *globals = NULL, *result = NULL;
    code = load(self, boot);
    if (code == NULL) {
        drop_traceback();
        goto done;
    }
    globals = PyObject_GetAttrString(boot, "main_globals");
    signals_govern();
    if (globals != NULL)
        result = PYTHON_IS_CODE(code) ? PyEval_EvalCode(code, globals, globals)
                                      : PyObject_CallNoArgs(code);
done:
    Py_XDECREF(code);
    Py_XDECREF(globals);
    return result;
}

/* Makes an actor of the owner's the main thread's, which keeps it until the next one. False if the
 * owner of a supervised script is gone. While it lives it is watched: with it goes
 * what the body waits for. The command's own script is the program, and ends it otherwise. */
static bool adopt_actor(const struct script *self) {
    struct actor *actor = actor_new(interpreter_get()->executor, &self->owner);
    if (self->supervised && enif_monitor_process(NULL, actor, &self->owner, NULL) != 0) {
        directory_remove(actor);
        actor_release(actor);
        return false;
    }
    actor_print_to(actor, self->output);
    output_set_default(self->output);
    actor_be_script(actor);
    actor_run_body(actor);
    struct actor *before = actor_enter(actor);
    if (before != NULL) {
        directory_remove(before);
        actor_release(before);
    }
    return true;
}

void script_leave(void) {
    struct actor *before = actor_enter(NULL);
    if (before != NULL) {
        directory_remove(before);
        actor_release(before);
    }
}

void script_run(const struct script *self, PyObject *boot) {
    if (!adopt_actor(self))
        return;
    ErlNifEnv *env = enif_alloc_env();
    ERL_NIF_TERM term = actor_term(env, actor_current());
    embed_tell(&self->owner, env, enif_make_tuple3(env, atoms.protocol, atoms.script, term));
    actor_kill_enter(actor_current());
    PyObject *result = evaluate(self, boot);
    actor_kill_leave(actor_current());
    if (result != NULL || exit_starts_trees(boot))
        tell_ended(self, boot);
    else
        tell_failure(self, boot);
    Py_XDECREF(result);
}
