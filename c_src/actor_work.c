/* What an actor's jobs do with Python, and what they tell the owner. */
#include "actor_struct.h"

#include "atoms.h"
#include "handler.h"
#include "identity.h"
#include "request.h"
#include "response.h"
#include "suspend.h"
#include "value.h"

#include <string.h>

/* ---- messages to the owner -------------------------------------------------- */

static ERL_NIF_TERM make_binary(ErlNifEnv *env, const void *bytes, size_t length) {
    ERL_NIF_TERM term;
    unsigned char *place = enif_make_new_binary(env, length, &term);
    if (length > 0)
        memcpy(place, bytes, length);
    return term;
}

/* UTF-8 of any object's str; never fails. */
static ERL_NIF_TERM make_text(ErlNifEnv *env, PyObject *text) {
    PyObject *bytes = text && PyUnicode_Check(text)
                          ? PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace")
                          : NULL;
    char *data = "";
    Py_ssize_t length = 0;
    if (bytes == NULL || PyBytes_AsStringAndSize(bytes, &data, &length) < 0)
        PyErr_Clear();
    ERL_NIF_TERM term = make_binary(env, data, (size_t)length);
    Py_XDECREF(bytes);
    return term;
}

/* Sends {'$rebeam', ...}; the environment is used up. */
static void tell(struct actor *self, ErlNifEnv *env, ERL_NIF_TERM message) {
    if (self->has_owner)
        enif_send(NULL, &self->owner, env, message);
    enif_free_env(env);
}

static void tell_atom(struct actor *self, ERL_NIF_TERM atom) {
    ErlNifEnv *env = enif_alloc_env();
    tell(self, env, enif_make_tuple2(env, atoms.protocol, atom));
}

/* {'$rebeam', raised, Type, Message, Traceback, State} or {'$rebeam', exited, Code, Text}. */
static void tell_raised(struct actor *self) {
    struct actor_state *state = interpreter_get()->actor;
    ErlNifEnv *env = enif_alloc_env();
    ERL_NIF_TERM parts[6];
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL)
        PyException_SetTraceback(value, traceback);
    /* (exit code or None, type, message, traceback, state): all but the first are str */
    PyObject *story = PyObject_CallFunctionObjArgs(state->describe, value,
                                                   self->instance ? self->instance : Py_None, NULL);
    if (story == NULL) {
        PyErr_Clear();
        story = Py_BuildValue("(Ossss)", Py_None, "Exception", "its description failed", "", "");
    }
    PyObject *code = story ? PyTuple_GetItem(story, 0) : Py_None;
    for (Py_ssize_t i = 1; i < 5; i++)
        parts[i + 1] = make_text(env, story ? PyTuple_GetItem(story, i) : NULL);
    parts[0] = atoms.protocol;
    if (code != Py_None) {
        long number = PyLong_AsLong(code);
        PyErr_Clear();
        tell(self, env, enif_make_tuple4(env, atoms.protocol, atoms.exited,
                                         enif_make_long(env, number), parts[3]));
    } else {
        parts[1] = atoms.raised;
        tell(self, env, enif_make_tuple_from_array(env, parts, 6));
    }
    Py_XDECREF(story);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    PyErr_Clear();
}

/* ---- the end of a run --------------------------------------------------------- */

/* {[`$rebeam` | Sequence], {Status, Payload}} straight to a caller of this node. */
static void reply_direct(struct actor *self, ERL_NIF_TERM status, const struct buffer *payload) {
    if (actor_is_dead(self))
        return;
    ErlNifEnv *env = enif_alloc_env();
    ERL_NIF_TERM tag =
        enif_make_list_cell(env, atoms.protocol, enif_make_uint64(env, self->caller_sequence));
    ERL_NIF_TERM reply =
        enif_make_tuple2(env, status, make_binary(env, payload->bytes, payload->length));
    enif_send(NULL, &self->caller, env, enif_make_tuple2(env, tag, reply));
    enif_free_env(env);
}

