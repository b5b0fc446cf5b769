#include "actor/blocking.h"

#include "actor/context.h"
#include "actor/methods.h"
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

/* Methods that wait. */
enum waited { LOCK, LOCK_ENTER, RLOCK, RLOCK_ENTER, QUEUE, HANDLE, THREAD, WAITED_COUNT };

struct blocking {
    PyObject *originals[WAITED_COUNT]; /* the methods, as CPython has them; or NULL */
    PyObject *empty;                   /* queue.Empty */
    PyObject *code, *globals;          /* of a line that does nothing */
};

/* Each interpreter has types of its own: who comes to a method of ours is in one that has it. */
static const struct blocking *here(void) {
    return interpreter_get()->actor->blocking;
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

/* Tracers, profilers and debuggers see nothing of that line. */
static PyObject *run_unseen(const struct blocking *self) {
    PyThreadState *thread = PyThreadState_Get();
    python_extra.enter_tracing(thread);
    PyObject *done = PyEval_EvalCode(self->code, self->globals, self->globals);
    python_extra.leave_tracing(thread);
    return done;
}

/* What was raised in this thread meanwhile comes before the next line of Python: here, one that
 * does nothing, and that no traceback tells of. It is run only after something was raised. True if
 * something came. */
static bool looked(const struct blocking *self, unsigned long *seen) {
    PyObject *type, *value, *traceback, *done;
    unsigned long raises = actor_raise_count();
    if (raises == *seen)
        return false;
    *seen = raises;
    done = run_unseen(self);
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

/* Between two waits comes what a signal would have interrupted either for. */
static PyObject *wait_in_slices(const struct kind *kind, PyObject *object, double seconds) {
    const struct blocking *self = here();
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
        over = over || Py_MakePendingCalls() < 0 || looked(self, &seen);
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

/* A wait's time as an argument, in *seconds. False if it is for CPython to judge: it takes floats,
 * and what is an integer. */
static bool is_time(PyObject *timeout, double *seconds) {
    bool real = PyFloat_Check(timeout);
    PyObject *whole = real ? NULL : PyNumber_Index(timeout);
    if (real || whole != NULL)
        *seconds = real ? PyFloat_AsDouble(timeout) : PyLong_AsDouble(whole);
    bool known = PyErr_Occurred() == NULL && *seconds < LONGEST;
    PyErr_Clear();
    Py_XDECREF(whole);
    return known;
}

/* None is for ever, and leaves *seconds. */
static bool is_time_or_none(PyObject *timeout, double *seconds) {
    return Py_IsNone(timeout) || (is_time(timeout, seconds) && *seconds >= 0);
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

/* Are the arguments for a wait, of *seconds? If not, CPython judges them. */
static bool are_to_acquire(PyObject *args, PyObject *kwargs, double *seconds) {
    static char *names[] = {"blocking", "timeout", NULL};
    int blocking = 1;
    PyObject *timeout = NULL;
    *seconds = -1;
    if (is_plain(args, kwargs))
        return true;
    bool known = PyArg_ParseTupleAndKeywords(args, kwargs, "|iO", names, &blocking, &timeout) != 0;
    PyErr_Clear();
    known = known && blocking && (timeout == NULL || is_time(timeout, seconds));
    return known && (*seconds >= 0 || *seconds == -1);
}

/* A lock that is free, or already the thread's, is had at once. */
static PyObject *acquire(const struct kind *kind, PyObject *original, PyObject *lock,
                         PyObject *args, PyObject *kwargs) {
    double seconds;
    if (!are_to_acquire(args, kwargs, &seconds))
        return as_it_is(original, lock, args, kwargs);
    PyObject *result = PyObject_CallFunctionObjArgs(original, lock, Py_False, NULL);
    if (result != Py_False)
        return result;
    Py_DECREF(result);
    if (actor_current() == NULL)
        return as_it_is(original, lock, args, kwargs);
    return wait_in_slices(kind, lock, seconds);
}

static PyObject *lock_acquire(PyObject *lock, PyObject *args, PyObject *kwargs) {
    return acquire(&lock_kind, here()->originals[LOCK], lock, args, kwargs);
}

static PyObject *lock_enter(PyObject *lock, PyObject *args, PyObject *kwargs) {
    return is_plain(args, kwargs) ? lock_acquire(lock, args, kwargs)
                                  : as_it_is(here()->originals[LOCK_ENTER], lock, args, kwargs);
}

static PyObject *rlock_acquire(PyObject *lock, PyObject *args, PyObject *kwargs) {
    return acquire(&rlock_kind, here()->originals[RLOCK], lock, args, kwargs);
}

static PyObject *rlock_enter(PyObject *lock, PyObject *args, PyObject *kwargs) {
    return is_plain(args, kwargs) ? rlock_acquire(lock, args, kwargs)
                                  : as_it_is(here()->originals[RLOCK_ENTER], lock, args, kwargs);
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
    if (!known || !block || !is_time_or_none(timeout, &seconds))
        return as_it_is(self->originals[QUEUE], queue, args, kwargs);
    PyObject *found = PyObject_CallFunctionObjArgs(self->originals[QUEUE], queue, Py_False, NULL);
    if (found != NULL || !PyErr_ExceptionMatches(self->empty))
        return found;
    PyErr_Clear();
    if (actor_current() == NULL)
        return as_it_is(self->originals[QUEUE], queue, args, kwargs);
    return wait_in_slices(&queue_kind, queue, seconds);
}

/* ---- threads --------------------------------------------------------------------------- */

/* The original returns None, whether the thread has ended or not: if it ended in between, the last
 * call is what waits until nothing of it is left. */
static PyObject *handle_once(const struct blocking *self, PyObject *handle, double seconds) {
    PyObject *original = self->originals[HANDLE];
    PyObject *joined = PyObject_CallFunction(original, "Od", handle, seconds);
    PyObject *done = joined ? PyObject_CallMethod(handle, "is_done", NULL) : NULL;
    bool over = done != NULL && PyObject_IsTrue(done) == 1;
    Py_XDECREF(done);
    Py_XDECREF(joined);
    return over ? PyObject_CallFunctionObjArgs(original, handle, NULL) : NULL;
}

static PyObject *handle_late(const struct blocking *self) {
    (void)self;
    return Py_NewRef(Py_None);
}

static const struct kind handle_kind = {handle_once, handle_late};

/* Since CPython 3.13. */
static PyObject *handle_join(PyObject *handle, PyObject *args, PyObject *kwargs) {
    double seconds = -1;
    PyObject *timeout = Py_None;
    bool known = kwargs == NULL && PyArg_ParseTuple(args, "|O", &timeout) != 0;
    PyErr_Clear();
    if (!known || !is_time_or_none(timeout, &seconds) || actor_current() == NULL)
        return as_it_is(here()->originals[HANDLE], handle, args, kwargs);
    return wait_in_slices(&handle_kind, handle, seconds);
}

/* The thread has ended. */
static PyObject *thread_stop(PyObject *thread, PyObject *lock) {
    PyObject *released = PyObject_CallMethod(lock, "release", NULL);
    PyObject *stopped = released ? PyObject_CallMethod(thread, "_stop", NULL) : NULL;
    Py_XDECREF(released);
    return stopped;
}

/* Before CPython 3.13. If something is raised while the original waits, it takes the lock, which
 * the thread holds, for its own: it releases it, and the thread counts as ended while it runs. */
static PyObject *thread_wait(PyObject *thread, PyObject *args, PyObject *kwargs) {
    PyObject *lock = actor_current() ? PyObject_GetAttrString(thread, "_tstate_lock") : NULL;
    PyErr_Clear();
    if (lock == NULL || Py_IsNone(lock)) {
        Py_XDECREF(lock);
        return as_it_is(here()->originals[THREAD], thread, args, kwargs);
    }
    PyObject *acquire = PyObject_GetAttrString(lock, "acquire");
    PyObject *result = acquire ? PyObject_Call(acquire, args, kwargs) : NULL;
    if (result == Py_True) {
        Py_DECREF(result);
        result = thread_stop(thread, lock);
    }
    Py_XDECREF(acquire);
    Py_DECREF(lock);
    return result;
}

/* ---- in their places ------------------------------------------------------------------- */

static const struct {
    const char *module, *type, *method;
    PyCFunctionWithKeywords function;
} waited[WAITED_COUNT] = {
    [LOCK] = {"_thread", "LockType", "acquire", lock_acquire},
    [LOCK_ENTER] = {"_thread", "LockType", "__enter__", lock_enter},
    [RLOCK] = {"_thread", "RLock", "acquire", rlock_acquire},
    [RLOCK_ENTER] = {"_thread", "RLock", "__enter__", rlock_enter},
    [QUEUE] = {"_queue", "SimpleQueue", "get", queue_get},
    [HANDLE] = {"_thread", "_ThreadHandle", "join", handle_join},
    [THREAD] = {"threading", "Thread", "_wait_for_tstate_lock", thread_wait},
};

/* The type's method is ours from now on, if it has it. */
static void take(struct blocking *self, enum waited which) {
    const char *name = waited[which].method;
    PyObject *type = actor_find(waited[which].module, waited[which].type, NULL);
    self->originals[which] = type ? PyObject_GetAttrString(type, name) : NULL;
    if (self->originals[which] != NULL)
        methods_replace(type, name, self->originals[which], waited[which].function);
    PyErr_Clear();
    Py_XDECREF(type);
}

void blocking_init(struct interpreter *interpreter) {
    struct blocking *self = calloc(1, sizeof *self);
    if (self == NULL)
        return;
    self->code = Py_CompileString("0", "<rebeam>", Py_eval_input);
    self->globals = PyDict_New();
    self->empty = actor_find("_queue", "Empty", NULL);
    interpreter->actor->blocking = self;
    if (self->code != NULL && self->globals != NULL && self->empty != NULL)
        for (enum waited each = 0; each < WAITED_COUNT; each++)
            take(self, each);
    PyErr_Clear();
}
