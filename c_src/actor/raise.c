#include "actor/raise.h"

#include "actor/context.h"
#include "actor/private.h"
#include "actor/state.h"
#include "run/signals.h"
#include "run/thread.h"

#include <signal.h>

/* A new reference, or NULL. */
static PyObject *code_of_thread_start(void) {
    PyObject *modules = PySys_GetObject("modules"); /* borrowed */
    PyObject *found = modules ? PyDict_GetItemString(modules, "threading") : NULL;
    const char *const path[] = {"Thread", "start", "__code__"};
    Py_XINCREF(found);
    for (size_t i = 0; found != NULL && i < sizeof path / sizeof path[0]; i++) {
        PyObject *inner = PyObject_GetAttrString(found, path[i]);
        Py_DECREF(found);
        found = inner;
    }
    return found;
}

/* The frame is of Thread.start: has the new thread begun, as it says of itself? */
static bool has_begun(PyObject *frame) {
    PyObject *locals = PyObject_GetAttrString(frame, "f_locals");
    PyObject *made = locals ? PyDict_GetItemString(locals, "self") : NULL; /* borrowed */
    PyObject *id = made ? PyObject_GetAttrString(made, "_ident") : NULL;
    bool begun = id != NULL && !Py_IsNone(id);
    Py_XDECREF(id);
    Py_XDECREF(locals);
    return begun;
}

/* True if one of the frames, from `frame` on, runs `code` for a thread that has not begun. Takes
 * `frame`. */
static bool is_starting(PyObject *frame, PyObject *code) {
    bool starting = false;
    while (frame != NULL && !Py_IsNone(frame) && !starting) {
        PyObject *runs = PyObject_GetAttrString(frame, "f_code");
        PyObject *back = PyObject_GetAttrString(frame, "f_back");
        starting = runs == code && !has_begun(frame);
        Py_XDECREF(runs);
        Py_DECREF(frame);
        frame = back;
    }
    Py_XDECREF(frame);
    return starting;
}

/* CPython 3.11 lets a thread that is being made have its maker's id for an instant: the exception
 * would go there. Its maker waits in Thread.start for it, for ever if it died, maybe with locks of
 * the whole program's. Nothing here lets another thread take the GIL, so there is no garbage
 * collection, which runs __del__; in sys._current_frames() one could even lock the program up, as
 * that holds the interpreter's list of threads. */
static bool makes_thread(unsigned long thread) {
    if (Py_Version >= 0x030c0000)
        return false;
    bool makes = false;
    int collects = PyGC_Disable();
    PyObject *current_frames = PySys_GetObject("_current_frames"); /* borrowed */
    PyObject *code = code_of_thread_start();
    PyObject *frames = code && current_frames ? PyObject_CallNoArgs(current_frames) : NULL;
    PyObject *id = frames ? PyLong_FromUnsignedLong(thread) : NULL;
    if (id != NULL && PyDict_Check(frames))
        makes = is_starting(Py_XNewRef(PyDict_GetItemWithError(frames, id)), code);
    PyErr_Clear();
    Py_XDECREF(id);
    Py_XDECREF(frames);
    Py_XDECREF(code);
    if (collects)
        PyGC_Enable();
    return makes;
}

/* On Python's main thread what waits, for a lock or the time, looks for signals, and ends if a
 * handler raises. So a body hears of its end by one, which goes the way of Ctrl-C inside of CPython
 * (rebeam._program.boot). */
static bool signal_body(struct actor *self, unsigned long thread, PyObject *type) {
    struct actor_state *state = interpreter_get()->actor;
    if (!self->body || thread != self->thread)
        return false;
    state->body_thread = thread;
    state->body_end = type;
    PyErr_SetInterruptEx(SIGRTMIN + THREAD_END);
    return true;
}

PyObject *actor_raise_in_body(PyObject *module, PyObject *args) {
    struct actor_state *state = interpreter_get()->actor;
    bool ends = state->body_thread == PyThread_get_thread_ident();
    (void)module, (void)args;
    state->body_thread = 0;
    if (!ends)
        return Py_NewRef(Py_None);
    PyErr_SetNone(state->body_end);
    return NULL;
}

bool actor_raise(struct actor *self, unsigned long thread, PyObject *type) {
    if (makes_thread(thread))
        return false;
    if (!signal_body(self, thread, type))
        PyThreadState_SetAsyncExc(thread, type);
    self->raises++;
    if (thread == self->thread)
        signals_wake((pthread_t)thread);
    return true;
}

unsigned long actor_raise_count(void) {
    struct actor *self = actor_current();
    return self != NULL ? self->raises : 0;
}

void actor_raise_take_back(unsigned long thread) {
    struct actor_state *state = interpreter_get()->actor;
    PyThreadState_SetAsyncExc(thread, NULL);
    if (state->body_thread == thread)
        state->body_thread = 0;
    state->signalled = true;
}

/* Until CPython 3.12 it is noted for the whole interpreter that some thread has an exception to
 * take, also when one is taken back; until one is taken, all code there runs at half the speed, and
 * on 3.11 what is profiled or traced waits at its next call. So this thread takes one. */
void actor_raise_settle(void) {
    struct actor_state *state = interpreter_get()->actor;
    if (!state->signalled || Py_Version >= 0x030d0000)
        return;
    state->signalled = false;
    PyObject *globals = PyDict_New();
    PyObject *code = globals ? Py_CompileString("0", "<rebeam>", Py_eval_input) : NULL;
    if (code != NULL) {
        unsigned long here = PyThread_get_thread_ident();
        PyThreadState_SetAsyncExc(here, state->actor_exit);
        Py_XDECREF(PyEval_EvalCode(code, globals, globals)); /* raised before its first line */
        if (PyErr_Occurred() == NULL || !PyErr_ExceptionMatches(state->actor_exit))
            PyThreadState_SetAsyncExc(here, NULL);
    }
    PyErr_Clear();
    Py_XDECREF(code);
    Py_XDECREF(globals);
}
