#include "actor/trail.h"

#include "actor/context.h"
#include "actor/job.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/state.h"
#include "base/atoms.h"
#include "base/term.h"
#include "message/origin.h"

_Static_assert((int)ORIGIN_EXTERNAL_MAX < (int)VALUE_PART_MIN,
               "it would be taken for a part of a value");

/* ---- of what is sent -------------------------------------------------------------------- */

/* As what traces says, which is asked if there is something. False with an exception. */
static bool begin(struct origin *out) {
    PyObject *ask = interpreter_get()->actor->trace_now;
    PyObject *trace = ask ? PyObject_CallNoArgs(ask) : NULL;
    char *text = NULL;
    Py_ssize_t length = 0;
    if (ask != NULL && (trace == NULL || PyBytes_AsStringAndSize(trace, &text, &length) < 0)) {
        Py_XDECREF(trace);
        return false;
    }
    origin_begin(out, text, (size_t)length);
    Py_XDECREF(trace);
    return true;
}

/* Whoever works on that now, and what led there. */
static void go_on(struct origin *out, const struct actor *self, const struct actor_job *job) {
    if (job == NULL) {
        origin_step(out, &self->owner, WORK_RUN, NULL, 0);
        return;
    }
    origin_step(out, &self->owner, (unsigned char)job->work, job->subject, job->subject_length);
    origin_go_on(out, job->origin, job->origin_length);
}

int trail_begin(const struct actor *self, struct origin *out) {
    if (self == NULL || !self->has_owner) {
        if (interpreter_get()->actor->trace_now != NULL && !begin(out))
            return -1;
        return 0;
    }
    if (!begin(out))
        return -1;
    go_on(out, self, self->current);
    return 0;
}

PyObject *trail_bytes(PyObject *module, PyObject *nothing) {
    struct origin origin;
    unsigned char bytes[ORIGIN_EXTERNAL_MAX];
    (void)module, (void)nothing;
    origin.length = 0;
    if (trail_begin(actor_current(), &origin) < 0)
        return NULL;
    if (origin.length == 0)
        return PyBytes_FromStringAndSize(NULL, 0);
    ErlNifEnv *env = enif_alloc_env();
    if (env == NULL)
        return PyErr_NoMemory();
    size_t length = origin_externalize(env, &origin, bytes);
    enif_free_env(env);
    return PyBytes_FromStringAndSize((const char *)bytes, (Py_ssize_t)length);
}

/* ---- of what came ----------------------------------------------------------------------- */

/* Nothing came with it: who sent it may still be at what it was at. */
static void look(struct origin *out, const struct actor_job *job) {
    struct actor *caller = job->work == WORK_CALL ? job->caller : NULL;
    origin_begin(out, NULL, 0);
    if (caller == NULL || !caller->has_owner)
        return;
    pthread_mutex_lock(&caller->lock); /* what it works on stays for so long */
    go_on(out, caller, caller->working);
    pthread_mutex_unlock(&caller->lock);
}

static ERL_NIF_TERM work_atom(unsigned char work) {
    return work <= WORK_RELEASE ? actor_job_work_atom((enum actor_work)work) : atoms.nil;
}

ERL_NIF_TERM trail_make(ErlNifEnv *env, const struct actor_job *job) {
    ERL_NIF_TERM steps[ORIGIN_STEPS_MAX], sender;
    struct origin looked;
    struct origin_reader reader;
    struct origin_step step;
    const unsigned char *trace;
    unsigned count = 0;
    if (job->origin_length == 0)
        look(&looked, job);
    if (job->origin_length > 0)
        origin_open(job->origin, job->origin_length, &trace, &reader);
    else
        origin_open(looked.bytes, looked.length, &trace, &reader);
    while (count < ORIGIN_STEPS_MAX && origin_next(env, &reader, &step))
        steps[count++] = enif_make_tuple3(env, step.pid, work_atom(step.work),
                                          term_binary(env, step.subject, step.length));
    if (count == 0 && job->work == WORK_CALL && (sender = actor_job_sender(job, env)) != atoms.nil)
        steps[count++] = enif_make_tuple3(env, sender, atoms.nil, term_text(env, ""));
    return enif_make_list_from_array(env, steps, count);
}
