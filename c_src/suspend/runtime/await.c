/* The suspension: what a twin awaits. Its states are drawn in suspend/suspend.h.
 *
 * CPython 3.11 resumes an awaitable through am_send, 3.12 and later through
 * tp_iternext, or through a method `send` if the value is not None.
 */
#include "suspend/runtime/await.h"

#include "suspend/private.h"
#include "suspend/runtime/mark.h"

struct suspension {
    PyObject_HEAD enum suspension_state state;
    bool yields_once; /* DONE from the start, but REBEAM_SUSPEND=all wants it awaited */
    void *request;
    void (*request_free)(void *);
    const struct suspend_waiting *waiting;
    PyObject *value; /* the result, or the exception instance */
    PyObject *note;  /* what hears of it (suspend_record), or NULL */
};

static void release_request(struct suspension *self) {
    void *request = self->request;
    self->request = NULL;
    if (request != NULL && self->request_free != NULL)
        self->request_free(request);
}

static int suspension_clear(PyObject *self) {
    Py_CLEAR(((struct suspension *)self)->value);
    Py_CLEAR(((struct suspension *)self)->note);
    return 0;
}

static int suspension_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((struct suspension *)self)->value);
    Py_VISIT(((struct suspension *)self)->note);
    return 0;
}

static void suspension_dealloc(PyObject *self) {
    PyObject_GC_UnTrack(self); /* before what a request frees has garbage collected */
    release_request((struct suspension *)self);
    suspend_type_free(self, suspension_clear);
}

static PyObject *make(struct suspend_state *state, void *request, void (*request_free)(void *)) {
    struct suspension *self = PyObject_GC_New(struct suspension, state->suspension_type);
    if (self == NULL) {
        if (request != NULL && request_free != NULL)
            request_free(request);
        return NULL;
    }
    self->state = SUSPENSION_NEW;
    self->yields_once = false;
    self->request = request;
    self->request_free = request_free;
    self->waiting = NULL;
    self->value = self->note = NULL;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

PyObject *suspension_new(void *request, void (*request_free)(void *)) {
    return make(suspend_state_get(), request, request_free);
}

PyObject *suspension_ready(PyObject *value) {
    struct suspend_state *state = suspend_state_get();
    PyObject *self = make(state, NULL, NULL);
    if (self == NULL) {
        Py_DECREF(value);
        return NULL;
    }
    suspension_finish(self, value);
    ((struct suspension *)self)->yields_once = state->all;
    return self;
}

static void settle(PyObject *suspension, enum suspension_state state, PyObject *value) {
    struct suspension *self = (struct suspension *)suspension;
    PyObject *old = self->value;
    self->state = state;
    self->value = value;
    Py_XDECREF(old);
}

void suspension_finish(PyObject *suspension, PyObject *value) {
    settle(suspension, SUSPENSION_DONE, value);
}

void suspension_fail(PyObject *suspension, PyObject *exception) {
    settle(suspension, SUSPENSION_RAISED, exception);
}

void *suspension_request(PyObject *suspension) {
    return ((struct suspension *)suspension)->request;
}

enum suspension_state suspension_state(PyObject *suspension) {
    return ((struct suspension *)suspension)->state;
}

const struct suspend_waiting *suspend_await_waiting(PyObject *suspension) {
    return ((struct suspension *)suspension)->waiting;
}

void suspend_await_set_waiting(PyObject *suspension, const struct suspend_waiting *waiting) {
    ((struct suspension *)suspension)->waiting = waiting;
}

void suspend_await_set_note(PyObject *suspension, PyObject *note) {
    ((struct suspension *)suspension)->note = note;
}

/* What it raises is no fault of the code that waits. */
static void tell_note(struct suspension *self, PyObject *value) {
    PyObject *note = self->note;
    self->note = NULL;
    PyObject *raised = self->state == SUSPENSION_RAISED ? Py_True : Py_False;
    PyObject *told = PyObject_CallFunctionObjArgs(note, value, raised, NULL);
    if (told == NULL)
        PyErr_WriteUnraisable(note);
    Py_XDECREF(told);
    Py_DECREF(note);
}

bool suspend_await_is_ready(PyObject *object) {
    const struct suspension *self = (struct suspension *)object;
    return Py_TYPE(object) == suspend_state_get()->suspension_type &&
           self->state == SUSPENSION_DONE && !self->yields_once;
}

PyObject *suspension_take(PyObject *suspension) {
    struct suspension *self = (struct suspension *)suspension;
    PyObject *value = self->value;
    self->value = NULL;
    if (value == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "this suspension was already awaited");
        return NULL;
    }
    if (self->note != NULL)
        tell_note(self, value);
    if (self->state == SUSPENSION_DONE)
        return value;
    PyErr_SetObject((PyObject *)Py_TYPE(value), value);
    Py_DECREF(value);
    return NULL;
}

