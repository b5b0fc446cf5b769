#include "identity/process_id.h"

#include "base/external.h"
#include "identity/bytes.h"
#include "identity/private.h"
#include "identity/term.h"

#include <string.h>

PyObject *(*identity_self)(void);

/* ---- making ----------------------------------------------------------- */

PyObject *identity_process_id(const unsigned char *external, size_t length) {
    unsigned char plain[EXTERNAL_NAME_MAX];
    const struct identity_state *state = identity_state_get();
    ERL_NIF_TERM term;
    ErlNifPid pid;
    length = external_normalize(external, length, EXTERNAL_PID, plain);
    bool is_pid =
        identity_decode(state->env, plain, length, &term) && enif_is_pid(state->env, term);
    bool local = is_pid && enif_get_local_pid(state->env, term, &pid);
    enif_clear_env(state->env);
    if (!is_pid)
        return identity_malformed("ProcessID");
    struct identity *self = identity_new(state->process_id, plain, length);
    if (self != NULL && local) {
        self->local = true;
        self->pid = pid;
    }
    return (PyObject *)self;
}

PyObject *identity_process_id_local(const ErlNifPid *pid) {
    unsigned char plain[EXTERNAL_NAME_MAX];
    ErlNifBinary binary;
    ErlNifEnv *env =
        identity_state_get()->env; /* a local pid is a word: the environment stays empty */
    if (!enif_term_to_binary(env, enif_make_pid(env, pid), &binary))
        return PyErr_NoMemory();
    size_t length = external_normalize(binary.data, binary.size, EXTERNAL_PID, plain);
    enif_release_binary(&binary);
    struct identity *self = identity_new(identity_state_get()->process_id, plain, length);
    if (self != NULL) {
        self->local = true;
        self->pid = *pid;
    }
    return (PyObject *)self;
}

PyObject *identity_take_request(PyObject *fresh, PyObject *request) {
    if (fresh != NULL && request != NULL) {
        ((struct identity *)fresh)->request = request;
        return fresh;
    }
    Py_XDECREF(fresh);
    Py_XDECREF(request);
    return NULL;
}

PyObject *identity_process_id_requested(struct identity_slice external,
                                        struct identity_slice request) {
    PyObject *fresh = identity_process_id(external.bytes, external.length);
    return fresh ? identity_take_request(fresh, identity_term(request.bytes, request.length))
                 : NULL;
}

/* ---- asking ----------------------------------------------------------- */

PyObject *identity_request(PyObject *object) {
    return Py_IS_TYPE(object, identity_state_get()->process_id)
               ? ((struct identity *)object)->request
               : NULL;
}

bool identity_local_pid(PyObject *object, ErlNifPid *pid) {
    struct identity *self = (struct identity *)object;
    if (!Py_IS_TYPE(object, identity_state_get()->process_id) || !self->local)
        return false;
    *pid = self->pid;
    return true;
}

bool identity_remote_pid(ErlNifEnv *env, PyObject *object, ERL_NIF_TERM *pid) {
    const struct identity *self = (struct identity *)object;
    return Py_IS_TYPE(object, identity_state_get()->process_id) && !self->local &&
           identity_decode(env, (const unsigned char *)self->bytes, (size_t)Py_SIZE(object), pid);
}

/* ---- ProcessID -------------------------------------------------------- */

static PyObject *process_id_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    (void)type;
    if (PyTuple_Size(args) > 0 || (kwargs != NULL && PyDict_Size(kwargs) > 0)) {
        PyErr_SetString(PyExc_TypeError, "ProcessID() takes no arguments: it is the actor's own");
        return NULL;
    }
    if (identity_self == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "ProcessID() has a meaning only inside an actor");
        return NULL;
    }
    return identity_self();
}

