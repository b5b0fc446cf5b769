/* Context variables, kept for each actor.
 *
 * The actor's Context is entered around each piece of its code that runs, on whichever
 * thread, and around nothing else: in between, its asyncio task can run in the same
 * one. It begins empty, whoever made the actor; an instance that was made before it
 * became an actor has one already, which its __init__ ran in. Most actors set no variable, so an
 * empty Context that nobody refers to is not kept: one serves all actors in turn.
 *
 * Code in an event loop has no thread of its own. So the context of an actor with
 * asynchronous handlers holds a variable that tells whose it is; the tasks that the
 * code starts copy it.
 */
#include "actor/context.h"

#include "actor/life.h"
#include "actor/private.h"
#include "actor/state.h"
#include "suspend/runtime/initializer.h"

static const char *const capsule_name = "rebeam.actor";

/* ---- whose context -----------------------------------------------------------------*/

static void capsule_free(PyObject *capsule) {
    struct actor *self = PyCapsule_GetPointer(capsule, capsule_name);
    if (self != NULL)
        actor_release(self);
}

static PyObject *capsule_new(struct actor *self) {
    PyObject *capsule = PyCapsule_New(self, capsule_name, capsule_free);
    if (capsule != NULL)
        actor_keep(self);
    return capsule;
}

/* Whose context the thread runs in: borrowed, or NULL. */
static struct actor *context_owner(void) {
    struct actor_state *state = interpreter_get()->actor;
    PyObject *capsule = NULL;
    if (python_extra.context_variable_get(state->variable, NULL, &capsule) < 0)
        PyErr_Clear();
    struct actor *self = capsule ? PyCapsule_GetPointer(capsule, capsule_name) : NULL;
    Py_XDECREF(capsule); /* the context keeps it */
    return self;
}

struct actor *actor_current(void) {
    struct actor *here = actor_of_thread();
    return here != NULL ? here : context_owner();
}

static int set_owner(struct actor *self, PyObject *context) {
    int status = -1;
    PyObject *token = NULL;
    PyObject *capsule = capsule_new(self);
    if (capsule == NULL || python_extra.context_enter(context) < 0)
        goto done;
    token = python_extra.context_variable_set(interpreter_get()->actor->variable, capsule);
    status = python_extra.context_exit(context) < 0 || token == NULL ? -1 : 0;
done:
    Py_XDECREF(token);
    Py_XDECREF(capsule);
    return status;
}

/* ---- entering ----------------------------------------------------------------------*/

/* An empty Context: a new reference, or NULL with an exception. */
static PyObject *empty_context(void) {
    struct actor_state *state = interpreter_get()->actor;
    PyObject *spare = state->spare_context;
    state->spare_context = NULL;
    return spare ? spare : python_extra.context_new();
}

/* Makes sure that there is one. False with an exception. */
static bool have_context(struct actor *self) {
    if (self->context == NULL)
        self->context = empty_context();
    return self->context != NULL;
}

bool actor_context_enter(struct actor *self) {
    return have_context(self) && python_extra.context_enter(self->context) == 0;
}

/* Nobody else refers to it, also no Token, and nothing is in it: as good as a new one. */
static bool is_as_new(PyObject *context) {
    return Py_REFCNT(context) == 1 && PyMapping_Size(context) == 0;
}

/* The context is not needed for now. Takes it. */
static void keep_for_others(PyObject *spare) {
    struct actor_state *state = interpreter_get()->actor;
    if (state->spare_context == NULL)
        state->spare_context = spare;
    else
        Py_DECREF(spare);
}

static void leave(struct actor *self) {
    if (python_extra.context_exit(self->context) < 0)
        PyErr_WriteUnraisable(self->context);
    if (is_as_new(self->context)) {
        keep_for_others(self->context);
        self->context = NULL;
    }
}

void actor_context_exit(struct actor *self) {
    PyObject *type, *value, *traceback;
    if (PyErr_Occurred() == NULL) {
        leave(self);
        return;
    }
    PyErr_Fetch(&type, &value, &traceback);
    leave(self);
    PyErr_Restore(type, value, traceback);
}

PyObject *actor_context_get(struct actor *self) {
    if (!have_context(self))
        return NULL;
    if (!self->asynchronous && set_owner(self, self->context) < 0)
        return NULL;
    self->asynchronous = true;
    return Py_NewRef(self->context);
}

PyObject *actor_context_place(struct actor *self) {
    PyObject *find = interpreter_get()->actor->place;
    if (!self->asynchronous || find == NULL)
        return Py_NewRef(Py_None);
    PyObject *context = Py_NewRef(self->context); /* the actor may end meanwhile */
    PyObject *place = PyObject_CallFunctionObjArgs(find, context, NULL);
    Py_DECREF(context);
    if (place != NULL && (Py_IsNone(place) || PyTuple_Size(place) == 4))
        return place;
    PyErr_WriteUnraisable(find);
    Py_XDECREF(place);
    return Py_NewRef(Py_None);
}

