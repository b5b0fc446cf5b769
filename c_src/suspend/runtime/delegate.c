/* What a twin awaits where the coroutine's outcome is not yet the call's.
 *
 * Around the generator that a suspendable lambda runs as: a lambda has no room for
 * the `except StopIteration` that a def's twin gets, so one comes out of the
 * generator, as it is (3.12.0 and a few later ones forget lambdas) or turned into
 * RuntimeError, which is turned back here. CPython makes that RuntimeError when the
 * generator's frame is gone already, so unlike one that was raised inside the lambda
 * it has no traceback yet.
 *
 * Around an __init__: the call's result is the instance. Its Context is entered for each step.
 */
#include "suspend/runtime/delegate.h"

#include "suspend/private.h"
#include "suspend/runtime/initializer.h"
#include "suspend/runtime/mark.h"

struct delegate {
    PyObject_HEAD PyObject *inner;
    PyObject *instance; /* NULL around a lambda */
    PyObject *context;  /* that __init__ runs in; NULL for none of its own, or when it is over */
};

static int delegate_clear(PyObject *self) {
    Py_CLEAR(((struct delegate *)self)->inner);
    Py_CLEAR(((struct delegate *)self)->instance);
    Py_CLEAR(((struct delegate *)self)->context);
    return 0;
}

static int delegate_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((struct delegate *)self)->inner);
    Py_VISIT(((struct delegate *)self)->instance);
    Py_VISIT(((struct delegate *)self)->context);
    return 0;
}

static void delegate_dealloc(PyObject *self) {
    suspend_type_free(self, delegate_clear);
}

