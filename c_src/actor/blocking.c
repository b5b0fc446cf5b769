#include "actor/blocking.h"

#include "actor/context.h"
#include "actor/raise.h"
#include "actor/state.h"

#include <stdlib.h>
#include <time.h>

/* How long one wait of the original is, in seconds: so late an actor hears of its end. Of many
 * that wait each looks less often, so that together they cost the same. */
#define SLICE 0.1
#define CROWD 64
/* Longer ones are CPython's to judge. */
#define LONGEST 1e8

/* What has a method that waits. */
enum waited { LOCK, RLOCK, QUEUE, HANDLE, WAITED_COUNT };

struct blocking {
    PyObject *originals[WAITED_COUNT]; /* the methods, as CPython has them; or NULL */
    PyObject *empty;                   /* queue.Empty */
    PyObject *code, *globals;          /* of a line that does nothing */
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

/* ---- a wait in slices ------------------------------------------------------------------ */

static _Atomic unsigned waiting; /* threads, in all interpreters */

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Until `end`, by that clock, if the wait is finite. */
static double slice_until(bool finite, double end) {
    double slice = SLICE * (1 + waiting / CROWD);
    double left = finite ? end - now() : slice;
    return left < 0 ? 0 : left < slice ? left : slice;
}

/* What was raised in this thread meanwhile comes before the next line of Python: here, one that
 * does nothing. It is run only after something was raised, as a debugger would show it; so would
 * the traceback. True if something came. */
static bool looked(const struct blocking *self, unsigned long *seen) {
    PyObject *type, *value, *traceback, *done;
    unsigned long raises = actor_raise_count();
    if (raises == *seen)
        return false;
    *seen = raises;
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

/* How each kind waits once: what it was waited for, or NULL with an exception, or NULL without one
 * if it is still to come. And what it is if the time is over: likewise. */
struct kind {
    PyObject *(*once)(const struct blocking *, PyObject *object, double seconds);
    PyObject *(*late)(const struct blocking *);
};

static PyObject *wait_in_slices(const struct kind *kind, PyObject *object, double seconds) {
    const struct blocking *self = interpreter_get()->actor->blocking;
    bool finite = seconds >= 0;
    double end = now() + seconds;
    PyObject *result = NULL;
    unsigned long seen = 0; /* what was raised before may still have to come */
    waiting++;
    for (bool over = false; !over;) {
        result = kind->once(self, object, slice_until(finite, end));
        over = result != NULL || PyErr_Occurred() != NULL;
        if (!over && finite && now() >= end) {
            result = kind->late(self);
            over = true;
        }
        over = over || looked(self, &seen);
    }
    waiting--;
    return result;
}

/* With the arguments as they came. */
static PyObject *as_it_is(PyObject *original, PyObject *object, PyObject *args, PyObject *kwargs) {
    Py_ssize_t count = PyTuple_Size(args);
    PyObject *all = PyTuple_New(count + 1);
    if (all == NULL)
        return NULL;
    PyTuple_SetItem(all, 0, Py_NewRef(object));
    for (Py_ssize_t i = 0; i < count; i++)
        PyTuple_SetItem(all, i + 1, Py_NewRef(PyTuple_GetItem(args, i)));
    PyObject *result = PyObject_Call(original, all, kwargs);
    Py_DECREF(all);
    return result;
}

static bool is_plain(PyObject *args, PyObject *kwargs) {
    return kwargs == NULL && PyTuple_Size(args) == 0;
}

/* A wait's time as an argument, in *seconds; None is for ever, and leaves it. False if it is for
 * CPython to judge. */
static bool is_time(PyObject *timeout, double *seconds) {
    if (Py_IsNone(timeout))
        return true;
    *seconds = PyFloat_AsDouble(timeout);
    bool known = PyErr_Occurred() == NULL;
    PyErr_Clear();
    return known && *seconds >= 0 && *seconds < LONGEST;
}

/* ---- locks ----------------------------------------------------------------------------- */

static PyObject *acquire_once(PyObject *original, PyObject *lock, double seconds) {
    PyObject *result = PyObject_CallFunction(original, "OOd", lock, Py_True, seconds);
    if (result == Py_False)
        Py_CLEAR(result);
    return result;
}

static PyObject *lock_once(const struct blocking *self, PyObject *lock, double seconds) {
    return acquire_once(self->originals[LOCK], lock, seconds);
}

static PyObject *rlock_once(const struct blocking *self, PyObject *lock, double seconds) {
    return acquire_once(self->originals[RLOCK], lock, seconds);
}

static PyObject *lock_late(const struct blocking *self) {
    (void)self;
    return Py_NewRef(Py_False);
}

static const struct kind lock_kind = {lock_once, lock_late};
static const struct kind rlock_kind = {rlock_once, lock_late};

/* A lock that is free, or already the thread's, is had at once, as are wrong arguments an error. */
static PyObject *acquire(const struct kind *kind, PyObject *original, PyObject *lock,
                         PyObject *args, PyObject *kwargs) {
    static char *names[] = {"blocking", "timeout", NULL};
    int blocking = 1;
    double seconds = -1;
    if (!is_plain(args, kwargs) &&
        !PyArg_ParseTupleAndKeywords(args, kwargs, "|id", names, &blocking, &seconds)) {
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
    return wait_in_slices(kind, lock, seconds);
}

static PyObject *lock_acquire(PyObject *lock, PyObject *args, PyObject *kwargs) {
    return acquire(&lock_kind, here()->originals[LOCK], lock, args, kwargs);
}

static PyObject *rlock_acquire(PyObject *lock, PyObject *args, PyObject *kwargs) {
    return acquire(&rlock_kind, here()->originals[RLOCK], lock, args, kwargs);
}

/* ---- queues ---------------------------------------------------------------------------- */

static PyObject *queue_once(const struct blocking *self, PyObject *queue, double seconds) {
    PyObject *original = self->originals[QUEUE];
    PyObject *found = PyObject_CallFunction(original, "OOd", queue, Py_True, seconds);
    if (found == NULL && PyErr_ExceptionMatches(self->empty))
        PyErr_Clear();
    return found;
}

static PyObject *queue_late(const struct blocking *self) {
    PyErr_SetNone(self->empty);
    return NULL;
}

static const struct kind queue_kind = {queue_once, queue_late};

/* What there is is had at once, as are wrong arguments an error. */
static PyObject *queue_get(PyObject *queue, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"block", "timeout", NULL};
    const struct blocking *self = here();
    int block = 1;
    double seconds = -1;
    PyObject *timeout = Py_None;
    bool known = is_plain(args, kwargs) ||
                 PyArg_ParseTupleAndKeywords(args, kwargs, "|pO", names, &block, &timeout) != 0;
    PyErr_Clear();
    if (!known || !block || !is_time(timeout, &seconds))
        return as_it_is(self->originals[QUEUE], queue, args, kwargs);
    PyObject *found = PyObject_CallFunctionObjArgs(self->originals[QUEUE], queue, Py_False, NULL);
    if (found != NULL || !PyErr_ExceptionMatches(self->empty))
        return found;
    PyErr_Clear();
    if (!in_actor())
        return as_it_is(self->originals[QUEUE], queue, args, kwargs);
    return wait_in_slices(&queue_kind, queue, seconds);
}

/* ---- threads, since CPython 3.13 ------------------------------------------------------- */

/* The original returns None, whether the thread has ended or not. */
static PyObject *handle_once(const struct blocking *self, PyObject *handle, double seconds) {
    PyObject *joined = PyObject_CallFunction(self->originals[HANDLE], "Od", handle, seconds);
    PyObject *done = joined ? PyObject_CallMethod(handle, "is_done", NULL) : NULL;
    bool over = done != NULL && PyObject_IsTrue(done) == 1;
    Py_XDECREF(done);
    if (!over)
        Py_CLEAR(joined);
    return joined;
}

static PyObject *handle_late(const struct blocking *self) {
    (void)self;
    return Py_NewRef(Py_None);
}

static const struct kind handle_kind = {handle_once, handle_late};

static PyObject *handle_join(PyObject *handle, PyObject *args, PyObject *kwargs) {
    double seconds = -1;
    PyObject *timeout = Py_None;
    bool known = kwargs == NULL && PyArg_ParseTuple(args, "|O", &timeout) != 0;
    PyErr_Clear();
    if (!known || !is_time(timeout, &seconds) || !in_actor())
        return as_it_is(here()->originals[HANDLE], handle, args, kwargs);
    return wait_in_slices(&handle_kind, handle, seconds);
}

/* ---- in their places ------------------------------------------------------------------- */

#define WAITS METH_VARARGS | METH_KEYWORDS
#define FUNCTION(name) (PyCFunction)(void (*)(void)) name
#define ACQUIRE_DOC                                                                                \
    "acquire($self, /, blocking=True, timeout=-1)\n--\n\nLock the lock. True once it is the "      \
    "caller's; False if it is not, without waiting or in that time, in seconds."

/* The first method of each is the original's name. */
static struct {
    const char *module, *type;
    PyMethodDef methods[3];
} waited[WAITED_COUNT] = {
    [LOCK] = {"_thread",
              "LockType",
              {{"acquire", FUNCTION(lock_acquire), WAITS, ACQUIRE_DOC},
               {"__enter__", FUNCTION(lock_acquire), WAITS, ACQUIRE_DOC}}},
    [RLOCK] = {"_thread",
               "RLock",
               {{"acquire", FUNCTION(rlock_acquire), WAITS, ACQUIRE_DOC},
                {"__enter__", FUNCTION(rlock_acquire), WAITS, ACQUIRE_DOC}}},
    [QUEUE] = {"_queue",
               "SimpleQueue",
               {{"get", FUNCTION(queue_get), WAITS,
                 "get($self, /, block=True, timeout=None)\n--\n\nRemove and return an item. "
                 "Without one it is waited for, so many seconds or for ever; queue.Empty if none "
                 "came."}}},
    [HANDLE] = {"_thread",
                "_ThreadHandle",
                {{"join", FUNCTION(handle_join), WAITS,
                  "join($self, timeout=None, /)\n--\n\nWait until the thread has ended, or so many "
                  "seconds."}}},
};

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
}

/* A new reference to what the module has, or NULL. */
static PyObject *of_module(const char *name, const char *attribute) {
    PyObject *module = PyImport_ImportModule(name);
    PyObject *found = module ? PyObject_GetAttrString(module, attribute) : NULL;
    Py_XDECREF(module);
    return found;
}

/* The type's methods are ours from now on, if it has them. The static RLock of CPython 3.11 may
 * have ours already. */
static void take(struct blocking *self, enum waited which) {
    PyObject *type = of_module(waited[which].module, waited[which].type);
    PyMethodDef *methods = waited[which].methods;
    self->originals[which] = type ? PyObject_GetAttrString(type, methods->ml_name) : NULL;
    if (self->originals[which] != NULL)
        replace(type, methods);
    PyErr_Clear();
    Py_XDECREF(type);
}

void blocking_init(struct interpreter *interpreter) {
    struct blocking *self = calloc(1, sizeof *self);
    if (self == NULL)
        return;
    self->code = Py_CompileString("0", "<rebeam>", Py_eval_input);
    self->globals = PyDict_New();
    self->empty = of_module("_queue", "Empty");
    interpreter->actor->blocking = self;
    if (first == NULL)
        first = self; /* actors run in the main interpreter before others have any */
    if (self->code != NULL && self->globals != NULL && self->empty != NULL)
        for (enum waited each = 0; each < WAITED_COUNT; each++)
            take(self, each);
    PyErr_Clear();
}