/* A call or cast was handled: the answer goes to the caller, the word that it is over to the
 * owner. What cannot be sent is the handler's own exception. */
static void answer_message(struct actor *self, PyObject *result) {
    struct buffer payload = {0};
    bool ok;
    PyObject *value = response_value(result, &ok);
    ERL_NIF_TERM status = ok ? atoms.ok : atoms.error;
    if (value_pack(value, "response", &payload) < 0) {
        tell_raised(self);
    } else if (self->work == WORK_CALL && self->has_caller) {
        reply_direct(self, status, &payload);
        tell_atom(self, atoms.done);
    } else {
        ErlNifEnv *env = enif_alloc_env();
        ERL_NIF_TERM bytes = make_binary(env, payload.bytes, payload.length);
        tell(self, env, enif_make_tuple4(env, atoms.protocol, atoms.reply, status, bytes));
    }
    buffer_free(&payload);
}

static void forget(struct actor *self) {
    if (self->run != NULL)
        atomic_fetch_sub(&actor_suspended_count, 1);
    Py_CLEAR(self->run);
    Py_CLEAR(self->waiting);
}

static void finish_done(struct actor *self, PyObject *result) {
    switch ((enum actor_work)self->work) {
    case WORK_CALL:
    case WORK_CAST:
        answer_message(self, result);
        break;
    case WORK_CONSTRUCT:
    case WORK_START:
    case WORK_INFO:
    case WORK_STOP:
    case WORK_RUN:
    case WORK_RESUME:
    case WORK_RELEASE:
        tell_atom(self, atoms.done);
        break;
    }
    Py_DECREF(result);
}

bool actor_send_request(struct actor *self, PyObject *suspension) {
    struct request *request = suspension_request(suspension);
    uint64_t sequence = ++self->sequence;
    if (actor_is_dead(self))
        return false;
    if (self->has_owner)
        return request_send(request, &self->owner, sequence);
    ErlNifPid clients;
    if (!actor_clients(&clients))
        return false;
    return request_send_client(request, &clients, actor_term(request->env, self), sequence);
}

/* Acts on what a run came to. Takes `run` (NULL unless PENDING or stepped) and `out`. Suspensions
 * that are done already need no message: the run just goes on. */
static void follow(struct actor *self, enum suspend_outcome outcome, PyObject *run, PyObject *out) {
    while (outcome == SUSPEND_PENDING && suspension_request(out) == NULL) {
        Py_DECREF(out);
        outcome = suspend_step(run, &out);
    }
    switch (outcome) {
    case SUSPEND_DONE:
        Py_XDECREF(run);
        finish_done(self, out);
        break;
    case SUSPEND_RAISED:
        Py_XDECREF(run);
        tell_raised(self);
        break;
    case SUSPEND_PENDING:
        self->run = run;
        self->waiting = out;
        atomic_fetch_add(&actor_suspended_count, 1);
        if (!actor_send_request(self, out))
            forget(self);
        break;
    }
}

/* ---- answers -------------------------------------------------------------------- */

static PyObject *status_object(ERL_NIF_TERM atom) {
    struct actor_state *state = interpreter_get()->actor;
    if (atom == atoms.ok)
        return state->status_ok;
    if (atom == atoms.error)
        return state->status_error;
    if (atom == atoms.timeout)
        return state->status_timeout;
    return atom == atoms.down ? state->status_down : Py_None;
}

/* A reply that cannot be rebuilt here is an ERROR with the reason, not a crash. */
static PyObject *reply_object(struct actor_job *job) {
    PyObject *status = status_object(job->status);
    PyObject *value = value_unpack(job->payload, job->payload_length);
    if (value == NULL) {
        PyObject *type, *error, *traceback;
        PyErr_Fetch(&type, &error, &traceback);
        value = error ? PyObject_Str(error) : NULL;
        if (value == NULL)
            value = PyUnicode_FromString("the reply could not be rebuilt");
        status = interpreter_get()->actor->status_error;
        Py_XDECREF(type);
        Py_XDECREF(error);
        Py_XDECREF(traceback);
    }
    PyObject *pair = value ? PyTuple_Pack(2, status, value) : NULL;
    Py_XDECREF(value);
    return pair;
}

