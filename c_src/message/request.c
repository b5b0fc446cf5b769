#include "message/request.h"

#include "base/atoms.h"
#include "message/mailbox.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct request_state {
    unsigned long refusing; /* the thread whose requests all raise `refusal`; 0 for none */
    PyObject *refusal;      /* owned */
};

int request_init(struct interpreter *interpreter) {
    interpreter->request = calloc(1, sizeof *interpreter->request);
    if (interpreter->request == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

PyObject *request_refuse(PyObject *module, PyObject *exception) {
    struct request_state *state = interpreter_get()->request;
    PyObject *before = state->refusal;
    (void)module;
    state->refusing = exception == Py_None ? 0 : PyThread_get_thread_ident();
    state->refusal = Py_NewRef(exception);
    Py_XDECREF(before);
    return Py_NewRef(Py_None);
}

struct request *request_new(void) {
    const struct request_state *state = interpreter_get()->request;
    if (state->refusing != 0 && state->refusing == PyThread_get_thread_ident()) {
        PyErr_SetNone(state->refusal);
        return NULL;
    }
    struct request *self = malloc(sizeof *self);
    if (self != NULL) {
        memset(self, 0, offsetof(struct request, origin) + offsetof(struct origin, bytes));
        self->env = enif_alloc_env();
    }
    if (self == NULL || self->env == NULL) {
        free(self);
        PyErr_NoMemory();
        return NULL;
    }
    return self;
}

void request_free(void *request) {
    struct request *self = request;
    if (self->mailbox != NULL) { /* and never sent */
        mailbox_leave(self->mailbox);
        mailbox_release(self->mailbox);
    }
    if (self->env != NULL)
        enif_free_env(self->env);
    Py_XDECREF(self->begin);
    Py_XDECREF(self->end);
    Py_XDECREF(self->promise);
    free(self);
}

static ERL_NIF_TERM wait_message(ErlNifEnv *env, ERL_NIF_TERM word, uint64_t sequence,
                                 ERL_NIF_TERM operation) {
    return enif_make_tuple4(env, atoms.protocol, word, enif_make_uint64(env, sequence), operation);
}

ERL_NIF_TERM request_tag(ErlNifEnv *env, uint64_t sequence, ERL_NIF_TERM actor) {
    ERL_NIF_TERM rest = enif_make_list_cell(env, enif_make_uint64(env, sequence), actor);
    return enif_make_list_cell(env, atoms.protocol, rest);
}

bool request_parse_tag(ErlNifEnv *env, ERL_NIF_TERM tag, uint64_t *sequence, ERL_NIF_TERM *actor) {
    ERL_NIF_TERM head, number;
    ErlNifUInt64 parsed;
    if (!enif_get_list_cell(env, tag, &head, &tag) || head != atoms.protocol ||
        !enif_get_list_cell(env, tag, &number, actor) || !enif_get_uint64(env, number, &parsed))
        return false;
    *sequence = parsed;
    return true;
}

bool request_send_direct(struct request *self, const ErlNifPid *owner, ERL_NIF_TERM actor,
                         uint64_t sequence) {
    ErlNifEnv *env = self->env;
    ERL_NIF_TERM tag = request_tag(env, sequence, actor);
    ERL_NIF_TERM from = enif_make_tuple2(env, enif_make_pid(env, owner), tag);
    ERL_NIF_TERM head = self->mailbox ? atoms.admitted : atoms.message;
    ERL_NIF_TERM payload = origin_attach(env, self->payload, &self->origin);
    if (self->mailbox != NULL)
        mailbox_detour(self->mailbox);
    ERL_NIF_TERM message = enif_make_tuple3(env, head, self->subject, payload);
    bool alive =
        enif_send(NULL, &self->target, env, enif_make_tuple3(env, atoms.gen_call, from, message));
    request_passed(self); /* the place is the message's now, or gone with the target */
    return alive;
}

void request_passed(struct request *self) {
    if (self->mailbox != NULL)
        mailbox_release(self->mailbox);
    self->mailbox = NULL;
    enif_free_env(self->env); /* it holds a kilobyte, and the wait may be long */
    self->env = NULL;
}

static ERL_NIF_TERM sent_operation(const struct request *self, ErlNifEnv *env) {
    ERL_NIF_TERM timeout = self->timeout < 0 ? atoms.infinity : enif_make_int64(env, self->timeout);
    return enif_make_tuple5(env, atoms.sent, enif_make_pid(env, &self->target), timeout,
                            self->interrupt ? atoms.true_ : atoms.false_,
                            self->actor ? atoms.true_ : atoms.false_);
}

bool request_announce(const struct request *self, bool sent, const ErlNifPid *owner,
                      ERL_NIF_TERM word, uint64_t sequence) {
    ErlNifEnv *env = enif_alloc_env();
    if (env == NULL)
        return false;
    ERL_NIF_TERM operation = sent ? sent_operation(self, env) : atoms.noproc;
    bool alive = enif_send(NULL, owner, env, wait_message(env, word, sequence, operation));
    enif_free_env(env);
    return alive;
}

void request_settled(const ErlNifPid *owner, uint64_t sequence) {
    ErlNifEnv *env = enif_alloc_env();
    if (env == NULL)
        return;
    ERL_NIF_TERM number = enif_make_uint64(env, sequence);
    enif_send(NULL, owner, env, enif_make_tuple3(env, atoms.protocol, atoms.settled, number));
    enif_free_env(env);
}

/* All that is in the environment goes with the message. It holds a kilobyte by itself, and the wait
 * may be long. */
static bool send_whole(struct request *self, const ErlNifPid *pid, ERL_NIF_TERM message) {
    bool alive = enif_send(NULL, pid, self->env, message);
    enif_free_env(self->env);
    self->env = NULL;
    return alive;
}

bool request_send(struct request *self, const ErlNifPid *owner, ERL_NIF_TERM word,
                  uint64_t sequence) {
    ERL_NIF_TERM message = wait_message(self->env, word, sequence, self->operation);
    return send_whole(self, owner, message);
}

bool request_send_client(struct request *self, const ErlNifPid *clients, ERL_NIF_TERM actor,
                         uint64_t sequence) {
    ERL_NIF_TERM message = enif_make_tuple5(self->env, atoms.protocol, atoms.client, actor,
                                            enif_make_uint64(self->env, sequence), self->operation);
    return send_whole(self, clients, message);
}