/* The exception that is set, as an instance with its traceback. New reference. */
static PyObject *fetch_exception(void) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL)
        PyException_SetTraceback(value, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return value;
}

/* What the awaiting code gets: a new reference, or NULL with the failure set. */
static PyObject *outcome(PyObject *self) {
    PyObject *value = suspension_take(self);
    if (value == NULL && PyErr_ExceptionMatches(PyExc_StopIteration))
        value = suspend_mark_new(suspend_state_get(), fetch_exception());
    return value;
}

int suspend_await_here(PyObject *suspension) {
    struct suspension *self = (struct suspension *)suspension;
    if (self->waiting == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "nobody can wait for this suspension");
        return -1;
    }
    self->state = SUSPENSION_NEW; /* as who waits expects it */
    PyObject *value = self->waiting->here(suspension);
    if (value != NULL)
        suspension_finish(suspension, value);
    else
        suspension_fail(suspension, fetch_exception());
    return 0;
}

static PySendResult suspension_send(PyObject *suspension, PyObject *sent, PyObject **result) {
    struct suspension *self = (struct suspension *)suspension;
    (void)sent;
    bool settled = self->state == SUSPENSION_DONE || self->state == SUSPENSION_RAISED;
    if (settled && !self->yields_once) {
        *result = outcome(suspension);
        return *result ? PYGEN_RETURN : PYGEN_ERROR;
    }
    self->yields_once = false;
    if (!settled)
        self->state = SUSPENSION_PENDING;
    *result = Py_NewRef(suspension);
    return PYGEN_NEXT;
}

/* Returns from an iterator: StopIteration(value), whatever kind of object it is. */
static void set_stop(PyObject *value) {
    if (value == Py_None)
        return; /* NULL without an exception means just that */
    if (!PyTuple_Check(value) && !PyExceptionInstance_Check(value)) {
        PyErr_SetObject(PyExc_StopIteration, value);
        return;
    }
    PyObject *stop = PyObject_CallFunctionObjArgs(PyExc_StopIteration, value, NULL);
    if (stop != NULL)
        PyErr_SetObject(PyExc_StopIteration, stop);
    Py_XDECREF(stop);
}

static PyObject *suspension_next(PyObject *self) {
    PyObject *result = NULL;
    if (suspension_send(self, Py_None, &result) != PYGEN_RETURN)
        return result;
    set_stop(result);
    Py_DECREF(result);
    return NULL;
}

static PyObject *suspension_send_method(PyObject *self, PyObject *sent) {
    PyObject *result = NULL;
    if (suspension_send(self, sent, &result) != PYGEN_RETURN)
        return result;
    set_stop(result);
    if (result == Py_None) /* a method may not fail without an exception */
        PyErr_SetNone(PyExc_StopIteration);
    Py_DECREF(result);
    return NULL;
}

static PyObject *suspension_self(PyObject *self) {
    return Py_NewRef(self);
}

int suspend_await_init(struct suspend_state *state) {
    static PyMethodDef methods[] = {
        {"send", suspension_send_method, METH_O, NULL},
        {NULL, NULL, 0, NULL},
    };
    PyType_Slot slots[] = {
        {Py_tp_clear, (void *)suspension_clear},
        {Py_tp_traverse, (void *)suspension_traverse},
        {Py_tp_dealloc, (void *)suspension_dealloc},
        {Py_am_await, (void *)suspension_self},
        {Py_am_send, (void *)suspension_send},
        {Py_tp_iter, (void *)suspension_self},
        {Py_tp_iternext, (void *)suspension_next},
        {Py_tp_methods, methods},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "_rebeam.Suspension",
        .basicsize = sizeof(struct suspension),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    state->suspension_type = suspend_type_new(&spec);
    return state->suspension_type ? 0 : -1;
}
