/* Code of an actor whose process is gone, and that still runs on a thread.
 *
 *   running --owner died--> ENDING --ActorExit, again and again--> over
 *
 * A tick of the executor raises ActorExit in that thread. `finally` blocks get half a second
 * before it comes again. Code that swallowed it gets an ActorKill, from which on the thread is
 * traced, and each line that it tries to run raises: so no handler holds it up.
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

atomic_ulong actor_abandoned_count;

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

void actor_kill_begin(struct actor *self) {
    struct actor_state *state = interpreter_get()->actor;
    if (self->killed || self->thread == 0)
        return;
    actor_keep(self);
    self->killed = true;
    self->kill_raises = 0;
    self->kill_next = now() + GRACE_MILLISECONDS;
    self->next_killed = state->first_killed;
    state->first_killed = self;
    atomic_fetch_add(&actor_abandoned_count, 1);
    executor_tick(self->executor, actor_tick);
}

void actor_kill_end(struct actor *self, unsigned long thread) {
    struct actor **place = &interpreter_get()->actor->first_killed;
    if (!self->killed)
        return;
    while (*place != self)
        place = &(*place)->next_killed;
    *place = self->next_killed;
    self->killed = false;
    /* One that did not come through must not hit what the thread does next. */
    PyThreadState_SetAsyncExc(thread, NULL);
    if (self->kill_traced)
        python_extra.set_trace(NULL, NULL);
    self->kill_traced = false;
    atomic_fetch_sub(&actor_abandoned_count, 1);
    actor_release(self);
}

static void raise_again(struct actor *self, long long time) {
    struct actor_state *state = interpreter_get()->actor;
    if (time < self->kill_next)
        return;
    bool patient = self->kill_raises < PATIENT_RAISES;
    PyThreadState_SetAsyncExc(self->thread, patient ? state->actor_exit : state->actor_kill);
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
    for (struct actor *each = first; each != NULL; each = each->next_killed)
        raise_again(each, time);
    return first != NULL;
}
