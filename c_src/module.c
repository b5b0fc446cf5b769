#include "module.h"

#include "actor.h"
#include "executor.h"
#include "identity.h"
#include "interpreter.h"
#include "memory.h"
#include "primitive.h"
#include "response.h"
#include "suspend.h"
#include "value.h"

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

static PyMethodDef functions[] = {
    {"_kill_hard", actor_kill_hard, METH_NOARGS, "An ActorKill was raised: let no line run."},
    {"attach", attach, METH_NOARGS, "Find the names that the native part needs in rebeam."},
    {0},
};

static int execute(PyObject *module) {
    struct interpreter *interpreter = interpreter_new();
    if (interpreter == NULL)
        return -1;
    interpreter->executor = executor_new();
    if (interpreter->executor == NULL || actor_prepare(interpreter) < 0)
        return -1;
    identity_self = self_id;
    if (suspend_init(interpreter) < 0 || suspend_add_functions(module) < 0)
        return -1;
    if (identity_init(interpreter, module) < 0 || memory_init(interpreter, module) < 0 ||
        value_init(interpreter, module) < 0)
        return -1;
    if (response_init(interpreter, module) < 0 || actor_promise_init(interpreter, module) < 0 ||
        primitive_init(module) < 0)
        return -1;
    return 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,  .m_name = "_rebeam", .m_doc = "The native half of rebeam.",
    .m_methods = functions, .m_slots = slots,
};

PyMODINIT_FUNC PyInit__rebeam(void) {
    return PyModuleDef_Init(&definition);
}
