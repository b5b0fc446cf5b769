/* Context variables, kept for each actor.
 *
 * The actor's Context is entered around each piece of its code that runs, on whichever
 * thread, and around nothing else: in between, its asyncio task can run in the same
 * one. It begins empty, whoever made the actor. Most actors set no variable, so an
 * empty Context that nobody refers to is not kept: one serves all actors in turn.
 *
 * Code in an event loop has no thread of its own. So the context of an actor with
 * asynchronous handlers holds a variable that tells whose it is; the tasks that the
 * code starts copy it.
 */
#include "actor_struct.h"

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

struct actor *actor_context_owner(void) {
    struct actor_state *state = interpreter_get()->actor;
    PyObject *capsule = NULL;
    if (python_extra.context_variable_get(state->variable, NULL, &capsule) < 0)
        PyErr_Clear();
    struct actor *self = capsule ? PyCapsule_GetPointer(capsule, capsule_name) : NULL;
    Py_XDECREF(capsule); /* the context keeps it */
    return self;
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

/* Makes sure that there is one. False with an exception. */
static bool have_context(struct actor *self) {
    struct actor_state *state = interpreter_get()->actor;
    if (self->context != NULL)
        return true;
    self->context = state->spare_context;
    state->spare_context = NULL;
    if (self->context == NULL)
        self->context = python_extra.context_new();
    return self->context != NULL;
}

bool actor_context_enter(struct actor *self) {
    return have_context(self) && python_extra.context_enter(self->context) == 0;
}

/* Nobody else refers to it, also no Token, and nothing is in it: as good as a new one. */
static bool is_as_new(PyObject *context) {
    return Py_REFCNT(context) == 1 && PyMapping_Size(context) == 0;
}

/* The context is not needed for now. */
static void keep_for_others(struct actor *self) {
    struct actor_state *state = interpreter_get()->actor;
    PyObject *spare = self->context;
    self->context = NULL;
    if (state->spare_context == NULL)
        state->spare_context = spare;
    else
        Py_DECREF(spare);
}

static void leave(struct actor *self) {
    if (python_extra.context_exit(self->context) < 0)
        PyErr_WriteUnraisable(self->context);
    if (is_as_new(self->context))
        keep_for_others(self);
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

unsigned long actor_context_thread(struct actor *self) {
    PyObject *find = interpreter_get()->actor->thread;
    if (!self->asynchronous || find == NULL)
        return 0;
    PyObject *number = PyObject_CallFunctionObjArgs(find, self->context, NULL);
    unsigned long thread = number ? PyLong_AsUnsignedLong(number) : 0;
    Py_XDECREF(number);
    if (PyErr_Occurred() == NULL)
        return thread;
    PyErr_WriteUnraisable(find);
    return 0;
}

void actor_context_drop(struct actor *self) {
    PyObject *ended = interpreter_get()->actor->ended;
    PyObject *context = self->context;
    self->context = NULL;
    if (context != NULL && self->asynchronous && ended != NULL) {
        PyObject *told = PyObject_CallFunctionObjArgs(ended, context, NULL);
        if (told == NULL)
            PyErr_WriteUnraisable(ended);
        Py_XDECREF(told);
    }
    self->asynchronous = false;
    Py_XDECREF(context);
}
