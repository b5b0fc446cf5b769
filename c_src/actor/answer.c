#include "actor/answer.h"

#include "actor/answers.h"
#include "actor/job.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/state.h"
#include "actor/waiter.h"
#include "base/atoms.h"
#include "message/request.h"
#include "suspend/runtime/await.h"
#include "value/python/explain.h"
#include "value/python/unpack.h"

void actor_answer_deliver(struct actor_job *answer) {
    struct actor_job *job = answers_take(answer);
    if (job != NULL && !actor_waiter_answer(job->actor, job))
        executor_submit(job->actor->executor, &job->base);
}

void actor_reply(struct actor *caller, uint64_t sequence, ERL_NIF_TERM status,
                 const struct value_packed *payload) {
    if (actor_is_dead(caller))
        return;
    struct actor_job *job =
        actor_job_packed(caller, WORK_RESUME, &(ErlNifBinary){0}, payload, NULL);
    if (job == NULL)
        return; /* without memory the caller waits until its time is over */
    job->answer = ANSWER_REPLY;
    job->sequence = sequence;
    job->status = status;
    job->past_owner = true;
    actor_answer_deliver(job);
}

void actor_answer_value(struct actor *waiting, uint64_t sequence, const unsigned char *bytes,
                        size_t length) {
    const struct actor_job_parts parts = {
        .payload = {.data = (unsigned char *)(uintptr_t)bytes, .size = length}};
    if (actor_is_dead(waiting))
        return;
    struct actor_job *job = actor_job_new(waiting, WORK_RESUME, &parts);
    if (job == NULL)
        return;
    job->answer = ANSWER_VALUE;
    job->sequence = sequence;
    job->past_owner = true;
    actor_answer_deliver(job);
}

PyObject *actor_answer_status(ERL_NIF_TERM atom) {
    struct actor_state *state = interpreter_get()->actor;
    if (atom == atoms.ok)
        return state->status_ok;
    if (atom == atoms.error)
        return state->status_error;
    if (atom == atoms.timeout)
        return state->status_timeout;
    return atom == atoms.down ? state->status_down : Py_None;
}

static PyObject *unpack(struct actor_job *job) {
    struct value_payload payload = actor_job_payload(job);
    return value_unpack(&payload);
}

/* (status, response). A response that cannot be rebuilt here is an ERROR with the reason. */
static PyObject *reply_object(struct actor_job *job) {
    PyObject *status = actor_answer_status(job->status);
    PyObject *value = unpack(job);
    if (value == NULL) {
        value = value_unpack_reason();
        status = interpreter_get()->actor->status_error;
    }
    PyObject *pair = value ? PyTuple_Pack(2, status, value) : NULL;
    Py_XDECREF(value);
    return pair;
}

/* The exception instance that is set, which is cleared. */
static PyObject *take_error(void) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return value;
}

/* The payload is (name, text): an exception that rebeam._errors.make knows. */
static PyObject *raise_object(struct actor_job *job) {
    PyObject *story = unpack(job);
    PyObject *make = interpreter_get()->actor->make_error;
    PyObject *exception = story ? PyObject_CallFunctionObjArgs(make, story, NULL) : NULL;
    Py_XDECREF(story);
    return exception != NULL ? exception : take_error();
}

/* [(status, response), ...]; what it is made of goes on the way. */
static PyObject *many_object(struct answers *answers) {
    PyObject *list = PyList_New((Py_ssize_t)answers->count);
    for (size_t i = 0; list != NULL && i < answers->count; i++) {
        struct actor_job *answer = answers->calls[i].job;
        PyObject *pair = reply_object(answer);
        answers->calls[i].job = NULL;
        actor_job_free(answer);
        if (pair == NULL)
            Py_CLEAR(list);
        else
            PyList_SetItem(list, (Py_ssize_t)i, pair);
    }
    return list;
}

void actor_answer_apply(struct actor_job *job, PyObject *suspension) {
    PyObject *result = NULL;
    switch (job->answer) {
    case ANSWER_RAISE:
        suspension_fail(suspension, raise_object(job));
        return;
    case ANSWER_REPLY:
        result = reply_object(job);
        break;
    case ANSWER_VALUE:
        result = unpack(job);
        break;
    case ANSWER_MANY:
        result = many_object(((struct request *)suspension_request(suspension))->answers);
        break;
    case ANSWER_EXCEPTION:
        suspension_fail(suspension, job->object);
        job->object = NULL;
        return;
    case ANSWER_OBJECT:
        result = job->object;
        job->object = NULL;
        break;
    }
    if (result != NULL)
        suspension_finish(suspension, result);
    else
        suspension_fail(suspension, take_error());
}
