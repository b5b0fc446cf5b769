#include "primitive/many.h"

#include "actor/answers.h"
#include "actor/context.h"
#include "actor/many.h"
#include "actor/trail.h"
#include "message/request.h"
#include "primitive/arguments.h"
#include "suspend/runtime/await.h"
#include "value/python/pack.h"

#include <stdio.h>

/* ELSEWHERE: another process sends them all, or says what is wrong. */
enum made { FAILED, ELSEWHERE, MADE };

/* The bytes of `packed` are used for one after another. */
static enum made make(struct actor *self, PyObject *request, size_t number,
                      struct value_packed *packed, const struct origin *origin,
                      struct answers_call *out) {
    char root[48];
    ErlNifPid target;
    Py_ssize_t length, size = PyTuple_Check(request) ? PyTuple_Size(request) : 0;
    if (size != 2 && size != 3)
        return ELSEWHERE;
    PyObject *subject = PyTuple_GetItem(request, 1);
    PyObject *message = size == 3 ? PyTuple_GetItem(request, 2) : Py_None;
    if (!PyUnicode_CheckExact(subject) ||
        !primitive_known_pid(PyTuple_GetItem(request, 0), &target))
        return ELSEWHERE;
    const char *text = PyUnicode_AsUTF8AndSize(subject, &length);
    if (text == NULL) {
        PyErr_Clear();
        return ELSEWHERE;
    }
    const ErlNifBinary bytes = {.size = (size_t)length, .data = (unsigned char *)(uintptr_t)text};
    value_parts_drop(packed);
    packed->bytes.length = 0;
    snprintf(root, sizeof root, "requests[%zu].message", number);
    if (value_pack(message, root, packed) < 0)
        return FAILED;
    return actor_many_call(self, &target, &bytes, packed, origin, out) ? MADE : ELSEWHERE;
}

static enum made make_all(struct actor *self, PyObject *requests, const struct origin *origin,
                          struct answers *answers) {
    struct value_packed packed = {0};
    enum made made = MADE;
    for (size_t i = 0; i < answers->count && made == MADE; i++)
        made = make(self, PyTuple_GetItem(requests, (Py_ssize_t)i), i, &packed, origin,
                    &answers->calls[i]);
    value_parts_free(&packed);
    return made;
}

/* A suspension of the request, which it takes. */
static PyObject *suspend_on(struct actor *self, struct request *request, PyObject *requests) {
    request->answers = answers_new((size_t)PyTuple_Size(requests));
    if (request->answers == NULL) {
        actor_many_free(request);
        return PyErr_NoMemory();
    }
    enum made made = trail_begin(self, &request->origin) == 0
                         ? make_all(self, requests, &request->origin, request->answers)
                         : FAILED;
    if (made == MADE)
        return suspension_new(request, actor_many_free);
    actor_many_free(request);
    return made == ELSEWHERE ? suspension_ready(Py_NewRef(Py_None)) : NULL;
}

PyObject *many_begin(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    static const char *const names[] = {"requests", "timeout", "interrupt"};
    PyObject *given[3];
    if (!primitive_parse("_call_many", names, 3, 3, args, nargs, kwnames, given))
        return NULL;
    struct actor *self = actor_current();
    if (!actor_many_may(self))
        return suspension_ready(Py_NewRef(Py_None));
    struct request *request = request_new();
    if (request == NULL)
        return NULL;
    request->interrupt = Py_IsTrue(given[2]);
    request->timeout = given[1] == Py_None ? -1 : PyLong_AsLongLong(given[1]);
    PyObject *requests = PyErr_Occurred() ? NULL : PySequence_Tuple(given[0]); /* its own */
    if (requests == NULL) {
        actor_many_free(request);
        return NULL;
    }
    PyObject *suspension = suspend_on(self, request, requests);
    Py_DECREF(requests);
    return suspension;
}
