/* Code of an actor whose process is gone, and that still runs on a thread.
 *
 *   running --owner died--> ENDING --ActorExit, again and again--> over
 *
 * A tick of the executor raises ActorExit in that thread. `finally` blocks get half a second
 * before it comes again; code that swallowed it some times gets it every few milliseconds.
 * Asynchronous code has that time first for being cancelled, and the exception comes only while
 * the loop is inside one of the actor's own tasks.
 * What is stuck in C sees it when it returns. Until then its thread is abandoned, and fenced by
 * actor_is_dead: nothing it sends or answers goes out.
 *
 * The list belongs to the interpreter, GIL held. It keeps its actors.
 */
#include "actor_struct.h"

#include <time.h>

enum {
    PATIENT_RAISES = 6,
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
    if (self->killed || (self->thread == 0 && self->run == NULL))
        return;
    actor_keep(self);
    self->killed = true;
    self->kill_raises = 0;
    self->kill_next = self->run != NULL ? now() + PATIENCE_MILLISECONDS : 0;
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
    atomic_fetch_sub(&actor_abandoned_count, 1);
    actor_release(self);
}

static void raise_again(struct actor *self, long long time) {
    unsigned long thread = self->thread;
    if (time < self->kill_next)
        return;
    if (thread == 0 && (thread = actor_context_thread(self)) == 0)
        return;
    PyThreadState_SetAsyncExc(thread, interpreter_get()->actor->actor_exit);
    if (++self->kill_raises < PATIENT_RAISES)
        self->kill_next = time + PATIENCE_MILLISECONDS;
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