static void fail_with_current(PyObject *suspension) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    suspension_fail(suspension, value);
}

void actor_answer(struct actor_job *job, PyObject *suspension) {
    PyObject *result = NULL;
    switch (job->answer) {
    case ANSWER_REPLY:
        result = reply_object(job);
        break;
    case ANSWER_VALUE:
    case ANSWER_RAISE:
        result = value_unpack(job->payload, job->payload_length);
        break;
    }
    if (result != NULL && job->answer == ANSWER_RAISE) {
        /* the payload is (name, text): an exception that rebeam._errors.make knows */
        PyObject *make = interpreter_get()->actor->make_error;
        PyObject *exception = PyObject_CallFunctionObjArgs(make, result, NULL);
        Py_DECREF(result);
        if (exception != NULL)
            suspension_fail(suspension, exception);
        else
            fail_with_current(suspension);
    } else if (result != NULL) {
        suspension_finish(suspension, result);
    } else {
        fail_with_current(suspension);
    }
}

/* ---- work -------------------------------------------------------------------------- */

static void work_resume(struct actor *self, struct actor_job *job) {
    if (self->run == NULL || job->sequence != self->sequence)
        return; /* a late answer: its wait is over */
    PyObject *run = self->run, *waiting = self->waiting, *out = NULL;
    self->run = self->waiting = NULL;
    atomic_fetch_sub(&actor_suspended_count, 1);
    actor_answer(job, waiting);
    Py_DECREF(waiting);
    enum suspend_outcome outcome = suspend_step(run, &out);
    follow(self, outcome, run, out);
}

static PyObject *source_object(struct actor_job *job) {
    if (job->has_source)
        return identity_process_id_local(&job->source);
    if (job->external_length > 0)
        return identity_process_id(job->external, job->external_length);
    return Py_NewRef(Py_None);
}

/* An actor without that handler: nothing to do. */
static void nothing(struct actor *self) {
    if (PyErr_Occurred())
        tell_raised(self);
    else
        tell_atom(self, atoms.done);
}

static void start_handler(struct actor *self, PyObject *entry,
                          const struct handler_arguments *arguments) {
    PyObject *run, *out;
    enum suspend_outcome outcome = handler_start(entry, arguments, &run, &out);
    follow(self, outcome, run, out);
}

static void work_start(struct actor *self) {
    if (self->instance == NULL)
        return; /* released meanwhile */
    PyObject *entry = handler_find(self->instance, interpreter_get()->actor->name_start);
    if (entry == NULL) {
        nothing(self);
        return;
    }
    self->work = WORK_START;
    start_handler(self, entry, &(struct handler_arguments){.self = self->instance});
    Py_DECREF(entry);
}

/* {'$rebeam', started, Name | nil, HasStop}, then @start at once unless the owner has a name to
 * register first: the subject "hold" says that it has one from its child spec. */
static void work_construct(struct actor *self, struct actor_job *job) {
    struct actor_state *state = interpreter_get()->actor;
    self->work = WORK_CONSTRUCT;
    PyObject *instance = PyObject_CallNoArgs(job->recipe);
    if (instance == NULL) {
        tell_raised(self);
        return;
    }
    Py_CLEAR(self->instance);
    self->instance = instance;
    PyObject *name = PyObject_GetAttr(instance, state->name_name);
    PyErr_Clear();
    PyObject *stop = handler_find(instance, state->name_stop);
    PyErr_Clear();
    bool named = name != NULL && PyUnicode_Check(name);
    bool hold = named || job->subject_length > 0;
    ErlNifEnv *env = enif_alloc_env();
    tell(self, env,
         enif_make_tuple4(env, atoms.protocol, atoms.started,
                          named ? make_text(env, name) : atoms.nil,
                          stop != NULL ? atoms.true_ : atoms.false_));
    Py_XDECREF(name);
    Py_XDECREF(stop);
    if (!hold)
        work_start(self);
}

