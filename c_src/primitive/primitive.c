#include "primitive/primitive.h"

#include "actor/branch.h"
#include "actor/context.h"
#include "actor/direct.h"
#include "actor/kill.h"
#include "actor/life.h"
#include "actor/promise.h"
#include "actor/relay.h"
#include "actor/state.h"
#include "actor/trail.h"
#include "actor/wait.h"
#include "actor/waiter.h"
#include "base/atoms.h"
#include "identity/process_id.h"
#include "message/mailbox.h"
#include "message/request.h"
#include "primitive/arguments.h"
#include "primitive/many.h"
#include "run/handle.h"
#include "run/signals.h"
#include "suspend/runtime/await.h"
#include "suspend/runtime/primitive.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* ---- suspensions ----------------------------------------------------------------- */

/* Hands a finished request over to a new suspension; frees it if `ok` is false. */
static PyObject *suspend_on(struct request *request, bool ok) {
    if (ok)
        return suspension_new(request, request_free);
    request_free(request);
    return NULL;
}

/* ---- call ------------------------------------------------------------------------ */

/* In the body of a script: should a process of that name come only later, or never, its author is
 * told (rebeam._early.look_for). False with an exception, which a warning may be made. */
static bool look_for(PyObject *target) {
    if (!PyUnicode_Check(target) || !signals_are_here())
        return true;
    PyObject *module = PyImport_ImportModule("rebeam._early");
    PyObject *done = module ? PyObject_CallMethod(module, "look_for", "O", target) : NULL;
    Py_XDECREF(done);
    Py_XDECREF(module);
    return done != NULL;
}

static bool is_self(struct actor *self, const ErlNifPid *target) {
    ErlNifPid own;
    return self != NULL && actor_owner(self, &own) && enif_compare_pids(&own, target) == 0;
}

/* A call that goes to its target without its owner, if there is a place for it. */
static PyObject *call_directly(struct request *request, const ErlNifPid *pid, ERL_NIF_TERM subject,
                               ERL_NIF_TERM payload) {
    struct mailbox *mailbox = mailbox_find(pid);
    if (mailbox != NULL && !mailbox_enter(mailbox)) {
        mailbox_release(mailbox);
        request_free(request);
        PyObject *status = interpreter_get()->actor->status_error;
        return suspension_ready(Py_BuildValue("Os", status, "overloaded"));
    }
    request->direct = true;
    request->actor = mailbox != NULL;
    request->target = *pid;
    request->mailbox = mailbox;
    request->subject = subject;
    request->payload = payload;
    return suspend_on(request, true);
}

static PyObject *call_begin(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    static const char *const names[] = {"target", "subject", "message", "timeout", "interrupt"};
    PyObject *given[5] = {NULL, NULL, Py_None, NULL, Py_False};
    ERL_NIF_TERM target, subject, payload;
    ErlNifPid pid;
    if (!primitive_parse("call", names, 5, 2, args, nargs, kwnames, given))
        return NULL;
    struct actor *self = actor_current();
    bool local = primitive_known_pid(given[0], &pid);
    if (local && is_self(self, &pid)) {
        PyErr_SetString(PyExc_RuntimeError,
                        "an actor cannot call itself: it would wait for its own answer");
        return NULL;
    }
    if (!local && !look_for(given[0]))
        return NULL;
    struct request *request = request_new();
    if (request == NULL)
        return NULL;
    ErlNifEnv *env = request->env;
    request->timeout = 5000;
    bool ok =
        primitive_make_target(env, given[0], &target) &&
        primitive_make_subject(env, given[1], &subject) &&
        primitive_make_packed(env, given[2], "message", false, &payload) &&
        (given[3] == NULL || primitive_parse_timeout(given[3], "timeout", &request->timeout)) &&
        primitive_parse_flag(given[4], "interrupt", &request->interrupt) &&
        trail_begin(self, &request->origin) == 0;
    if (ok && local && !actor_direct_accounted() && self != NULL &&
        actor_owner(self, &(ErlNifPid){0}) && !actor_waits(self))
        return call_directly(request, &pid, subject, payload);
    if (ok)
        payload = origin_attach(env, payload, &request->origin);
    if (ok)
        request->operation = enif_make_tuple6(env, atoms.call, target, subject, payload,
                                              primitive_make_timeout(env, request->timeout),
                                              request->interrupt ? atoms.true_ : atoms.false_);
    return suspend_on(request, ok);
}

/* ---- cast ------------------------------------------------------------------------ */

/* Straight to the queue of an actor, or {'$gen_cast', {rebeam, Subject, Payload, Sender | nil,
 * Status | nil}} to a process of this node; done at once. */
