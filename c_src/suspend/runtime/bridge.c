/* What an async def awaits where it calls what may suspend.
 *
 * What comes of the call (a twin's coroutine, or the suspension of a primitive) is
 * stepped here as suspend_step does it. Where it stops, a branch is
 * started (see struct suspend_waiting), and a Future of the running asyncio loop goes
 * up the await chain in its place:
 *
 *   Task --send--> async def --await--> bridge --step--> twin --await--> suspension
 *    ^                                    |                                  |
 *    +------------- Future ---------------+     answer: wake() sets the Future
 *
 * So Tasks, gather, timeouts and cancellation see nothing but a Future. It only wakes:
 * the result stays in the suspension. Where no loop runs (the coroutine is driven by
 * hand, or by another kind of loop), and where a coroutine is being closed and so may
 * not stop, the thread waits.
 */
#include "suspend/runtime/bridge.h"

#include "suspend/private.h"
#include "suspend/runtime/await.h"

struct bridge {
    PyObject_HEAD PyObject *inner;
    PyObject *suspension; /* what `inner` has stopped at; NULL while it has not */
    PyObject *future;     /* the iterator over the Future; NULL as above */
};

/* ---- waking ------------------------------------------------------------*/

/* settle(future): on the loop's thread. It may have been cancelled meanwhile. */
static PyObject *wake_settle(PyObject *self, PyObject *future) {
    (void)self;
    PyObject *done = PyObject_CallMethod(future, "done", NULL);
    int settled = done ? PyObject_IsTrue(done) : -1;
    Py_XDECREF(done);
    if (settled != 0)
        return settled < 0 ? NULL : Py_NewRef(Py_None);
    return PyObject_CallMethod(future, "set_result", "O", Py_None);
}

/* wake(): on any thread. `self` is (loop, future). A loop that is closed needs no waking. */
static PyObject *wake_call(PyObject *self, PyObject *unused) {
    static PyMethodDef settle = {"settle", wake_settle, METH_O, NULL};
    (void)unused;
    PyObject *function = PyCFunction_NewEx(&settle, NULL, NULL);
    PyObject *handle = function
                           ? PyObject_CallMethod(PyTuple_GetItem(self, 0), "call_soon_threadsafe",
                                                 "OO", function, PyTuple_GetItem(self, 1))
                           : NULL;
    Py_XDECREF(function);
    if (handle == NULL && PyErr_ExceptionMatches(PyExc_RuntimeError)) {
        PyErr_Clear();
        return Py_NewRef(Py_None);
    }
    return handle;
}

static PyObject *wake_new(PyObject *loop, PyObject *future) {
    static PyMethodDef wake = {"wake", wake_call, METH_NOARGS, NULL};
    PyObject *pair = PyTuple_Pack(2, loop, future);
    PyObject *made = pair ? PyCFunction_NewEx(&wake, pair, NULL) : NULL;
    Py_XDECREF(pair);
    return made;
}

/* ---- waiting -----------------------------------------------------------*/

/* asyncio.events._get_running_loop; NULL without an exception while nobody has imported that.
 * By way of a module that imports it, for then it is complete. */
static PyObject *get_running(struct suspend_state *state) {
    if (state->get_running != NULL)
        return state->get_running;
    PyObject *modules = PySys_GetObject("modules"); /* borrowed, as the next */
    PyObject *runners = modules ? PyDict_GetItemString(modules, "asyncio.runners") : NULL;
    PyObject *events = runners ? PyObject_GetAttrString(runners, "events") : NULL;
    if (events != NULL)
        state->get_running = PyObject_GetAttrString(events, "_get_running_loop");
    PyErr_Clear(); /* it is being imported just now */
    Py_XDECREF(events);
    return state->get_running;
}

/* The loop that runs on this thread, a new reference; NULL without an exception if none does. */
static PyObject *running_loop(struct suspend_state *state) {
    PyObject *function = get_running(state);
    PyObject *loop = function ? PyObject_CallNoArgs(function) : NULL;
    if (loop == Py_None)
        Py_CLEAR(loop);
    return loop;
}

/* Inside close() a coroutine may not stop: `finally` blocks then run to their end at once. */
static bool is_being_closed(void) {
    PyObject *handled = PyErr_GetHandledException();
    bool closed = handled != NULL && PyErr_GivenExceptionMatches(handled, PyExc_GeneratorExit);
    Py_XDECREF(handled);
    return closed;
}

static void stop_waiting(struct bridge *self) {
    PyObject *suspension = self->suspension;
    if (suspension == NULL)
        return;
    self->suspension = NULL;
    Py_CLEAR(self->future);
    suspend_await_waiting(suspension)->drop(suspension);
    Py_DECREF(suspension);
}

