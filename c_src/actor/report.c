#include "actor/report.h"

#include "actor/answer.h"
#include "actor/defer.h"
#include "actor/job.h"
#include "actor/kill.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/queue.h"
#include "actor/response.h"
#include "actor/state.h"
#include "actor/tracing.h"
#include "actor/trail.h"
#include "base/atoms.h"
#include "base/term.h"
#include "message/mailbox.h"
#include "value/python/explain.h"
#include "value/python/pack.h"
#include "value/python/unpack.h"

#include <string.h>

/* The UTF-8 of a str, as new bytes object; empty for anything else. Never fails but for memory. */
static PyObject *encode(PyObject *text) {
    PyObject *bytes = text && PyUnicode_Check(text)
                          ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace")
                          : NULL;
    PyErr_Clear();
    return bytes != NULL ? bytes : PyBytes_FromStringAndSize("", 0);
}

/* Sends the message; the environment is used up. */
static void tell(struct actor *self, ErlNifEnv *env, ERL_NIF_TERM message) {
    if (self->has_owner)
        enif_send(NULL, &self->owner, env, message);
    enif_free_env(env);
}

void actor_report_word(struct actor *self, ERL_NIF_TERM word) {
    ErlNifEnv *env = enif_alloc_env();
    tell(self, env, enif_make_tuple2(env, atoms.protocol, word));
}

/* None is nil. */
static ERL_NIF_TERM number_or_nil(ErlNifEnv *env, PyObject *number) {
    return Py_IsNone(number) ? atoms.nil : enif_make_long(env, PyLong_AsLong(number));
}

/* {Continues, Idle | nil, Hibernate | nil}, or nil. */
static ERL_NIF_TERM make_later(ErlNifEnv *env, PyObject *later) {
    if (Py_IsNone(later))
        return atoms.nil;
    bool continues = PyObject_IsTrue(PyTuple_GetItem(later, 0)) == 1;
    return enif_make_tuple3(env, continues ? atoms.true_ : atoms.false_,
                            number_or_nil(env, PyTuple_GetItem(later, 1)),
                            number_or_nil(env, PyTuple_GetItem(later, 2)));
}

void actor_report_started(struct actor *self, PyObject *name, bool has_stop, PyObject *later,
                          bool over) {
    ErlNifEnv *env = enif_alloc_env();
    ERL_NIF_TERM text = atoms.nil;
    if (name != NULL) {
        PyObject *bytes = encode(name);
        text = term_binary(env, PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes));
        Py_XDECREF(bytes);
    }
    tell(self, env,
         enif_make_tuple6(env, atoms.protocol, atoms.started, text,
                          has_stop ? atoms.true_ : atoms.false_, make_later(env, later),
                          over ? atoms.true_ : atoms.false_));
}

/* ---- exceptions ------------------------------------------------------------------ */

/* What the job that failed was sent, made anew: its code may have changed the first one. NULL
 * without an exception if that was nothing, or cannot be made. */
static PyObject *message_again(const struct actor_job *job) {
    if (job->work != WORK_CALL && job->work != WORK_CAST && job->work != WORK_INFO)
        return NULL;
    struct value_payload payload = actor_job_payload(job);
    PyObject *message = value_unpack(&payload);
    if (message == NULL)
        PyErr_Clear();
    return message;
}

/* REBEAM_LOG_LOCALS, which the command line has said in the VM's own environment. */
static PyObject *locals_wanted(void) {
    char text[8];
    size_t size = sizeof text;
    bool wanted = enif_getenv("REBEAM_LOG_LOCALS", text, &size) == 0 && strcmp(text, "yes") == 0;
    return wanted ? Py_True : Py_False;
}

/* A new reference, or NULL with an exception. */
static PyObject *describe(struct actor *self, PyObject *exception) {
    PyObject *instance = self->instance ? self->instance : Py_None;
    PyObject *message = message_again(self->current);
    PyObject *story = PyObject_CallFunctionObjArgs(interpreter_get()->actor->describe, exception,
                                                   instance, locals_wanted(), message, NULL);
    Py_XDECREF(message);
    return story;
}

/* The same where ActorExit, which was on its way to code that is over now, came here instead. */
static PyObject *describe_again(struct actor *self, PyObject *exception) {
    struct actor_state *state = interpreter_get()->actor;
    if (!PyErr_ExceptionMatches(state->actor_exit) && !PyErr_ExceptionMatches(state->actor_kill))
        return NULL;
    PyErr_Clear();
    actor_kill_told(self);
    return describe(self, exception);
}

/* The story of the exception that is set, which is cleared: (exit status or None, type, message,
 * traceback, texts about the actor), as rebeam._errors.describe has it. A new reference; NULL only
 * without memory. */
