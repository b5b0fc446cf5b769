#include "actor/blocking.h"

#include "actor/context.h"
#include "actor/state.h"

#include <stdlib.h>
#include <time.h>

/* How long one wait of the original is, in seconds: so late an actor hears of its end. */
#define SLICE 0.1
/* Longer ones are CPython's to judge. */
#define LONGEST 1e8

struct blocking {
    PyObject *lock, *rlock,
        *queue;               /* the originals: Lock.acquire, RLock.acquire, SimpleQueue.get */
    PyObject *empty;          /* queue.Empty */
    PyObject *code, *globals; /* of a line that does nothing */
};

/* On CPython 3.11 the interpreters that a program makes have the same RLock, and its originals. */
static const struct blocking *first;

static const struct blocking *here(void) {
    struct interpreter *interpreter = interpreter_get();
    return interpreter != NULL ? interpreter->actor->blocking : first;
}

static bool in_actor(void) {
    return interpreter_get() != NULL && actor_current() != NULL;
}

/* Of how long a wait is, and how much of it is left. */
struct limit {
    bool finite;
    double end; /* by the monotonic clock */
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static struct limit limit_of(double seconds) {
    return (struct limit){.finite = seconds >= 0, .end = now() + seconds};
}

static double slice_of(const struct limit *limit) {
    double left = limit->finite ? limit->end - now() : SLICE;
    return left < 0 ? 0 : left < SLICE ? left : SLICE;
}

/* What was raised in this thread meanwhile comes before the next line of Python: here, one that
 * does nothing. Its traceback would show a line that nobody wrote. True if something came. */
static bool looked(const struct blocking *self) {
    PyObject *type, *value, *traceback, *done;
    done = PyEval_EvalCode(self->code, self->globals, self->globals);
    Py_XDECREF(done);
    if (done != NULL)
        return false;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    Py_XDECREF(traceback);
    if (value != NULL)
        PyException_SetTraceback(value, Py_None);
    PyErr_Restore(type, value, NULL);
    return true;
}

/* ---- locks ----------------------------------------------------------------------------- */

/* One turn: true if it is over, with a result, or NULL and an exception. */
static bool acquired(PyObject *original, PyObject *lock, double seconds, PyObject **result) {
    *result = PyObject_CallFunction(original, "OOd", lock, Py_True, seconds);
    if (*result != Py_False)
        return true;
    Py_CLEAR(*result);
    return false;
}

static PyObject *acquire(PyObject *original, PyObject *lock, double seconds) {
    const struct blocking *self = interpreter_get()->actor->blocking;
    struct limit limit = limit_of(seconds);
    PyObject *result;
    while (!acquired(original, lock, slice_of(&limit), &result)) {
        if (limit.finite && now() >= limit.end)
            return Py_NewRef(Py_False);
        if (looked(self))
            return NULL;
    }
    return result;
}

/* With the arguments as they came. */
static PyObject *as_it_is(PyObject *original, PyObject *lock, PyObject *args, PyObject *kwargs) {
    Py_ssize_t count = PyTuple_Size(args);
    PyObject *all = PyTuple_New(count + 1);
    if (all == NULL)
        return NULL;
    PyTuple_SetItem(all, 0, Py_NewRef(lock));
    for (Py_ssize_t i = 0; i < count; i++)
        PyTuple_SetItem(all, i + 1, Py_NewRef(PyTuple_GetItem(args, i)));
    PyObject *result = PyObject_Call(original, all, kwargs);
    Py_DECREF(all);
    return result;
}

/* A lock that is free, or already the thread's, is had at once, as are wrong arguments an error. */
static PyObject *lock_wait(PyObject *original, PyObject *lock, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"blocking", "timeout", NULL};
    int blocking = 1;
    double seconds = -1;
    bool plain = PyTuple_Size(args) == 0 && kwargs == NULL;
    if (!plain && !PyArg_ParseTupleAndKeywords(args, kwargs, "|id", names, &blocking, &seconds)) {
        PyErr_Clear();
        return as_it_is(original, lock, args, kwargs);
    }
    if (!blocking || (seconds < 0 && seconds != -1) || !(seconds < LONGEST))
        return as_it_is(original, lock, args, kwargs);
    PyObject *result = PyObject_CallFunctionObjArgs(original, lock, Py_False, NULL);
    if (result != Py_False)
        return result;
    Py_DECREF(result);
    if (!in_actor())
        return as_it_is(original, lock, args, kwargs);
    return acquire(original, lock, seconds);
}

static PyObject *lock_acquire(PyObject *lock, PyObject *args, PyObject *kwargs) {
    return lock_wait(here()->lock, lock, args, kwargs);
}

static PyObject *rlock_acquire(PyObject *lock, PyObject *args, PyObject *kwargs) {
    return lock_wait(here()->rlock, lock, args, kwargs);
}

/* ---- queues ---------------------------------------------------------------------------- */