unsigned long actor_context_thread(PyObject *place) {
    if (Py_IsNone(place))
        return 0;
    PyObject *task =
        PyObject_CallFunctionObjArgs(PyTuple_GetItem(place, 1), PyTuple_GetItem(place, 2), NULL);
    bool inside = task != NULL && PySet_Contains(PyTuple_GetItem(place, 3), task) == 1;
    unsigned long thread = inside ? PyLong_AsUnsignedLong(PyTuple_GetItem(place, 0)) : 0;
    Py_XDECREF(task);
    PyErr_Clear();
    return thread;
}

bool actor_context_end(struct actor *self) {
    PyObject *ended = interpreter_get()->actor->ended;
    if (self->context == NULL || !self->asynchronous || ended == NULL)
        return false;
    PyObject *context = Py_NewRef(self->context);
    PyObject *told = PyObject_CallFunctionObjArgs(ended, context, NULL);
    if (told == NULL)
        PyErr_WriteUnraisable(ended);
    bool runs = told != NULL && PyObject_IsTrue(told) == 1;
    Py_XDECREF(told);
    Py_DECREF(context);
    return runs;
}

void actor_context_drop(struct actor *self) {
    self->asynchronous = false;
    Py_CLEAR(self->context);
}

/* ---- of an instance that has no actor yet -------------------------------------------*/

/* In code of an event loop, what its __init__ does is still its maker's. */
static PyObject *open_context(void) {
    PyObject *carry = interpreter_get()->actor->carry;
    PyObject *context = empty_context();
    if (context == NULL || carry == NULL || actor_of_thread() != NULL || context_owner() == NULL)
        return context;
    PyObject *carried = PyObject_CallFunctionObjArgs(carry, context, NULL);
    if (carried == NULL)
        Py_CLEAR(context);
    Py_XDECREF(carried);
    return context;
}

static void close_context(PyObject *context, PyObject *instance) {
    PyObject *type, *value, *traceback;
    if (is_as_new(context)) {
        keep_for_others(context);
        return;
    }
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *keep = interpreter_get()->actor->keep_context;
    if (instance != NULL && keep != NULL) {
        PyObject *kept = PyObject_CallFunctionObjArgs(keep, instance, context, NULL);
        if (kept == NULL)
            PyErr_WriteUnraisable(keep);
        Py_XDECREF(kept);
    }
    Py_DECREF(context);
    PyErr_Restore(type, value, traceback);
}

void actor_context_adopt(struct actor *self, PyObject *context) {
    PyObject *before = self->context;
    self->context = Py_NewRef(context);
    Py_XDECREF(before);
}

/* ---- set-up ------------------------------------------------------------------------*/

/* _on_ended(ended, place): both get the context of an asynchronous actor. `ended` is called when
 * the actor is gone; `place` tells where its code runs (actor_context_place). */
static PyObject *on_ended(PyObject *module, PyObject *args) {
    (void)module;
    struct actor_state *state = interpreter_get()->actor;
    PyObject *ended, *place;
    if (!PyArg_ParseTuple(args, "OO", &ended, &place))
        return NULL;
    PyObject *old_ended = state->ended, *old_place = state->place;
    state->ended = Py_NewRef(ended);
    state->place = Py_NewRef(place);
    Py_XDECREF(old_ended);
    Py_XDECREF(old_place);
    Py_RETURN_NONE;
}

/* _loop_is_here(runs): the event loop runs on this thread, from now on or no more. */
static PyObject *loop_is_here(PyObject *module, PyObject *runs) {
    (void)module;
    interpreter_get()->actor->loop_thread = Py_IsTrue(runs) ? PyThreadState_Get() : NULL;
    Py_RETURN_NONE;
}

int actor_context_init(struct interpreter *interpreter, PyObject *module) {
    static PyMethodDef functions[] = {
        {"_on_ended", on_ended, METH_VARARGS,
         "_on_ended(ended, place, /)\n--\n\nWho is told that an asynchronous actor is gone, and "
         "who knows where it runs."},
        {"_loop_is_here", loop_is_here, METH_O,
         "_loop_is_here(runs, /)\n--\n\nThe event loop runs on this thread, or no more."},
        {NULL, NULL, 0, NULL},
    };
    static const struct suspend_contexts contexts = {open_context, close_context};
    suspend_set_contexts(&contexts);
    interpreter->actor->variable = python_extra.context_variable_new("rebeam.actor", NULL);
    if (interpreter->actor->variable == NULL)
        return -1;
    return PyModule_AddFunctions(module, functions);
}
