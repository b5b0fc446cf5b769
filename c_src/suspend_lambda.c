/* Around the generator that a suspendable lambda runs as.
 *
 * A lambda has no room for the `except StopIteration` that a def's twin gets, so
 * one comes out of the generator: as it is (3.12.0 and a few later ones forget
 * lambdas), or turned into RuntimeError, which is turned back here. CPython makes
 * that RuntimeError when the generator's frame is gone already, so unlike one that
 * was raised inside the lambda it has no traceback yet.
 */
#include "suspend_state.h"

struct lambda_run {
    PyObject_HEAD PyObject *generator;
};

static int lambda_clear(PyObject *self) {
    Py_CLEAR(((struct lambda_run *)self)->generator);
    return 0;
}

static int lambda_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((struct lambda_run *)self)->generator);
    return 0;
}

static void lambda_dealloc(PyObject *self) {
    suspend_type_free(self, lambda_clear);
}

PyObject *suspend_lambda_new(const struct suspend_state *state, PyObject *generator) {
    struct lambda_run *self = PyObject_GC_New(struct lambda_run, state->lambda_type);
    if (self == NULL) {
        Py_DECREF(generator);
        return NULL;
    }
    self->generator = generator;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

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

static PySendResult lambda_send(PyObject *self, PyObject *sent, PyObject **result) {
    PyObject *generator = ((struct lambda_run *)self)->generator;
    PySendResult outcome = PyIter_Send(generator, sent, result);
    return outcome == PYGEN_ERROR ? failed(result) : outcome;
}

static PyObject *lambda_send_method(PyObject *self, PyObject *sent) {
    PyObject *result = NULL;
    if (lambda_send(self, sent, &result) != PYGEN_RETURN)
        return result;
    PyObject *stop = PyObject_CallFunctionObjArgs(PyExc_StopIteration, result, NULL);
    if (stop != NULL)
        PyErr_SetObject(PyExc_StopIteration, stop);
    Py_XDECREF(stop);
    Py_DECREF(result);
    return NULL;
}

static PyObject *lambda_next(PyObject *self) {
    return lambda_send_method(self, Py_None);
}

/* Dropping a suspended run closes it from the outside in; pass that on in order. */
static PyObject *lambda_close(PyObject *self, PyObject *unused) {
    (void)unused;
    return PyObject_CallMethod(((struct lambda_run *)self)->generator, "close", NULL);
}

static PyObject *lambda_throw(PyObject *self, PyObject *args) {
    PyObject *generator = ((struct lambda_run *)self)->generator;
    PyObject *throw = PyObject_GetAttrString(generator, "throw");
    PyObject *result = throw ? PyObject_Call(throw, args, NULL) : NULL;
    Py_XDECREF(throw);
    return result;
}

static PyObject *lambda_self(PyObject *self) {
    return Py_NewRef(self);
}

int suspend_lambda_init(struct suspend_state *state) {
    static PyMethodDef methods[] = {
        {"send", lambda_send_method, METH_O, NULL},
        {"close", lambda_close, METH_NOARGS, NULL},
        {"throw", lambda_throw, METH_VARARGS, NULL},
        {NULL, NULL, 0, NULL},
    };
    PyType_Slot slots[] = {
        {Py_tp_clear, (void *)lambda_clear},
        {Py_tp_traverse, (void *)lambda_traverse},
        {Py_tp_dealloc, (void *)lambda_dealloc},
        {Py_am_await, (void *)lambda_self},
        {Py_am_send, (void *)lambda_send},
        {Py_tp_iter, (void *)lambda_self},
        {Py_tp_iternext, (void *)lambda_next},
        {Py_tp_methods, methods},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "_rebeam.LambdaRun",
        .basicsize = sizeof(struct lambda_run),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    state->lambda_type = suspend_type_new(&spec);
    return state->lambda_type ? 0 : -1;
}