PyObject *suspend_delegate_new(const struct suspend_state *state, PyObject *inner,
                               PyObject *instance) {
    struct delegate *self = PyObject_GC_New(struct delegate, state->delegate_type);
    if (self == NULL) {
        Py_DECREF(inner);
        return NULL;
    }
    self->inner = inner;
    self->instance = Py_XNewRef(instance);
    self->context = suspend_initializer_open(instance);
    PyObject_GC_Track(self);
    if (self->context == NULL && PyErr_Occurred()) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/* ---- the Context -------------------------------------------------------*/

static bool enter(const struct delegate *self) {
    return self->context == NULL || python_extra.context_enter(self->context) == 0;
}

static void leave(const struct delegate *self) {
    if (self->context != NULL)
        suspend_initializer_leave(self->context);
}

/* __init__ is over. */
static void close_context(struct delegate *self, bool failed) {
    PyObject *context = self->context;
    self->context = NULL;
    if (context != NULL)
        suspend_initializer_close(context, failed ? NULL : self->instance);
}

/* ---- outcomes ----------------------------------------------------------*/

/* The StopIteration that left the lambda, if that is what happened: a
 * new reference, or NULL. */
static PyObject *escaped_stop(PyObject *type, PyObject *value, PyObject *traceback) {
    if (PyErr_GivenExceptionMatches(type, PyExc_StopIteration)) {
        if (traceback != NULL)
            PyException_SetTraceback(value, traceback);
        return Py_NewRef(value);
    }
    if (type != PyExc_RuntimeError || traceback != NULL || value == NULL)
        return NULL;
    PyObject *cause = PyException_GetCause(value);
    if (cause != NULL && PyErr_GivenExceptionMatches(cause, PyExc_StopIteration))
        return cause;
    Py_XDECREF(cause);
    return NULL;
}

/* The failure that is set becomes a mark if it was a StopIteration. */
static PySendResult failed(PyObject **result) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyObject *stop = escaped_stop(type, value, traceback);
    if (stop == NULL) {
        PyErr_Restore(type, value, traceback);
        return PYGEN_ERROR;
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    *result = suspend_mark_new(suspend_state_get(), stop);
    return *result ? PYGEN_RETURN : PYGEN_ERROR;
}

/* What __init__ came to: a new reference to what the call does. Takes `returned`. */
static PyObject *constructed(const struct suspend_state *state, PyObject *instance,
                             PyObject *returned) {
    if (Py_TYPE(returned) == state->mark_type)
        return returned;
    if (returned != Py_None) {
        PyObject *name = PyObject_GetAttrString((PyObject *)Py_TYPE(returned), "__name__");
        if (name != NULL)
            PyErr_Format(PyExc_TypeError, "__init__() should return None, not '%.200S'", name);
        Py_XDECREF(name);
        Py_DECREF(returned);
        return NULL;
    }
    Py_DECREF(returned);
    return Py_NewRef(instance);
}

static PySendResult delegate_send(PyObject *delegate, PyObject *sent, PyObject **result) {
    struct delegate *self = (struct delegate *)delegate;
    if (!enter(self))
        return PYGEN_ERROR;
    PySendResult outcome = PyIter_Send(self->inner, sent, result);
    leave(self);
    if (self->instance == NULL)
        return outcome == PYGEN_ERROR ? failed(result) : outcome;
    if (outcome == PYGEN_NEXT)
        return outcome;
    close_context(self, outcome == PYGEN_ERROR);
    if (outcome == PYGEN_ERROR)
        return outcome;
    *result = constructed(suspend_state_get(), self->instance, *result);
    return *result ? PYGEN_RETURN : PYGEN_ERROR;
}

/* Methods tell a return by StopIteration. Takes `result`. */
static PyObject *returned_by_method(PyObject *result) {
    PyObject *stop = PyObject_CallFunctionObjArgs(PyExc_StopIteration, result, NULL);
    if (stop != NULL)
        PyErr_SetObject(PyExc_StopIteration, stop);
    Py_XDECREF(stop);
    Py_DECREF(result);
    return NULL;
}

static PyObject *delegate_send_method(PyObject *self, PyObject *sent) {
    PyObject *result = NULL;
    if (delegate_send(self, sent, &result) != PYGEN_RETURN)
        return result;
    return returned_by_method(result);
}

static PyObject *delegate_next(PyObject *self) {
    return delegate_send_method(self, Py_None);
}

/* Dropping a suspended run closes it from the outside in; pass that on in order. */
static PyObject *delegate_close(PyObject *delegate, PyObject *unused) {
    struct delegate *self = (struct delegate *)delegate;
    (void)unused;
    if (!enter(self))
        return NULL;
    PyObject *result = PyObject_CallMethod(self->inner, "close", NULL);
    leave(self);
    close_context(self, true);
    return result;
}

/* The StopIteration that is set says what __init__ came to: the call's result is the instance. */
static PyObject *returned_when_thrown(const struct delegate *self) {
    PyObject *type, *stop, *traceback;
    PyErr_Fetch(&type, &stop, &traceback);
    PyErr_NormalizeException(&type, &stop, &traceback);
    PyObject *returned = PyObject_GetAttrString(stop, "value");
    Py_XDECREF(type);
    Py_XDECREF(stop);
    Py_XDECREF(traceback);
    if (returned != NULL)
        returned = constructed(suspend_state_get(), self->instance, returned);
    return returned ? returned_by_method(returned) : NULL;
}

static PyObject *delegate_throw(PyObject *delegate, PyObject *args) {
    struct delegate *self = (struct delegate *)delegate;
    PyObject *throw = PyObject_GetAttrString(self->inner, "throw");
    if (throw == NULL || !enter(self)) {
        Py_XDECREF(throw);
        return NULL;
    }
    PyObject *result = PyObject_Call(throw, args, NULL);
    leave(self);
    Py_DECREF(throw);
    if (result != NULL || self->instance == NULL)
        return result;
    bool raised = !PyErr_ExceptionMatches(PyExc_StopIteration);
    close_context(self, raised);
    return raised ? NULL : returned_when_thrown(self);
}

static PyObject *delegate_self(PyObject *self) {
    return Py_NewRef(self);
}

int suspend_delegate_init(struct suspend_state *state) {
    static PyMethodDef methods[] = {
        {"send", delegate_send_method, METH_O, NULL},
        {"close", delegate_close, METH_NOARGS, NULL},
        {"throw", delegate_throw, METH_VARARGS, NULL},
        {NULL, NULL, 0, NULL},
    };
    PyType_Slot slots[] = {
        {Py_tp_clear, (void *)delegate_clear},
        {Py_tp_traverse, (void *)delegate_traverse},
        {Py_tp_dealloc, (void *)delegate_dealloc},
        {Py_am_await, (void *)delegate_self},
        {Py_am_send, (void *)delegate_send},
        {Py_tp_iter, (void *)delegate_self},
        {Py_tp_iternext, (void *)delegate_next},
        {Py_tp_methods, methods},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "_rebeam.Delegate",
        .basicsize = sizeof(struct delegate),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    state->delegate_type = suspend_type_new(&spec);
    return state->delegate_type ? 0 : -1;
}
