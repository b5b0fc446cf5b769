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
 * the loop is inside one of the actor's own tasks, which are not alone on its thread. Tasks that
 * a handler left behind are in the list by themselves, once no handler runs.
 * What waits in C is sent a signal, so that it returns early if it can: ctypes' sleep and poll do,
 * Python's own functions wait again. Until it returns its thread is abandoned, and fenced by
 * actor_is_dead: nothing it sends or answers goes out.
 *
 * The list belongs to the interpreter, GIL held. It keeps its actors.
 */
#include "actor/private.h"

#include "run/signals.h"

#include <time.h>

enum {
    GRACE_MILLISECONDS = 100, /* for code that is ending already */
    PATIENT_RAISES = 2,
    PATIENCE_MILLISECONDS = 500,
    CANCELS_MAX = 3,                  /* then tasks that swallow them wait for ever, unheard */
    FIRST_CANCEL_MILLISECONDS = 5000, /* for what a cancelled task awaits while it ends */
    NEXT_CANCEL_MILLISECONDS = 1000,
};

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

/* What was raised there and has not come through is forgotten. */
static void take_back(unsigned long thread) {
    PyThreadState_SetAsyncExc(thread, NULL);
    interpreter_get()->actor->signalled = true;
}

/* CPython 3.12 notes for the whole interpreter that some thread has an exception to take, also
 * when one is taken back; until one is taken, all code there runs at half the speed. So this
 * thread takes one. */
void actor_kill_settle(void) {
    struct actor_state *state = interpreter_get()->actor;
    if (!state->signalled || Py_Version < 0x030c0000 || Py_Version >= 0x030d0000)
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
        take_back(self->thread);
}

void actor_kill_begin(struct actor *self) {
    struct actor_state *state = interpreter_get()->actor;
    if (self->killed || (self->thread == 0 && self->run == NULL && !self->tasks_end))
        return;
    actor_keep(self);
    self->killed = true;
    self->kill_raises = self->kill_cancels = 0;
    bool cancelled = self->run != NULL || self->tasks_end;
    long long earliest = now() + (cancelled ? PATIENCE_MILLISECONDS : GRACE_MILLISECONDS);
    if (self->kill_next < earliest)
        self->kill_next = earliest;
    self->kill_cancel_next = now() + FIRST_CANCEL_MILLISECONDS;
    self->next_killed = state->first_killed;
    state->first_killed = self;
    atomic_fetch_add(&executor_tally(self->executor)->abandoned, 1);
    executor_tick(self->executor, actor_tick);
}

void actor_kill_tasks(struct actor *self) {
    if (self->tasks_end) /* it heard of that before */
        return;
    self->tasks_end = true;
    if (!actor_context_end(self))
        actor_context_drop(self);
    self->tasks_end = self->asynchronous;
}

/* Takes it out of the list, and with that maybe the last reference. */
static void forget(struct actor *self) {
    struct actor **place = &interpreter_get()->actor->first_killed;
    while (*place != self)
        place = &(*place)->next_killed;
    *place = self->next_killed;
    self->killed = false;
    atomic_fetch_sub(&executor_tally(self->executor)->abandoned, 1);
    actor_release(self);
}

static void end(struct actor *self) {
    take_back(self->thread); /* it must not hit what the thread does next */
    if (self->kill_traced)
        python_extra.set_trace(NULL, NULL);
    self->kill_traced = false;
    if (self->kill_raises > 0)
        executor_retire();
    forget(self);
}

void actor_kill_leave(struct actor *self) {
    if (self->killed)
        end(self);
    else if (self->interrupting)
        take_back(self->thread);
    self->interrupting = false;
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

bool actor_kill_raise(struct actor *self, unsigned long thread, PyObject *type) {
    if (makes_thread(thread))
        return false;
    PyThreadState_SetAsyncExc(thread, type);
    if (thread == self->thread)
        signals_wake((pthread_t)thread);
    return true;
}

/* In whichever thread its code is, if in any. */
static void raise_in(struct actor *self, unsigned long thread, long long time) {
    struct actor_state *state = interpreter_get()->actor;
    bool patient = self->kill_raises < PATIENT_RAISES;
    PyObject *type = patient ? state->actor_exit : state->actor_kill;
    if (actor_kill_raise(self, thread, type) && patient) {
        self->kill_raises++;
        self->kill_next = time + PATIENCE_MILLISECONDS;
    }
}

static void forget_tasks(struct actor *self) {
    actor_context_drop(self);
    self->tasks_end = false;
    forget(self);
}

/* Its tasks wait, for what they may: they are cancelled again, and in the end given up. */
static void cancel_again(struct actor *self, long long time) {
    self->kill_cancel_next = time + NEXT_CANCEL_MILLISECONDS;
    if (++self->kill_cancels <= CANCELS_MAX) {
        actor_context_end(self);
    } else if (self->tasks_end) {
        forget_tasks(self);
    } else {
        struct actor_job *job = actor_job_new(self, WORK_RELEASE, &(struct actor_job_parts){0});
        if (job != NULL)
            executor_submit(self->executor, &job->base);
    }
}

bool actor_kill_gave_up(const struct actor *self) {
    return self->kill_cancels > CANCELS_MAX;
}

static void raise_again(struct actor *self, long long time) {
    PyObject *place = actor_context_place(self); /* may give the GIL away: it may end meanwhile */
    unsigned long thread = self->thread != 0 ? self->thread : actor_context_thread(place);
    if (self->killed && thread != 0 && time >= self->kill_next)
        raise_in(self, thread, time);
    else if (self->killed && self->tasks_end && Py_IsNone(place))
        forget_tasks(self);
    else if (self->killed && thread == 0 && self->run == NULL && !self->asynchronous)
        forget(self); /* its tasks were over as it came into the list */
    else if (self->killed && thread == 0 && self->asynchronous && time >= self->kill_cancel_next)
        cancel_again(self, time);
    Py_DECREF(place);
}

/* Of the thread's next line, call or return. */
static int refuse_to_go_on(PyObject *unused, struct _frame *frame, int event, PyObject *argument) {
    (void)unused, (void)frame, (void)event, (void)argument;
    PyErr_SetNone(interpreter_get()->actor->actor_exit);
    return -1;
}

/* The same on the event loop's thread, until the loop leaves the task. */
static int refuse_in_task(PyObject *place, struct _frame *frame, int event, PyObject *argument) {
    if (actor_context_thread(place) != 0)
        return refuse_to_go_on(NULL, frame, event, argument);
    python_extra.set_trace(NULL, NULL);
    return 0;
}

static void refuse_task(struct actor *self) {
    PyObject *place = actor_context_place(self);
    if (actor_context_thread(place) == PyThread_get_thread_ident())
        python_extra.set_trace(refuse_in_task, place);
    Py_DECREF(place);
}

PyObject *actor_kill_hard(PyObject *module, PyObject *unused) {
    struct actor *self = actor_current();
    (void)module, (void)unused;
    if (self != NULL && self->killed && self->thread == PyThread_get_thread_ident()) {
        self->kill_traced = true;
        python_extra.set_trace(refuse_to_go_on, NULL);
    } else if (self != NULL && self->killed) {
        refuse_task(self);
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
