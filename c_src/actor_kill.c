/* Code of an actor whose process is gone, and that still runs on a thread.
 *
 *   running --owner died-------------> ENDING --ActorExit, again and again--> over
 *   waiting --ActorExit where it waits--^
 *
 * A tick of the executor raises ActorExit in that thread. `finally` blocks get half a second
 * before it comes again, also after the one that ended a wait. Code that swallowed it gets an
 * ActorKill, from which on the thread is traced, and each line that it tries to run raises: so no
 * handler holds it up.
 * Asynchronous code has that time first for being cancelled, and the exception comes only while
 * the loop is inside one of the actor's own tasks, which are not alone on its thread.
 * What is stuck in C sees it when it returns. Until then its thread is abandoned, and fenced by
 * actor_is_dead: nothing it sends or answers goes out.
 *
 * The list belongs to the interpreter, GIL held. It keeps its actors.
 */
#include "actor_struct.h"

#include <time.h>

enum {
    GRACE_MILLISECONDS = 100, /* for code that is ending already */
    PATIENT_RAISES = 2,
    PATIENCE_MILLISECONDS = 500,
};

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

void actor_kill_enter(struct actor *self) {
    self->thread = PyThread_get_thread_ident();
    if (!actor_is_dead(self))
        return;
    actor_kill_told(self);
    actor_kill_begin(self);
}

void actor_kill_told(struct actor *self) {
    self->kill_next = now() + PATIENCE_MILLISECONDS;
    if (self->killed) /* one that has not come through yet would be the second */
        PyThreadState_SetAsyncExc(self->thread, NULL);
}

void actor_kill_begin(struct actor *self) {
    struct actor_state *state = interpreter_get()->actor;
    if (self->killed || (self->thread == 0 && self->run == NULL))
        return;
    actor_keep(self);
    self->killed = true;
    self->kill_raises = 0;
    long long earliest = now() + (self->run != NULL ? PATIENCE_MILLISECONDS : GRACE_MILLISECONDS);
    if (self->kill_next < earliest)
        self->kill_next = earliest;
    self->next_killed = state->first_killed;
    state->first_killed = self;
    atomic_fetch_add(&executor_tally(self->executor)->abandoned, 1);
    executor_tick(self->executor, actor_tick);
}

static void end(struct actor *self) {
    struct actor **place = &interpreter_get()->actor->first_killed;
    while (*place != self)
        place = &(*place)->next_killed;
    *place = self->next_killed;
    self->killed = false;
    /* One that did not come through must not hit what the thread does next. */
    PyThreadState_SetAsyncExc(self->thread, NULL);
    if (self->kill_traced)
        python_extra.set_trace(NULL, NULL);
    self->kill_traced = false;
    if (self->kill_raises > 0)
        executor_retire();
    atomic_fetch_sub(&executor_tally(self->executor)->abandoned, 1);
    actor_release(self);
}

void actor_kill_leave(struct actor *self) {
    if (self->killed)
        end(self);
    self->thread = 0;
}

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

static void raise_again(struct actor *self, long long time) {
    struct actor_state *state = interpreter_get()->actor;
    unsigned long thread = self->thread;
    if (time < self->kill_next)
        return;
    if (thread == 0 && (thread = actor_context_thread(self)) == 0)
        return;
    if (!self->killed || makes_thread(thread)) /* it ended meanwhile */
        return;
    bool own = thread == self->thread;
    bool patient = self->kill_raises < PATIENT_RAISES;
    PyThreadState_SetAsyncExc(thread, patient || !own ? state->actor_exit : state->actor_kill);
    if (patient) {
        self->kill_raises++;
        self->kill_next = time + PATIENCE_MILLISECONDS;
    }
}

/* Of the thread's next line, call or return. */
static int refuse_to_go_on(PyObject *unused, struct _frame *frame, int event, PyObject *argument) {
    (void)unused, (void)frame, (void)event, (void)argument;
    PyErr_SetNone(interpreter_get()->actor->actor_exit);
    return -1;
}

PyObject *actor_kill_hard(PyObject *module, PyObject *unused) {
    struct actor *self = actor_current();
    (void)module, (void)unused;
    if (self != NULL && self->killed && self->thread == PyThread_get_thread_ident()) {
        self->kill_traced = true;
        python_extra.set_trace(refuse_to_go_on, NULL);
    }
    return Py_NewRef(Py_None);
}

bool actor_kill_tick(void) {
    struct actor *first = interpreter_get()->actor->first_killed;
    long long time = first != NULL ? now() : 0;
    for (struct actor *each = first, *next; each != NULL; each = next) {
        actor_keep(each);
        raise_again(each, time); /* may give the GIL away */
        next = each->killed ? each->next_killed : NULL;
        actor_release(each);
    }
    return first != NULL;
}
