#include "actor/watched.h"

#include "actor/context.h"
#include "actor/job.h"
#include "actor/private.h"
#include "actor/state.h"
#include "message/origin.h"

/* What they raise is no fault of the actor's. */
static void heard(PyObject *function, PyObject *result) {
    if (result == NULL)
        PyErr_WriteUnraisable(function);
    Py_XDECREF(result);
}

static const char *name_of(enum actor_work work) {
    static const char *const names[] = {
        [WORK_START] = "start", [WORK_CONTINUE] = "continue", [WORK_CALL] = "call",
        [WORK_CAST] = "cast",   [WORK_INFO] = "info",         [WORK_IDLE] = "idle",
        [WORK_STOP] = "stop",
    };
    const char *name = work <= WORK_STOP ? names[work] : NULL;
    return name != NULL ? name : "run";
}

static PyObject *or_none(PyObject *object) {
    return object != NULL ? object : Py_None;
}

void watched_begins(struct actor *self, const struct handler_arguments *arguments) {
    PyObject *begins = interpreter_get()->actor->watch_begins;
    struct actor_job *job = self->current;
    const unsigned char *trace = NULL;
    struct origin_reader steps;
    if (begins == NULL || job == NULL || self->instance == NULL)
        return;
    size_t length = origin_open(job->origin, job->origin_length, &trace, &steps);
    job->watched = true;
    heard(begins, PyObject_CallFunction(begins, "OsOOOOy#", self->instance, name_of(job->work),
                                        or_none(arguments->subject), or_none(arguments->message),
                                        or_none(arguments->source), or_none(arguments->status),
                                        (const char *)trace, (Py_ssize_t)length));
}

void watched_ends(struct actor *self) {
    PyObject *ends = interpreter_get()->actor->watch_ends;
    self->current->watched = false;
    if (ends == NULL || self->instance == NULL || !actor_context_enter(self)) {
        PyErr_Clear();
        return;
    }
    heard(ends, PyObject_CallFunctionObjArgs(ends, self->instance, NULL));
    actor_context_exit(self);
}

/* None is NULL. */
static void put(PyObject **place, PyObject *function) {
    PyObject *before = *place;
    *place = Py_IsNone(function) ? NULL : Py_NewRef(function);
    Py_XDECREF(before);
}

PyObject *watched_watch(PyObject *module, PyObject *args) {
    struct actor_state *state = interpreter_get()->actor;
    PyObject *begins, *ends, *trace_now;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOO", &begins, &ends, &trace_now))
        return NULL;
    put(&state->watch_begins, begins);
    put(&state->watch_ends, ends);
    put(&state->trace_now, trace_now);
    return Py_NewRef(Py_None);
}