static PyObject *get(const struct blocking *self, PyObject *queue, double seconds) {
    struct limit limit = limit_of(seconds);
    for (;;) {
        PyObject *found =
            PyObject_CallFunction(self->queue, "OOd", queue, Py_True, slice_of(&limit));
        if (found != NULL || !PyErr_ExceptionMatches(self->empty) ||
            (limit.finite && now() >= limit.end))
            return found;
        PyErr_Clear();
        if (looked(self))
            return NULL;
    }
}

static PyObject *queue_get(PyObject *queue, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"block", "timeout", NULL};
    const struct blocking *self = here();
    int block = 1;
    PyObject *timeout = Py_None;
    if (!in_actor())
        return as_it_is(self->queue, queue, args, kwargs);
    bool known = PyArg_ParseTupleAndKeywords(args, kwargs, "|pO", names, &block, &timeout) != 0;
    double seconds = known && block && !Py_IsNone(timeout) ? PyFloat_AsDouble(timeout) : -1;
    PyErr_Clear();
    if (!known || !block || (!Py_IsNone(timeout) && !(seconds >= 0 && seconds < LONGEST)))
        return as_it_is(self->queue, queue, args, kwargs);
    return get(self, queue, seconds);
}

/* ---- in their places ------------------------------------------------------------------- */

#define WAITS METH_VARARGS | METH_KEYWORDS
#define FUNCTION(name) (PyCFunction)(void (*)(void)) name
#define ACQUIRE_DOC                                                                                \
    "acquire($self, /, blocking=True, timeout=-1)\n--\n\nLock the lock. True once it is the "      \
    "caller's; False if it is not, without waiting or in that time, in seconds."

static PyMethodDef lock_methods[] = {{"acquire", FUNCTION(lock_acquire), WAITS, ACQUIRE_DOC},
                                     {"__enter__", FUNCTION(lock_acquire), WAITS, ACQUIRE_DOC},
                                     {NULL, NULL, 0, NULL}};
static PyMethodDef rlock_methods[] = {{"acquire", FUNCTION(rlock_acquire), WAITS, ACQUIRE_DOC},
                                      {"__enter__", FUNCTION(rlock_acquire), WAITS, ACQUIRE_DOC},
                                      {NULL, NULL, 0, NULL}};
static PyMethodDef queue_methods[] = {
    {"get", FUNCTION(queue_get), WAITS,
     "get($self, /, block=True, timeout=None)\n--\n\nRemove and return an item. Without one it is "
     "waited for, so many seconds or for ever; queue.Empty if none came."},
    {NULL, NULL, 0, NULL}};

/* The dict of the type, which as such is read only: a new reference, or NULL. */
static PyObject *dict_of(PyObject *type) {
    PyObject *gc = PyImport_ImportModule("gc");
    PyObject *proxy = PyObject_GetAttrString(type, "__dict__");
    PyObject *found = gc && proxy ? PyObject_CallMethod(gc, "get_referents", "O", proxy) : NULL;
    PyObject *dict = found && PyList_Size(found) == 1 ? PyList_GetItem(found, 0) : NULL;
    dict = dict != NULL && PyDict_Check(dict) ? Py_NewRef(dict) : NULL;
    Py_XDECREF(found);
    Py_XDECREF(proxy);
    Py_XDECREF(gc);
    return dict;
}

static void replace(PyObject *type, PyMethodDef *methods) {
    PyObject *dict = dict_of(type);
    for (; dict != NULL && methods->ml_name != NULL; methods++) {
        PyObject *method = PyDescr_NewMethod((PyTypeObject *)type, methods);
        if (method != NULL)
            PyDict_SetItemString(dict, methods->ml_name, method);
        Py_XDECREF(method);
    }
    Py_XDECREF(dict);
    PyType_Modified((PyTypeObject *)type);
    PyErr_Clear();
}

/* A new reference to what the module has, or NULL. */
static PyObject *of_module(const char *name, const char *attribute) {
    PyObject *module = PyImport_ImportModule(name);
    PyObject *found = module ? PyObject_GetAttrString(module, attribute) : NULL;
    Py_XDECREF(module);
    return found;
}

/* Replaces the type's methods; *original is what the first of them was before, or NULL. */
static void take(PyObject **original, PyObject *type, PyMethodDef *methods) {
    *original = type ? PyObject_GetAttrString(type, methods->ml_name) : NULL;
    if (*original != NULL)
        replace(type, methods);
    PyErr_Clear();
    Py_XDECREF(type);
}

void blocking_init(struct interpreter *interpreter) {
    struct blocking *self = interpreter->actor->blocking = calloc(1, sizeof *self);
    if (self == NULL)
        return;
    if (first == NULL)
        first = self; /* actors run in the main interpreter before others have any */
    self->code = Py_CompileString("0", "<rebeam>", Py_eval_input);
    self->globals = PyDict_New();
    self->empty = of_module("_queue", "Empty");
    if (self->code != NULL && self->globals != NULL && self->empty != NULL) {
        take(&self->lock, of_module("_thread", "LockType"), lock_methods);
        take(&self->rlock, of_module("_thread", "RLock"), rlock_methods);
        take(&self->queue, of_module("_queue", "SimpleQueue"), queue_methods);
    }
    PyErr_Clear();
}