static PyObject *take_story(struct actor *self) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL)
        PyException_SetTraceback(value, traceback);
    PyObject *story = describe(self, value);
    if (story == NULL)
        story = describe_again(self, value);
    if (story == NULL) {
        PyErr_Clear();
        story = Py_BuildValue("(Osss())", Py_None, "Exception", "", "its description failed\n");
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return story;
}

/* That of code that was cut off by the end of its actor, and says so: nobody reads more of it, and
 * there may be many. The exception is cleared. */
static PyObject *cut_story(void) {
    PyErr_Clear();
    return Py_BuildValue("(Osss())", Py_None, "ActorExit", "", "");
}

/* {Work, Subject, Payload, Sender | nil} of the job that failed, for the log. */
static ERL_NIF_TERM make_current(struct actor *self, ErlNifEnv *env) {
    struct actor_job *job = self->current;
    ERL_NIF_TERM work = atoms.run;
    switch (job->work) {
    case WORK_CONSTRUCT:
        work = atoms.construct;
        break;
    case WORK_START:
        work = atoms.start;
        break;
    case WORK_CALL:
        work = atoms.call;
        break;
    case WORK_CAST:
        work = atoms.cast;
        break;
    case WORK_INFO:
        work = atoms.info;
        break;
    case WORK_STOP:
        work = atoms.stop;
        break;
    case WORK_CONTINUE:
        work = atoms.continue_;
        break;
    case WORK_IDLE:
        work = atoms.idle;
        break;
    case WORK_RUN:
    case WORK_RESUME:
    case WORK_INTERRUPT:
    case WORK_CLOSE:
    case WORK_RELEASE:
        break;
    }
    return enif_make_tuple4(env, work, term_binary(env, job->subject, job->subject_length),
                            actor_job_payload_term(env, job), actor_job_sender(job, env));
}

/* A tuple of strs as one of binaries. */
static ERL_NIF_TERM make_texts(ErlNifEnv *env, PyObject *texts) {
    ERL_NIF_TERM made[8];
    unsigned count = 0;
    for (Py_ssize_t i = 0; i < PyTuple_Size(texts) && count < 8; i++) {
        PyObject *bytes = encode(PyTuple_GetItem(texts, i));
        made[count++] = term_binary(env, PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes));
        Py_XDECREF(bytes);
    }
    return enif_make_tuple_from_array(env, made, count);
}

/* {'$rebeam', raised, Code | nil, {Type, Message, Traceback}, About, Current} */
static void tell_story(struct actor *self, PyObject *story) {
    ErlNifEnv *env = enif_alloc_env();
    ERL_NIF_TERM code = atoms.nil;
    if (PyTuple_GetItem(story, 0) != Py_None)
        code = enif_make_long(env, PyLong_AsLong(PyTuple_GetItem(story, 0)));
    PyErr_Clear();
    PyObject *error = PyTuple_GetSlice(story, 1, 4);
    int64_t lasted = account_lasted(&self->account, executor_clock());
    ERL_NIF_TERM way =
        enif_make_tuple2(env, enif_make_int64(env, lasted), trail_make(env, self->current));
    ERL_NIF_TERM parts[] = {atoms.protocol,
                            atoms.raised,
                            code,
                            error ? make_texts(env, error) : enif_make_tuple(env, 0),
                            make_texts(env, PyTuple_GetItem(story, 4)),
                            make_current(self, env),
                            way};
    PyErr_Clear();
    Py_XDECREF(error);
    tell(self, env, enif_make_tuple_from_array(env, parts, 7));
}

void actor_report_raised(struct actor *self) {
    if (actor_is_dead(self)) { /* nothing is told for it any more */
        PyErr_Clear();
        return;
    }
    /* Its process has ended already, perhaps: that is the reason then, not what it made of this. */
    if (tracing_is_on(self))
        tracing_raised(self);
    PyObject *exit = interpreter_get()->actor->actor_exit;
    bool cut_off = PyErr_ExceptionMatches(exit);
    bool known = PyErr_Occurred() == exit && atomic_load(&self->closing);
    PyObject *story = known ? cut_story() : take_story(self);
    if (story == NULL)
        PyErr_Clear();
    PyObject *traceback = encode(story ? PyTuple_GetItem(story, 3) : NULL);
    if (cut_off)
        actor_queue_end(self, NULL, 0);
    else
        actor_queue_end(self, PyBytes_AsString(traceback), (size_t)PyBytes_Size(traceback));
    if (story != NULL)
        tell_story(self, story);
    Py_XDECREF(traceback);
    Py_XDECREF(story);
}