/* Starts what `suspension` is for, to go on when `loop` is woken. 0, or -1. */
static int start_branch(struct bridge *self, PyObject *suspension, PyObject *loop) {
    int status = -1;
    const struct suspend_waiting *waiting = suspend_await_waiting(suspension);
    PyObject *future = PyObject_CallMethod(loop, "create_future", NULL);
    PyObject *iterator = future ? PyObject_GetIter(future) : NULL;
    PyObject *wake = iterator ? wake_new(loop, future) : NULL;
    if (wake == NULL)
        goto done;
    self->suspension = Py_NewRef(suspension);
    self->future = Py_NewRef(iterator);
    status = waiting->branch(suspension, wake);
    if (status < 0) {
        Py_CLEAR(self->suspension);
        Py_CLEAR(self->future);
    }
done:
    Py_XDECREF(wake);
    Py_XDECREF(iterator);
    Py_XDECREF(future);
    return status;
}

/* `inner` stopped at `suspension`. 0 if it was dealt with, maybe by a wait. */
static int wait_for(struct bridge *self, PyObject *suspension) {
    struct suspend_state *state = suspend_state_get();
    if (suspension_state(suspension) != SUSPENSION_PENDING)
        return 0; /* has its result already: REBEAM_SUSPEND=all */
    PyObject *loop = suspend_await_waiting(suspension) != NULL && !is_being_closed()
                         ? running_loop(state)
                         : NULL;
    if (loop == NULL)
        return PyErr_Occurred() ? -1 : suspend_await_here(suspension);
    int status = start_branch(self, suspension, loop);
    Py_DECREF(loop);
    if (status == 0)
        return 0;
    PyObject *type, *exception, *traceback;
    PyErr_Fetch(&type, &exception, &traceback);
    PyErr_NormalizeException(&type, &exception, &traceback);
    suspension_fail(suspension, exception); /* raised where the code awaits */
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return 0;
}

/* ---- stepping ----------------------------------------------------------*/

static PySendResult stopped_wrongly(PyObject **result) {
    Py_CLEAR(*result);
    PyErr_SetString(PyExc_RuntimeError, "a suspended function may only wait for a suspension");
    return PYGEN_ERROR;
}

static PySendResult throw_into(struct bridge *self, PyObject *args, PyObject **result);

/* The exception that is set goes on inside. */
static PySendResult throw_fetched(struct bridge *self, PyObject **result) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL)
        PyException_SetTraceback(value, traceback);
    PyObject *args = PyTuple_Pack(1, value);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    PySendResult sent = args ? throw_into(self, args, result) : PYGEN_ERROR;
    Py_XDECREF(args);
    return sent;
}

/* From what `inner` did on to where the async def has to wait, or goes on. */
static PySendResult follow(struct bridge *self, PySendResult sent, PyObject **result) {
    struct suspend_state *state = suspend_state_get();
    while (sent == PYGEN_NEXT) {
        state->suspensions++;
        if (Py_TYPE(*result) != state->suspension_type)
            return stopped_wrongly(result);
        int status = wait_for(self, *result);
        Py_CLEAR(*result);
        if (status < 0)
            return PYGEN_ERROR;
        if (self->future != NULL)
            return PyIter_Send(self->future, Py_None, result); /* the Future itself */
        sent = PyIter_Send(self->inner, Py_None, result);
    }
    return sent;
}

static PySendResult bridge_send(PyObject *bridge, PyObject *value, PyObject **result) {
    struct bridge *self = (struct bridge *)bridge;
    (void)value;
    if (self->future != NULL) {
        PySendResult woken = PyIter_Send(self->future, Py_None, result);
        if (woken == PYGEN_NEXT)
            return woken;
        if (woken == PYGEN_ERROR) /* somebody cancelled or failed the Future */
            return throw_fetched(self, result);
        Py_CLEAR(*result);
        if (suspension_state(self->suspension) == SUSPENSION_PENDING) {
            PyErr_SetString(PyExc_RuntimeError, "woken before the answer was there");
            return throw_fetched(self, result);
        }
        Py_CLEAR(self->future);
        Py_CLEAR(self->suspension);
    }
    return follow(self, PyIter_Send(self->inner, Py_None, result), result);
}