static void work_run(struct actor *self, struct actor_job *job) {
    PyObject *run, *out;
    self->work = WORK_RUN;
    enum suspend_outcome outcome = suspend_start(job->recipe, NULL, 0, NULL, &run, &out);
    follow(self, outcome, run, out);
}

/* A message that cannot be rebuilt crashes nothing: the caller gets ERROR with the reason. */
static void refuse_message(struct actor *self) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *text = value ? PyObject_Str(value) : NULL;
    struct buffer payload = {0};
    if (text == NULL || value_pack(text, "reason", &payload) < 0)
        PyErr_Clear();
    if (self->work == WORK_CALL && self->has_caller) {
        reply_direct(self, atoms.error, &payload);
        tell_atom(self, atoms.done);
    } else {
        ErlNifEnv *env = enif_alloc_env();
        ERL_NIF_TERM bytes = make_binary(env, payload.bytes, payload.length);
        tell(self, env, enif_make_tuple4(env, atoms.protocol, atoms.reply, atoms.error, bytes));
    }
    buffer_free(&payload);
    Py_XDECREF(text);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

static PyObject *find_entry(struct actor *self, PyObject *subject) {
    struct actor_state *state = interpreter_get()->actor;
    if (self->work == WORK_INFO)
        return handler_find(self->instance, state->name_info);
    if (self->work == WORK_STOP)
        return handler_find(self->instance, state->name_stop);
    return handler_find_subject(self->instance, subject);
}

static void work_message(struct actor *self, struct actor_job *job) {
    PyObject *subject = NULL, *message = NULL, *source = NULL, *entry = NULL;
    self->work = (unsigned char)job->work;
    self->caller = job->source;
    self->caller_sequence = job->caller_sequence;
    self->has_caller = job->has_caller;
    message = value_unpack(job->payload, job->payload_length);
    if (message == NULL) {
        refuse_message(self);
        goto done;
    }
    subject = PyUnicode_DecodeUTF8((const char *)job->subject, (Py_ssize_t)job->subject_length,
                                   "replace");
    entry = subject ? find_entry(self, subject) : NULL;
    if (entry == NULL) {
        nothing(self);
        goto done;
    }
    if (handler_wants(entry, 'o') && (source = source_object(job)) == NULL) {
        tell_raised(self);
        goto done;
    }
    start_handler(self, entry,
                  &(struct handler_arguments){
                      .self = self->instance,
                      .message = message,
                      .source = source,
                      .subject = subject,
                      .status = status_object(job->status),
                      .reason = message,
                  });
done:
    Py_XDECREF(entry);
    Py_XDECREF(source);
    Py_XDECREF(message);
    Py_XDECREF(subject);
}

static void work_release(struct actor *self) {
    forget(self);
    Py_CLEAR(self->instance);
}

void actor_work_run(struct job *base) {
    struct actor_job *job = (struct actor_job *)base;
    struct actor *self = job->actor;
    struct actor *before = actor_enter(self);
    bool dead = actor_is_dead(self);
    switch (dead ? WORK_RELEASE : job->work) {
    case WORK_CONSTRUCT:
        work_construct(self, job);
        break;
    case WORK_START:
        work_start(self);
        break;
    case WORK_CALL:
    case WORK_CAST:
    case WORK_INFO:
    case WORK_STOP:
        work_message(self, job);
        break;
    case WORK_RUN:
        work_run(self, job);
        break;
    case WORK_RESUME:
        work_resume(self, job);
        break;
    case WORK_RELEASE:
        work_release(self);
        break;
    }
    if (actor_is_dead(self))
        work_release(self);
    actor_enter(before);
    actor_job_free(job);
}
