#include "embed/module.h"

#include "actor/context.h"
#include "actor/handler.h"
#include "actor/instances.h"
#include "actor/kill.h"
#include "actor/life.h"
#include "actor/promise.h"
#include "actor/raise.h"
#include "actor/response.h"
#include "actor/state.h"
#include "actor/tick.h"
#include "actor/trail.h"
#include "actor/watched.h"
#include "base/frames.h"
#include "base/function.h"
#include "base/interpreter.h"
#include "counter/object.h"
#include "embed/printing.h"
#include "embed/subinterpreter.h"
#include "identity/identity.h"
#include "identity/process_id.h"
#include "memory/object.h"
#include "message/request.h"
#include "primitive/primitive.h"
#include "run/executor.h"
#include "run/signals.h"
#include "run/thread.h"
#include "suspend/suspend.h"
#include "value/python/module.h"

static PyObject *self_id(void) {
    ErlNifPid pid;
    struct actor *actor = actor_current();
    if (actor != NULL && actor_owner(actor, &pid))
        return identity_process_id_local(&pid);
    PyErr_SetString(PyExc_RuntimeError, "this thread runs no actor, so it has no ProcessID");
    return NULL;
}

/* What needs the rebeam package itself: called by it, once it is importable. */
static PyObject *attach(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    if (actor_init(interpreter_get()) < 0)
        return NULL;
    return Py_NewRef(Py_None);
}

/* What the command line has said, which is in the VM's own environment and in no process's. */
static PyObject *setting(PyObject *module, PyObject *name) {
    char value[256];
    size_t size = sizeof value;
    const char *text = PyUnicode_AsUTF8AndSize(name, NULL);
    (void)module;
    if (text == NULL)
        return NULL;
    if (enif_getenv(text, value, &size) != 0)
        return Py_NewRef(Py_None);
    return PyUnicode_DecodeFSDefaultAndSize(value, (Py_ssize_t)size);
}

static PyMethodDef functions[] = {
    {"_setting", setting, METH_O,
     "_setting(name, /)\n--\n\nWhat a variable of the VM says, or None."},
    {"_watch", watched_watch, METH_VARARGS,
     "_watch(begins, ends, trace_now, /)\n--\n\nWho hears of the messages of actors, or None."},
    {"_origin", trail_bytes, METH_NOARGS,
     "_origin()\n--\n\nWhat leads to what is sent now, for messages that Elixir sends."},
    {"_refuse", request_refuse, METH_O,
     "_refuse(exception, /)\n--\n\nAll that this thread asks of the runtime raises that."},
    {"_kill_hard", actor_kill_hard, METH_NOARGS, "An ActorKill was raised: let no line run."},
    {"_type_version", handler_type_version, METH_O,
     "_type_version(cls, /)\n--\n\nA number that changes when the class or one of its bases does; "
     "0 if there is none."},
    {"_function_become", function_become, METH_VARARGS,
     "_function_become(function, globals, code, closure, /)\n--\n\nWhoever holds it calls that."},
    {"_instances", actor_instances, METH_NOARGS,
     "_instances()\n--\n\nThose that are actors of this interpreter, each with its ProcessID."},
    {"_thread_frames", frames_of_threads, METH_NOARGS,
     "_thread_frames()\n--\n\nThe innermost frame of each thread of this interpreter."},
    {"_end_body", actor_raise_in_body, METH_VARARGS,
     "_end_body(number, frame, /)\n--\n\nThe handler of END_SIGNAL."},
    {"_main_load", subinterpreter_main_load, METH_VARARGS,
     "Load an extension in the main interpreter."},
    {"attach", attach, METH_NOARGS, "Find the names that the native part needs in rebeam."},
    {"_output", printing_output, METH_NOARGS,
     "The number of the group leader that gets what is printed here; 0 is this VM's terminal."},
    {"_output_write", printing_write, METH_VARARGS,
     "_output_write(data, wait, /)\n--\n\nPrint bytes. What to await, or -1 where the terminal is "
     "meant."},
    {"_output_writer", printing_writer, METH_O,
     "_output_writer(whole, /)\n--\n\nWhat prints bytes: by `whole` what is no part of a line."},
    {"_output_await", printing_await, METH_O,
     "_output_await(written, /)\n--\n\nWait for some milliseconds. True: it is written."},
    {"_output_inherit", printing_inherit, METH_O,
     "_output_inherit(number, /)\n--\n\nThis thread prints there from now on."},
    {"_output_progress", printing_progress, METH_NOARGS,
     "The program shows progress bars: see output/output.h."},
    {"_output_descriptor", printing_descriptor, METH_NOARGS,
     "What to write to, for who needs a descriptor; -1 is this VM's own."},
    {"opened", signals_opened, METH_O, "The function, called while its thread accepts signals."},
    {0},
};

static int execute(PyObject *module) {
    if (!interpreter_is_admitted())
        return -1;
    struct interpreter *interpreter = interpreter_new();
    if (interpreter == NULL)
        return -1;
    interpreter->executor = executor_new(actor_tick, actor_stuck);
    if (interpreter->executor == NULL || request_init(interpreter) < 0 ||
        actor_prepare(interpreter) < 0)
        return -1;
    if (identity_self == NULL)
        identity_self = self_id;
    if (suspend_init(interpreter) < 0 || suspend_add_functions(module) < 0)
        return -1;
    if (identity_init(interpreter, module) < 0 || memory_init(interpreter, module) < 0 ||
        counter_init(module) < 0 || value_init(interpreter, module) < 0)
        return -1;
    if (response_init(interpreter, module) < 0 || actor_context_init(interpreter, module) < 0 ||
        actor_promise_init(interpreter, module) < 0 || primitive_init(module) < 0)
        return -1;
    return PyModule_AddIntConstant(module, "END_SIGNAL", SIGRTMIN + THREAD_END);
}

/* Since 3.12, which calls these Py_mod_multiple_interpreters and
 * Py_MOD_PER_INTERPRETER_GIL_SUPPORTED; 3.11 refuses what it does not know. */
enum { MULTIPLE_INTERPRETERS = 3 };
#define PER_INTERPRETER_GIL ((void *)2)

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
    {0, NULL}, /* filled in by PyInit__rebeam */
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,  .m_name = "_rebeam", .m_doc = "The native half of rebeam.",
    .m_methods = functions, .m_slots = slots,
};

PyMODINIT_FUNC PyInit__rebeam(void) {
    if (Py_Version >= 0x030c0000 && slots[1].slot == 0) /* the main interpreter is first */
        slots[1] = (PyModuleDef_Slot){MULTIPLE_INTERPRETERS, PER_INTERPRETER_GIL};
    return PyModuleDef_Init(&definition);
}
