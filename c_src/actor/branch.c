#include "actor/branch.h"

#include "actor/announce.h"
#include "actor/answer.h"
#include "actor/context.h"
#include "actor/job.h"
#include "actor/kill.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/state.h"
#include "message/request.h"
#include "suspend/runtime/await.h"

#include <stdlib.h>

struct actor_branch {
    struct actor_branch *next, *previous;
    struct actor *actor; /* a reference to the resource */
    uint64_t sequence;
    bool of_run;          /* begun by the thread of the actor's run */
    PyObject *suspension; /* owned, both */
    PyObject *wake;
};

/* ---- the list ----------------------------------------------------------------------*/

static void add(struct actor *self, struct actor_branch *wait) {
    wait->previous = self->last_branch;
    *(wait->previous ? &wait->previous->next : &self->first_branch) = wait;
    self->last_branch = wait;
    account_branches(&self->account, 1);
}

/* Out of the list; the caller owns it now. */
static void take(struct actor_branch *wait) {
    struct actor *self = wait->actor;
    struct request *request = suspension_request(wait->suspension);
    *(wait->previous ? &wait->previous->next : &self->first_branch) = wait->next;
    *(wait->next ? &wait->next->previous : &self->last_branch) = wait->previous;
    request->branch = NULL;
    account_branches(&self->account, -1);
}

static void dispose(struct actor_branch *wait) {
    if (!wait->actor->has_owner)
        actor_end(wait->actor);
    actor_release(wait->actor);
    Py_DECREF(wait->suspension);
    Py_DECREF(wait->wake);
    free(wait);
}

/* ---- beginning and ending ------------------------------------------------------------*/

/* Takes no reference that it does not add. NULL with an exception. */
static struct actor_branch *wait_new(struct actor *self, PyObject *suspension, PyObject *wake) {
    struct actor_branch *wait = calloc(1, sizeof *wait);
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

int actor_branch_begin(PyObject *suspension, PyObject *wake) {
    struct actor *self = actor_current();
    struct request *request = suspension_request(suspension);
    if (self != NULL && actor_kill_by_client(self, request))
        self = NULL;
    if (self != NULL && actor_kill_refuses(self, request)) {
        actor_kill_refuse(self);
        return -1;
    }
    struct actor_branch *wait = wait_new(self, suspension, wake);
    if (wait == NULL)
        return -1;
    self = wait->actor;
    request->branch = wait;
    add(self, wait);
    actor_keep(self); /* the answer may come, and with it the wait go, before this returns */
    bool begun = actor_announce_begin(self, suspension, ANNOUNCE_BRANCH, wait->sequence);
    if (!begun) {
        actor_branch_drop(suspension);
        actor_kill_refuse(self);
    }
    actor_release(self);
    return begun ? 0 : -1;
}

void actor_branch_drop(PyObject *suspension) {
    struct request *request = suspension_request(suspension);
    struct actor_branch *wait = request ? request->branch : NULL;
    if (wait == NULL)
        return;
    take(wait);
    actor_settle(wait->actor, wait->sequence);
    dispose(wait);
}

/* Its suspension has what it waited for: the loop has to hear. */
static void wake(struct actor_branch *wait) {
    PyObject *woken = PyObject_CallNoArgs(wait->wake);
    if (woken == NULL)
        PyErr_WriteUnraisable(wait->wake);
    Py_XDECREF(woken);
    dispose(wait);
}

bool actor_branch_answer(struct actor *self, struct actor_job *job) {
    struct actor_branch *wait = self->first_branch;
    while (wait != NULL && wait->sequence != job->sequence)
        wait = wait->next;
    if (wait == NULL)
        return false;
    take(wait);
    if (job->past_owner)
        actor_settle(self, wait->sequence);
    actor_answer_apply(job, wait->suspension);
    wake(wait);
    return true;
}

/* The list is in the order of the numbers. NULL if there is none up to `last`. */
static struct actor_branch *first_to_end(struct actor *self, bool all, uint64_t last) {
    struct actor_branch *wait = self->first_branch;
    while (wait != NULL && !all && !wait->of_run)
        wait = wait->next;
    return wait != NULL && wait->sequence <= last ? wait : NULL;
}

void actor_branch_end(struct actor *self, bool all) {
    uint64_t last = atomic_load(&self->sequence); /* what goes on meanwhile may wait again */
    struct actor_branch *wait;
    while ((wait = first_to_end(self, all, last)) != NULL) {
        take(wait);
        if (wait->of_run)
            actor_kill_told(self);
        suspension_fail(wait->suspension, actor_exit_new());
        wake(wait);
    }
}