/* inner.throw(*args); a suspension has no frame: the exception is raised where it is awaited. */
static PySendResult throw_into(struct bridge *self, PyObject *args, PyObject **result) {
    *result = NULL;
    stop_waiting(self);
    PyObject *throw = PyObject_GetAttrString(self->inner, "throw");
    if (throw == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError))
            return PYGEN_ERROR;
        PyErr_Clear();
        PyObject *type = PyTuple_GetItem(args, 0);
        if (type == NULL) {
            PyErr_SetString(PyExc_TypeError, "throw() needs an exception");
            return PYGEN_ERROR;
        }
        PyObject *value = PyTuple_Size(args) > 1 ? PyTuple_GetItem(args, 1) : NULL;
        if (PyExceptionInstance_Check(type)) {
            value = type;
            type = (PyObject *)Py_TYPE(value);
        }
        PyErr_SetObject(type, value);
        return PYGEN_ERROR;
    }
    *result = PyObject_Call(throw, args, NULL);
    Py_DECREF(throw);
    if (*result != NULL)
        return follow(self, PYGEN_NEXT, result);
    if (!PyErr_ExceptionMatches(PyExc_StopIteration))
        return PYGEN_ERROR;
    PyObject *type, *stop, *traceback; /* a coroutine that returned */
    PyErr_Fetch(&type, &stop, &traceback);
    PyErr_NormalizeException(&type, &stop, &traceback);
    *result = PyObject_GetAttrString(stop, "value");
    Py_XDECREF(type);
    Py_XDECREF(stop);
    Py_XDECREF(traceback);
    return *result ? PYGEN_RETURN : PYGEN_ERROR;
}

/* ---- the type ----------------------------------------------------------*/

/* Methods tell a return by StopIteration. Takes `result`. */
static PyObject *as_method(PySendResult sent, PyObject *result) {
    if (sent != PYGEN_RETURN)
        return result;
    PyObject *stop = PyObject_CallFunctionObjArgs(PyExc_StopIteration, result, NULL);
    if (stop != NULL)
        PyErr_SetObject(PyExc_StopIteration, stop);
    Py_XDECREF(stop);
    Py_DECREF(result);
    return NULL;
}

static PyObject *bridge_send_method(PyObject *self, PyObject *value) {
    PyObject *result = NULL;
    PySendResult sent = bridge_send(self, value, &result);
    return as_method(sent, result);
}

static PyObject *bridge_next(PyObject *self) {
    return bridge_send_method(self, Py_None);
}

static PyObject *bridge_throw(PyObject *self, PyObject *args) {
    PyObject *result = NULL;
    PySendResult sent = throw_into((struct bridge *)self, args, &result);
    return as_method(sent, result);
}

static PyObject *bridge_close(PyObject *bridge, PyObject *unused) {
    struct bridge *self = (struct bridge *)bridge;
    (void)unused;
    stop_waiting(self);
    PyObject *close = PyObject_GetAttrString(self->inner, "close");
    if (close == NULL) {
        PyErr_Clear(); /* a suspension: nothing to close */
        return Py_NewRef(Py_None);
    }
    PyObject *result = PyObject_CallNoArgs(close);
    Py_DECREF(close);
    return result;
}

static PyObject *bridge_self(PyObject *self) {
    return Py_NewRef(self);
}

static int bridge_clear(PyObject *self) {
    stop_waiting((struct bridge *)self);
    Py_CLEAR(((struct bridge *)self)->inner);
    return 0;
}

static int bridge_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(((struct bridge *)self)->inner);
    Py_VISIT(((struct bridge *)self)->suspension);
    Py_VISIT(((struct bridge *)self)->future);
    return 0;
}

static void bridge_dealloc(PyObject *self) {
    suspend_type_free(self, bridge_clear);
}

PyObject *suspend_bridge_new(const struct suspend_state *state, PyObject *inner) {
    struct bridge *self = PyObject_GC_New(struct bridge, state->bridge_type);
    if (self == NULL) {
        Py_DECREF(inner);
        return NULL;
    }
    self->inner = inner;
    self->suspension = self->future = NULL;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

int suspend_bridge_init(struct suspend_state *state) {
    static PyMethodDef methods[] = {
        {"send", bridge_send_method, METH_O, NULL},
        {"throw", bridge_throw, METH_VARARGS, NULL},
        {"close", bridge_close, METH_NOARGS, NULL},
        {NULL, NULL, 0, NULL},
    };
    PyType_Slot slots[] = {
        {Py_tp_clear, (void *)bridge_clear},
        {Py_tp_traverse, (void *)bridge_traverse},
        {Py_tp_dealloc, (void *)bridge_dealloc},
        {Py_am_await, (void *)bridge_self},
        {Py_am_send, (void *)bridge_send},
        {Py_tp_iter, (void *)bridge_self},
        {Py_tp_iternext, (void *)bridge_next},
        {Py_tp_methods, methods},
        {0, NULL},
    };
    PyType_Spec spec = {
        .name = "_rebeam.Bridge",
        .basicsize = sizeof(struct bridge),
        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
        .slots = slots,
    };
    state->bridge_type = suspend_type_new(&spec);
    return state->bridge_type ? 0 : -1;
}
