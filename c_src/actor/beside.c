/* Waits of asynchronous code: any number at once, beside the wait of the actor's run.
 *
 * Each has a number of the actor's own and is in its list, oldest first, as answers
 * mostly come in that order. The owner watches over them in lib/rebeam/actor/branches.ex. A
 * wait of code that belongs to no actor gets a nameless actor for itself, for which the
 * client process acts.
 */
#include "actor/private.h"
#include "message/request.h"
#include "suspend/runtime/await.h"

#include <stdlib.h>

struct actor_beside {
    struct actor_beside *next, *previous;
    struct actor *actor; /* a reference to the resource */
    uint64_t sequence;
    bool of_run;          /* begun by the thread of the actor's run */
    PyObject *suspension; /* owned, both */
    PyObject *wake;
};

/* ---- the list ----------------------------------------------------------------------*/

static void add(struct actor *self, struct actor_beside *wait) {
    wait->previous = self->last_beside;
    *(wait->previous ? &wait->previous->next : &self->first_beside) = wait;
    self->last_beside = wait;
}

/* Out of the list; the caller owns it now. */
static void take(struct actor_beside *wait) {
    struct actor *self = wait->actor;
    struct request *request = suspension_request(wait->suspension);
    *(wait->previous ? &wait->previous->next : &self->first_beside) = wait->next;
    *(wait->next ? &wait->next->previous : &self->last_beside) = wait->previous;
    request->beside = NULL;
}

static void dispose(struct actor_beside *wait) {
    if (!wait->actor->has_owner)
        actor_end(wait->actor);
    actor_release(wait->actor);
    Py_DECREF(wait->suspension);
    Py_DECREF(wait->wake);
    free(wait);
}

/* The owner may still be watching. */
static void settle(const struct actor_beside *wait) {
    ErlNifPid owner;
    if (actor_owner(wait->actor, &owner) && !actor_is_dead(wait->actor))
        request_settled(&owner, wait->sequence);
}

/* ---- beginning and ending ------------------------------------------------------------*/

/* Takes no reference that it does not add. NULL with an exception. */
static struct actor_beside *wait_new(struct actor *self, PyObject *suspension, PyObject *wake) {
    struct actor_beside *wait = calloc(1, sizeof *wait);
    if (wait == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    wait->of_run = self != NULL && self == actor_of_thread();
    if (self != NULL)
        actor_keep(self);
    wait->actor = self != NULL ? self : actor_new(interpreter_get()->executor, NULL);
    wait->sequence = actor_next_sequence(wait->actor);
    wait->suspension = Py_NewRef(suspension);
    wait->wake = Py_NewRef(wake);
    return wait;
}

static void raise_exit(void) {
    PyErr_SetString(interpreter_get()->actor->actor_exit, "this actor is ending");
}

int actor_beside_begin(PyObject *suspension, PyObject *wake) {
    struct actor *self = actor_current();
    struct request *request = suspension_request(suspension);
    if (self != NULL && actor_exits(self)) {
        raise_exit();
        return -1;
    }
    struct actor_beside *wait = wait_new(self, suspension, wake);
    if (wait == NULL)
        return -1;
    self = wait->actor;
    request->beside = wait;
    add(self, wait);
    actor_keep(self); /* the answer may come, and with it the wait go, before this returns */
    bool begun = actor_announce_begin(self, suspension, ANNOUNCE_BESIDE, wait->sequence);
    actor_release(self);
    if (begun)
        return 0;
    actor_beside_drop(suspension);
    raise_exit();
    return -1;
}

void actor_beside_drop(PyObject *suspension) {
    struct request *request = suspension_request(suspension);
    struct actor_beside *wait = request ? request->beside : NULL;
    if (wait == NULL)
        return;
    take(wait);
    settle(wait);
    dispose(wait);
}

/* Its suspension has what it waited for: the loop has to hear. */
static void wake(struct actor_beside *wait) {
    PyObject *woken = PyObject_CallNoArgs(wait->wake);
    if (woken == NULL)
        PyErr_WriteUnraisable(wait->wake);
    Py_XDECREF(woken);
    dispose(wait);
}

bool actor_beside_answer(struct actor *self, struct actor_job *job) {
    struct actor_beside *wait = self->first_beside;
    while (wait != NULL && wait->sequence != job->sequence)
        wait = wait->next;
    if (wait == NULL)
        return false;
    const struct request *request = suspension_request(wait->suspension);
    take(wait);
    if (request->direct) /* answered past the owner */
        settle(wait);
    actor_answer_apply(job, wait->suspension);
    wake(wait);
    return true;
}

static struct actor_beside *first_to_end(struct actor *self, bool all) {
    struct actor_beside *wait = self->first_beside;
    while (wait != NULL && !all && !wait->of_run)
        wait = wait->next;
    return wait;
}

void actor_beside_end(struct actor *self, bool all) {
    struct actor_beside *wait;
    while ((wait = first_to_end(self, all)) != NULL) {
        take(wait);
        if (wait->of_run)
            actor_kill_told(self);
        suspension_fail(wait->suspension, actor_exit_new());
        wake(wait);
    }
}