static PyObject *process_id_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    PyObject *module = PyImport_ImportModule("_rebeam");
    PyObject *rebuild = module ? PyObject_GetAttrString(module, "_process_id") : NULL;
    PyObject *request = identity_request(self), *result = NULL;
    const struct identity *id = (struct identity *)self;
    if (rebuild != NULL && request == NULL)
        result = Py_BuildValue("O(y#)", rebuild, id->bytes, Py_SIZE(self));
    else if (rebuild != NULL)
        result = Py_BuildValue("O(y#y#)", rebuild, id->bytes, Py_SIZE(self),
                               ((struct identity *)request)->bytes, Py_SIZE(request));
    Py_XDECREF(module);
    Py_XDECREF(rebuild);
    return result;
}

static PyObject *process_id_alive(PyObject *object, PyObject *ignored) {
    struct identity *self = (struct identity *)object;
    (void)ignored;
    if (self->local)
        return PyBool_FromLong(enif_is_process_alive(identity_state_get()->env, &self->pid));
    /* The other node has to be asked: an operation, for which this thread waits. */
    PyObject *module = PyImport_ImportModule("rebeam._processes");
    PyObject *alive = module ? PyObject_CallMethod(module, "is_alive", "O", object) : NULL;
    Py_XDECREF(module);
    return alive;
}

/* Version, tag, atom tag, size, and then the node's name. */
static PyObject *process_id_node(PyObject *self, void *ignored) {
    (void)ignored;
    const unsigned char *bytes = ((struct identity *)self)->bytes;
    return PyUnicode_DecodeUTF8((const char *)bytes + 4, bytes[3], "replace");
}

static PyMethodDef process_id_methods[] = {
    {"alive", process_id_alive, METH_NOARGS, "alive() -> bool: whether the process runs now."},
    {"__reduce__", process_id_reduce, METH_NOARGS, NULL},
    IDENTITY_COPY_METHODS,
    {NULL, NULL, 0, NULL}};

static PyGetSetDef process_id_attributes[] = {
    {"node", process_id_node, NULL, "The name of the node that the process runs on.", NULL},
    {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot process_id_slots[] = {
    {Py_tp_doc, (void *)"A process of the BEAM. ProcessID() is the calling actor's own."},
    {Py_tp_new, process_id_new},
    {Py_tp_dealloc, identity_dealloc},
    {Py_tp_hash, identity_hash},
    {Py_tp_richcompare, identity_ordered_compare},
    {Py_tp_repr, identity_external_repr},
    {Py_tp_methods, process_id_methods},
    {Py_tp_getset, process_id_attributes},
    {0, NULL}};

/* ---- rebuilding, and the module --------------------------------------- */

/* (external format of the pid[, of the request]) */
static PyObject *rebuild_process_id(PyObject *module, PyObject *args) {
    const char *pid, *request = NULL;
    Py_ssize_t pid_length, request_length = 0;
    (void)module;
    if (!PyArg_ParseTuple(args, "y#|y#:_process_id", &pid, &pid_length, &request, &request_length))
        return NULL;
    if (request == NULL)
        return identity_process_id((const unsigned char *)pid, (size_t)pid_length);
    return identity_process_id_requested(
        (struct identity_slice){(const unsigned char *)pid, (size_t)pid_length},
        (struct identity_slice){(const unsigned char *)request, (size_t)request_length});
}

static PyObject *request_of(PyObject *module, PyObject *object) {
    (void)module;
    PyObject *request = identity_request(object);
    return Py_NewRef(request ? request : Py_None);
}

static PyMethodDef functions[] = {
    {"_process_id", rebuild_process_id, METH_VARARGS, NULL},
    {"_request", request_of, METH_O,
     "_request(source): the Term that answers the call it came with; None without one."},
    {NULL, NULL, 0, NULL}};

int identity_process_id_init(struct identity_state *state, PyObject *module) {
    if (identity_add_type(module, "rebeam.ProcessID", process_id_slots, &state->process_id) < 0)
        return -1;
    return PyModule_AddFunctions(module, functions);
}
