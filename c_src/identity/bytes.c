#include "identity/bytes.h"

#include "identity/private.h"

#include <stdint.h>
#include <string.h>

/* ---- making ----------------------------------------------------------- */

/* FNV-1a: the same in every interpreter of every node, which str's hash is not. */
static Py_hash_t hash_bytes(const unsigned char *bytes, size_t length) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash == UINT64_MAX ? -2 : (Py_hash_t)hash;
}

struct identity *identity_new(PyTypeObject *type, const void *bytes, size_t length) {
    struct identity *self = PyObject_NewVar(struct identity, type, (Py_ssize_t)length);
    if (self == NULL)
        return NULL;
    memcpy(self->bytes, bytes, length);
    self->hash = hash_bytes(bytes, length);
    self->local = false;
    self->request = NULL;
    return self;
}

void identity_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(((struct identity *)self)->request);
    PyObject_Free(self);
    Py_DECREF(type);
}

PyObject *identity_malformed(const char *what) {
    PyErr_Format(PyExc_ValueError, "malformed %s", what);
    return NULL;
}

bool identity_decode(ErlNifEnv *env, const unsigned char *plain, size_t length,
                     ERL_NIF_TERM *term) {
    return length > 0 && enif_binary_to_term(env, plain, length, term, 0) == length;
}

/* ---- asking ----------------------------------------------------------- */

static const unsigned char *bytes_of(PyObject *self) {
    return ((struct identity *)self)->bytes;
}

static size_t length_of(PyObject *self) {
    return (size_t)Py_SIZE(self);
}

bool identity_bytes(PyObject *object, const unsigned char **bytes, size_t *length) {
    const struct identity_state *state = identity_state_get();
    PyTypeObject *type = Py_TYPE(object);
    if (type != state->process_id && type != state->reference && type != state->atom &&
        type != state->term)
        return false;
    *bytes = bytes_of(object);
    *length = length_of(object);
    return true;
}

void identity_text(const unsigned char *bytes, size_t length, char *text, size_t size) {
    ERL_NIF_TERM term;
    ErlNifEnv *env = identity_state_get()->env;
    if (enif_binary_to_term(env, bytes, length, &term, ERL_NIF_BIN2TERM_SAFE) == 0 ||
        enif_snprintf(text, size, "%T", term) < 0)
        strcpy(text, "?");
    enif_clear_env(env);
}

/* ---- slots ------------------------------------------------------------ */

Py_hash_t identity_hash(PyObject *self) {
    return ((struct identity *)self)->hash;
}

/* Pids are numbered big-endian, so the order of bytes is that of node, then age. */
static int order(PyObject *left, PyObject *right) {
    size_t a = length_of(left), b = length_of(right);
    int first = memcmp(bytes_of(left), bytes_of(right), a < b ? a : b);
    return first != 0 ? first : (a > b) - (a < b);
}

static PyObject *compare(PyObject *left, PyObject *right, int operation, bool ordered) {
    bool equality = operation == Py_EQ || operation == Py_NE;
    if (!Py_IS_TYPE(right, Py_TYPE(left)) || (!ordered && !equality))
        return Py_NewRef(Py_NotImplemented);
    Py_RETURN_RICHCOMPARE(order(left, right), 0, operation);
}

PyObject *identity_ordered_compare(PyObject *left, PyObject *right, int operation) {
    return compare(left, right, operation, true);
}

PyObject *identity_unordered_compare(PyObject *left, PyObject *right, int operation) {
    return compare(left, right, operation, false);
}

PyObject *identity_external_repr(PyObject *self) {
    char text[IDENTITY_TEXT_MAX];
    identity_text(bytes_of(self), length_of(self), text, sizeof text);
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

PyObject *identity_not_constructed(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    (void)args;
    (void)kwargs;
    PyObject *name = PyType_GetName(type);
    if (name != NULL)
        PyErr_Format(PyExc_TypeError, "a %U comes from Erlang and cannot be made", name);
    Py_XDECREF(name);
    return NULL;
}

PyObject *identity_itself(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return Py_NewRef(self);
}

/* ---- pickling --------------------------------------------------------- */

PyObject *identity_reduce(PyObject *self, const char *function) {
    PyObject *module = PyImport_ImportModule("_rebeam");
    PyObject *rebuild = module ? PyObject_GetAttrString(module, function) : NULL;
    PyObject *result = NULL;
    if (rebuild != NULL)
        result = Py_BuildValue("O(y#)", rebuild, bytes_of(self), Py_SIZE(self));
    Py_XDECREF(module);
    Py_XDECREF(rebuild);
    return result;
}

PyObject *identity_rebuild(PyObject *object, identity_make make) {
    char *bytes;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(object, &bytes, &length) < 0)
        return NULL;
    return make((const unsigned char *)bytes, (size_t)length);
}

/* ---- the type --------------------------------------------------------- */

int identity_add_type(PyObject *module, const char *name, PyType_Slot *slots,
                      PyTypeObject **place) {
    PyType_Spec spec = {.name = name,
                        .basicsize = sizeof(struct identity),
                        .itemsize = 1,
                        .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
                        .slots = slots};
    *place = (PyTypeObject *)PyType_FromSpec(&spec);
    return *place == NULL ? -1 : PyModule_AddType(module, *place);
}