static PyObject *cast_now(struct request *request, const ErlNifPid *pid, ERL_NIF_TERM subject,
                          ERL_NIF_TERM payload, ERL_NIF_TERM sender) {
    if (actor_kill_stops_sending(actor_current())) {
        request_free(request);
        return NULL;
    }
    ERL_NIF_TERM parts[] = {subject, payload, sender, atoms.nil};
    bool sent = actor_direct_cast(NULL, pid, request->env, parts, &request->origin);
    request_free(request);
    return suspension_ready(PyBool_FromLong(sent));
}

/* To another node, without waiting. NULL without an exception if that is not to be. */
static PyObject *cast_away(struct request *request, PyObject *to, const ERL_NIF_TERM parts[3]) {
    ERL_NIF_TERM target;
    struct actor *self = actor_current();
    if (!identity_remote_pid(request->env, to, &target) || actor_kill_stops_sending(self))
        return NULL;
    bool sent = actor_relay_cast(self, request->env, target, parts);
    return sent ? suspension_ready(Py_NewRef(Py_True)) : NULL;
}

static PyObject *cast_begin(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    static const char *const names[] = {"target", "subject", "message", "sender_pid"};
    PyObject *given[4] = {NULL, NULL, Py_None, Py_None};
    ERL_NIF_TERM target, subject, payload, sender = atoms.nil;
    ErlNifPid pid;
    if (!primitive_parse("cast", names, 4, 2, args, nargs, kwnames, given))
        return NULL;
    bool local = primitive_known_pid(given[0], &pid);
    if (!local && !look_for(given[0]))
        return NULL;
    struct request *request = request_new();
    if (request == NULL)
        return NULL;
    ErlNifEnv *env = request->env;
    bool ok = primitive_make_target(env, given[0], &target) &&
              primitive_make_subject(env, given[1], &subject) &&
              primitive_make_packed(env, given[2], "message", false, &payload) &&
              (given[3] == Py_None || primitive_make_target(env, given[3], &sender)) &&
              trail_begin(actor_current(), &request->origin) == 0;
    if (ok && local && (sender == atoms.nil || enif_is_pid(env, sender)))
        return cast_now(request, &pid, subject, payload, sender);
    if (ok)
        payload = origin_attach(env, payload, &request->origin);
    bool plain = ok && (sender == atoms.nil || enif_is_pid(env, sender));
    const ERL_NIF_TERM parts[] = {subject, payload, sender};
    PyObject *away = plain ? cast_away(request, given[0], parts) : NULL;
    if (away != NULL || PyErr_Occurred()) {
        request_free(request);
        return away;
    }
    request->kind = REQUEST_CAST;
    if (ok)
        request->operation = enif_make_tuple5(env, atoms.cast, target, subject, payload, sender);
    return suspend_on(request, ok);
}

/* ---- sleep ------------------------------------------------------------------------ */

static PyObject *sleep_begin(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    static const char *const names[] = {"seconds"};
    PyObject *seconds = NULL;
    if (!primitive_parse("sleep", names, 1, 1, args, nargs, kwnames, &seconds))
        return NULL;
    struct request *request = request_new();
    if (request == NULL)
        return NULL;
    request->sleeps = true;
    bool ok = primitive_parse_timeout(seconds, "sleep length", &request->timeout);
    if (ok)
        request->operation = enif_make_tuple2(
            request->env, atoms.sleep, primitive_make_timeout(request->env, request->timeout));
    return suspend_on(request, ok);
}

/* ---- every other one ----------------------------------------------------------------- */

/* The only keyword is `objects`: a list of objects that Elixir shall hold by reference. */
static bool make_handles(ErlNifEnv *env, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                         ERL_NIF_TERM *out) {
    *out = enif_make_list(env, 0);
    if (kwnames == NULL || PyTuple_Size(kwnames) == 0)
        return true;
    if (PyTuple_Size(kwnames) > 1 || !PyList_Check(args[nargs]) ||
        PyUnicode_CompareWithASCIIString(PyTuple_GetItem(kwnames, 0), "objects") != 0) {
        PyErr_SetString(PyExc_TypeError, "_op(name, *args, objects=[]) takes no other keyword");
        return false;
    }
    for (Py_ssize_t i = PyList_Size(args[nargs]); i-- > 0;) {
        ERL_NIF_TERM handle = handle_make(env, PyList_GetItem(args[nargs], i));
        *out = enif_make_list_cell(env, handle, *out);
    }
    return true;
}

