#include "actor/promise.h"

#include "actor/answer.h"
#include "actor/context.h"
#include "actor/job.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/state.h"
#include "message/request.h"
#include "suspend/runtime/await.h"

struct promise {
    PyObject_HEAD struct actor *actor; /* a reference to the resource */
    uint64_t sequence;
    bool kept; /* once only */
};

static PyObject *promise_new(struct actor *actor, uint64_t sequence) {
    struct promise *self = PyObject_New(struct promise, interpreter_get()->actor->promise);
    if (self == NULL)
        return NULL;
    actor_keep(actor);
    self->actor = actor;
    self->sequence = sequence;
    self->kept = false;
    return (PyObject *)self;
}

static void promise_free(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    actor_release(((struct promise *)self)->actor);
    PyObject_Free(self);
    Py_DECREF(type);
}

/* Takes `object`. False without memory. */
static bool keep(struct promise *self, enum answer_kind answer, PyObject *object) {
    struct actor_job *job = actor_job_new(self->actor, WORK_RESUME, &(struct actor_job_parts){0});
    if (job == NULL) {
        Py_DECREF(object);
        PyErr_NoMemory();
        return false;
    }
    self->kept = true;
    job->answer = answer;
    job->sequence = self->sequence;
    job->object = object;
    actor_answer_deliver(job);
    return true;
}

static PyObject *keep_once(PyObject *promise, enum answer_kind answer, PyObject *object) {
    struct promise *self = (struct promise *)promise;
    if (self->kept)
        Py_RETURN_FALSE;
    return keep(self, answer, Py_NewRef(object)) ? Py_NewRef(Py_True) : NULL;
}

static PyObject *promise_set_result(PyObject *self, PyObject *value) {
    return keep_once(self, ANSWER_OBJECT, value);
}

static PyObject *promise_set_exception(PyObject *self, PyObject *exception) {
    if (PyExceptionInstance_Check(exception))
        return keep_once(self, ANSWER_EXCEPTION, exception);
    PyErr_Format(PyExc_TypeError, "set_exception() takes an exception, not %R", exception);
    return NULL;
}

static PyObject *promise_context(PyObject *self, void *unused) {
    (void)unused;
    return actor_context_get(((struct promise *)self)->actor);
}

/* ---- the wait ----------------------------------------------------------------------*/

PyObject *actor_promise_suspend(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    if (kwnames != NULL || nargs < 1 || nargs > 2) {
        PyErr_SetString(PyExc_TypeError, "_suspend(begin, end=None) takes one or two functions");
        return NULL;
    }
    struct request *request = request_new();
    if (request == NULL)
        return NULL;
    request->begin = Py_NewRef(args[0]);
    request->end = nargs > 1 && args[1] != Py_None ? Py_NewRef(args[1]) : NULL;
    return suspension_new(request, request_free);
}

/* The exception that is set is what the wait ends with. */
static void fail(PyObject *promise) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL)
        PyException_SetTraceback(value, traceback);
    if (((struct promise *)promise)->kept)
        Py_XDECREF(value); /* the wait is over */
    else if (!keep((struct promise *)promise, ANSWER_EXCEPTION, value))
        PyErr_WriteUnraisable(promise);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
}

void actor_promise_begin(struct actor *self, struct request *request, uint64_t sequence) {
    PyObject *begin = Py_NewRef(request->begin); /* the wait may be over before it returns */
    PyObject *promise = promise_new(self, sequence);
    if (promise == NULL) {
        PyErr_WriteUnraisable(begin);
        Py_DECREF(begin);
        return; /* without memory it waits for ever, like a call whose answer was lost */
    }
    request->promise = Py_NewRef(promise);
    PyObject *begun = PyObject_CallFunctionObjArgs(begin, promise, NULL);
    if (begun == NULL)
        fail(promise);
    Py_XDECREF(begun);
    Py_DECREF(promise);
    Py_DECREF(begin);
}

bool actor_promise_is(PyObject *suspension) {
    const struct request *request = suspension_request(suspension);
    return request->promise != NULL;
}

/* end(promise), or end(promise, True): what the request is of may be over before it returns. */
static void call_end(const struct request *request, PyObject *interrupts) {
    PyObject *end = Py_NewRef(request->end);
    PyObject *promise = Py_NewRef(request->promise);
    PyObject *told = PyObject_CallFunctionObjArgs(end, promise, interrupts, NULL);
    if (told == NULL)
        fail(promise);
    Py_XDECREF(told);
    Py_DECREF(promise);
    Py_DECREF(end);
}

bool actor_promise_end(struct actor *self, PyObject *suspension) {
    struct request *request = suspension_request(suspension);
    if (request->end == NULL || request->promise == NULL)
        return false;
    int due = actor_is_dead(self) ? 2 : 1;
    if (request->ends_told >= due)
        return true;
    request->ends_told = due;
    call_end(request, NULL);
    return true;
}

bool actor_promise_interrupt(PyObject *suspension) {
    const struct request *request = suspension_request(suspension);
    if (request->end == NULL || request->promise == NULL)
        return false;
    call_end(request, Py_True);
    return true;
}

/* ---- set-up ------------------------------------------------------------------------*/

int actor_promise_init(struct interpreter *interpreter, PyObject *module) {
    static PyMethodDef methods[] = {
        {"set_result", promise_set_result, METH_O,
         "set_result(value, /)\n--\n\nLet the code go on with `value`, as it is. False if it was "
         "told before. On any thread; does not suspend."},
        {"set_exception", promise_set_exception, METH_O,
         "set_exception(exception, /)\n--\n\nThe same, raised where the code waits."},
        {NULL, NULL, 0, NULL},
    };
    static PyGetSetDef getters[] = {
        {"context", promise_context, NULL, "The actor's contextvars.Context.", NULL},
        {NULL, NULL, NULL, NULL, NULL},
    };
    PyType_Slot slots[] = {
        {Py_tp_dealloc, (void *)promise_free},
        {Py_tp_methods, methods},
        {Py_tp_getset, getters},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "_rebeam.Promise",
        .basicsize = sizeof(struct promise),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    PyObject *type = PyType_FromSpec(&spec);
    interpreter->actor->promise = (PyTypeObject *)type;
    return type == NULL ? -1 : PyModule_AddObjectRef(module, "Promise", type);
}