/* {'$rebeam', stuck, Seconds, Stack, Current} */
void actor_report_stuck(struct actor *self, unsigned long thread, long seconds) {
    ErlNifEnv *env = enif_alloc_env();
    ERL_NIF_TERM current = make_current(self, env); /* before the GIL is given away */
    PyObject *frames = PyImport_ImportModule("rebeam._frames");
    PyObject *frame = self->thread == thread ? actor_frame(self) : NULL;
    PyObject *stack = frames && frame ? PyObject_CallMethod(frames, "stack_of", "O", frame) : NULL;
    Py_XDECREF(frame);
    PyObject *bytes = encode(stack);
    tell(self, env,
         enif_make_tuple5(env, atoms.protocol, atoms.stuck, enif_make_long(env, seconds),
                          term_binary(env, PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes)),
                          current));
    PyErr_Clear();
    Py_XDECREF(bytes);
    Py_XDECREF(stack);
    Py_XDECREF(frames);
}

/* ---- answers ----------------------------------------------------------------------- */

/* {'$gen_cast', {rebeam, Subject, Payload, Self, Status}} to a sender of this node. */
static void cast_back(struct actor *self, ERL_NIF_TERM status, const struct value_packed *payload) {
    struct actor_job *job = self->current;
    ErlNifEnv *env = enif_alloc_env();
    ERL_NIF_TERM message =
        enif_make_tuple5(env, atoms.message, term_binary(env, job->subject, job->subject_length),
                         value_parts_term(env, payload), enif_make_pid(env, &self->owner), status);
    mailbox_send(NULL, &job->source, env, enif_make_tuple2(env, atoms.gen_cast, message));
    enif_free_env(env);
}

/* {'$rebeam', reply, From, Status, Payload, Subject}: the owner answers. From is nil for a cast
 * that nobody answers: its error is logged. */
static void answer_through_owner(struct actor *self, ERL_NIF_TERM status,
                                 const struct value_packed *payload) {
    struct actor_job *job = self->current;
    ErlNifEnv *env = enif_alloc_env();
    ERL_NIF_TERM parts[] = {
        atoms.protocol,
        atoms.reply,
        enif_make_copy(env, job->from),
        status,
        value_parts_term(env, payload),
        term_binary(env, job->subject, job->subject_length),
    };
    tell(self, env, enif_make_tuple_from_array(env, parts, 6));
}

static void answer(struct actor *self, ERL_NIF_TERM status, const struct value_packed *payload) {
    struct actor_job *job = self->current;
    if (actor_is_dead(self))
        return;
    if (tracing_is_on(self))
        tracing_replies(self, status, payload);
    job->answered = true;
    if (job->caller != NULL)
        actor_reply(job->caller, job->caller_sequence, status, payload);
    else if (job->work == WORK_CAST && job->has_source && !actor_job_is_answer(job))
        cast_back(self, status, payload);
    else if (job->from != atoms.nil || status == atoms.error)
        answer_through_owner(self, status, payload);
}

/* Has the exception that is set name the handler, of which no frame is left. */
static void blame_handler(struct actor *self) {
    const struct actor_job *job = self->current;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyObject *blame = self->instance ? actor_late(LATE_BLAME) : NULL;
    PyObject *subject = PyUnicode_DecodeUTF8((const char *)job->subject,
                                             (Py_ssize_t)job->subject_length, "replace");
    PyObject *done = blame && subject
                         ? PyObject_CallFunctionObjArgs(blame, value, self->instance, subject, NULL)
                         : NULL;
    PyErr_Clear();
    Py_XDECREF(done);
    Py_XDECREF(subject);
    Py_XDECREF(traceback);
    PyErr_Restore(type, value, PyException_GetTraceback(value));
}

void actor_report_result(struct actor *self, PyObject *result) {
    struct value_packed payload = {0};
    enum response_kind kind;
    PyObject *value = response_value(result, &kind);
    if (kind == RESPONSE_NONE) {
        actor_defer(self);
        if (actor_is_dead(self)) /* it went meanwhile */
            actor_queue_drain(self);
        return;
    }
    /* What cannot be sent is the handler's own exception. */
    if (value_pack(value, "response", &payload) < 0) {
        blame_handler(self);
        actor_report_raised(self);
    } else
        answer(self, kind == RESPONSE_OK ? atoms.ok : atoms.error, &payload);
    value_parts_free(&payload);
}

void actor_report_refused(struct actor *self) {
    struct value_packed payload = {.own = true};
    PyObject *text = value_unpack_reason();
    if (text == NULL || value_pack(text, "reason", &payload) < 0)
        PyErr_Clear();
    answer(self, atoms.error, &payload);
    value_parts_free(&payload);
    Py_XDECREF(text);
}