static PyObject *operation_begin(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    ERL_NIF_TERM name, packed, handles;
    if (nargs < 1) {
        PyErr_SetString(PyExc_TypeError, "_op() missing its argument 'name'");
        return NULL;
    }
    PyObject *rest = PyTuple_New(nargs - 1);
    if (rest == NULL)
        return NULL;
    for (Py_ssize_t i = 1; i < nargs; i++)
        PyTuple_SetItem(rest, i - 1, Py_NewRef(args[i]));
    struct request *request = request_new();
    if (request == NULL) {
        Py_DECREF(rest);
        return NULL;
    }
    ErlNifEnv *env = request->env;
    bool ok = primitive_make_subject(env, args[0], &name) &&
              primitive_make_packed(env, rest, "arguments", true, &packed) &&
              make_handles(env, args, nargs, kwnames, &handles);
    Py_DECREF(rest);
    request->kind = REQUEST_OPERATION;
    if (ok)
        request->operation = enif_make_tuple4(env, atoms.operation, name, packed, handles);
    return suspend_on(request, ok);
}

/* ---- set-up ----------------------------------------------------------------------------- */

static const struct suspend_waiting waiting = {actor_wait, actor_branch_begin, actor_branch_drop};

struct primitive {
    const char *name;
    const char *replaces; /* the function of the module `time` whose place it takes in twins */
    suspend_begin begin;
    const char *doc;
};

static const struct primitive primitives[] = {
    {"call", NULL, call_begin,
     "call(target, subject, message=None, timeout=5.0, interrupt=False)\n\n"
     "Send a message and wait for the answer. Suspends.\n\n"
     "target: a ProcessID, a registered name, (name, node), a GlobalName or a Via. timeout: "
     "seconds,\n"
     "None for ever. "
     "interrupt: once the time is over, the target's work on this message ends too, see\n"
     "CallInterrupted; a message that it has not begun is withdrawn.\n"
     "Returns (status, response): see Status. Raises TypeError if the message cannot be sent,\n"
     "RuntimeError on a call to oneself."},
    {"cast", NULL, cast_begin,
     "cast(target, subject, message=None, sender_pid=None)\n\n"
     "Send a message and go on. Suspends only to look a name up.\n\n"
     "Returns False if the name or local process does not exist, or the actor has all the\n"
     "messages that its mailbox_limit allows. sender_pid: what the handler gets as `source`, None\n"
     "without it; its response is cast there under the same subject, unless it is no_reply().\n"
     "ProcessID() is the calling actor."},
    {"sleep", "sleep", sleep_begin,
     "sleep(seconds)\n\nLet the actor rest for that long. Suspends. time.sleep does the same "
     "in actor code."},
    {"_call_many", NULL, many_begin,
     "_call_many(requests, timeout, interrupt)\n\n"
     "The answers to all (target, subject, message) of the list, as `call` returns each; None if\n"
     "not all go to actors that are known here: nothing was sent then. timeout: milliseconds, or\n"
     "None. Suspends."},
    {"_op", NULL, operation_begin,
     "_op(name, *args, objects=[])\n\nAsk the runtime for an operation by name. Suspends."},
    {"_suspend", NULL, actor_promise_suspend,
     "_suspend(begin, end=None)\n\n"
     "Suspend until Python says so, and return or raise what it says.\n\n"
     "begin(promise): called once the code has stopped; promise.set_result or set_exception, on\n"
     "any thread, lets it go on. end(promise): called when the actor ends meanwhile, and again\n"
     "when its process is gone; it sees to it that the promise is kept soon. Without it the code\n"
     "gets ActorExit. Neither may wait."},
};

/* In suspendable code time.sleep suspends instead of holding the thread. */
static int replace(const char *name, PyObject *primitive) {
    int failed = -1;
    PyObject *time = PyImport_ImportModule("time");
    PyObject *function = time ? PyObject_GetAttrString(time, name) : NULL;
    if (function != NULL)
        failed = suspend_replace(function, primitive);
    Py_XDECREF(function);
    Py_XDECREF(time);
    return failed;
}

int primitive_init(PyObject *module) {
    actor_direct_load();
    for (size_t i = 0; i < sizeof primitives / sizeof primitives[0]; i++) {
        const struct primitive *each = &primitives[i];
        PyObject *primitive = suspend_primitive_new(each->name, each->doc, each->begin, &waiting);
        if (primitive == NULL)
            return -1;
        int failed = PyModule_AddObjectRef(module, each->name, primitive);
        if (failed == 0 && each->replaces != NULL)
            failed = replace(each->replaces, primitive);
        Py_DECREF(primitive);
        if (failed != 0)
            return -1;
    }
    return 0;
}
