/* Immutable runs of bytes that name BEAM things: what all do; Reference, Atom and Term. */
#include "identity/private.h"

#include "base/external.h"

#include <stdlib.h>
#include <string.h>

/* Longer texts of terms are cut. */
enum { TEXT_MAX = 400, ATOM_CHARACTERS_MAX = 255 };

static const unsigned char *bytes_of(PyObject *self) {
    return ((struct identity *)self)->bytes;
}

static size_t length_of(PyObject *self) {
    return (size_t)Py_SIZE(self);
}

struct identity_state *identity_state_get(void) {
    return interpreter_get()->identity;
}

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

/* The text of a term that `bytes` hold; "?" if they hold none. */
static void text_of(const unsigned char *bytes, size_t length, char *text, size_t size) {
    ERL_NIF_TERM term;
    ErlNifEnv *env = identity_state_get()->env;
    if (enif_binary_to_term(env, bytes, length, &term, ERL_NIF_BIN2TERM_SAFE) == 0 ||
        enif_snprintf(text, size, "%T", term) < 0)
        strcpy(text, "?");
    enif_clear_env(env);
}

/* The term that `plain` holds, in `env`. */
bool identity_decode(ErlNifEnv *env, const unsigned char *plain, size_t length,
                     ERL_NIF_TERM *term) {
    return length > 0 && enif_binary_to_term(env, plain, length, term, 0) == length;
}

PyObject *identity_reference(const unsigned char *external, size_t length) {
    unsigned char plain[EXTERNAL_NAME_MAX];
    const struct identity_state *state = identity_state_get();
    ERL_NIF_TERM term;
    length = external_normalize(external, length, EXTERNAL_REFERENCE, plain);
    bool is_reference =
        identity_decode(state->env, plain, length, &term) && enif_is_ref(state->env, term);
    enif_clear_env(state->env);
    if (!is_reference)
        return identity_malformed("Reference");
    return (PyObject *)identity_new(state->reference, plain, length);
}

PyObject *identity_atom(const unsigned char *text, size_t length) {
    PyObject *decoded = PyUnicode_DecodeUTF8((const char *)text, (Py_ssize_t)length, NULL);
    if (decoded == NULL)
        return NULL;
    Py_ssize_t characters = PyUnicode_GetLength(decoded);
    Py_DECREF(decoded);
    if (characters > ATOM_CHARACTERS_MAX) {
        PyErr_Format(PyExc_ValueError, "an atom has at most %d characters", ATOM_CHARACTERS_MAX);
        return NULL;
    }
    return (PyObject *)identity_new(identity_state_get()->atom, text, length);
}

PyObject *identity_term(const unsigned char *external, size_t length) {
    if (length < 2 || external[0] != EXTERNAL_VERSION)
        return identity_malformed("Term");
    return (PyObject *)identity_new(identity_state_get()->term, external, length);
}

/* ---- asking ----------------------------------------------------------- */

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

/* ---- what all four types do ------------------------------------------- */

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

static PyObject *term_compare(PyObject *left, PyObject *right, int operation) {
    return compare(left, right, operation, false);
}

/* (function of `_rebeam`, (bytes,)) for pickle and copy. */
static PyObject *reduce(PyObject *self, const char *function) {
    PyObject *module = PyImport_ImportModule("_rebeam");
    PyObject *rebuild = module ? PyObject_GetAttrString(module, function) : NULL;
    PyObject *result = NULL;
    if (rebuild != NULL)
        result = Py_BuildValue("O(y#)", rebuild, bytes_of(self), Py_SIZE(self));
    Py_XDECREF(module);
    Py_XDECREF(rebuild);
    return result;
}

PyObject *identity_external_repr(PyObject *self) {
    char text[TEXT_MAX];
    text_of(bytes_of(self), length_of(self), text, sizeof text);
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

static PyObject *not_constructed(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
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

/* ---- Reference -------------------------------------------------------- */

static PyObject *reference_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return reduce(self, "_reference");
}

static PyMethodDef reference_methods[] = {{"__reduce__", reference_reduce, METH_NOARGS, NULL},
                                          IDENTITY_COPY_METHODS,
                                          {NULL, NULL, 0, NULL}};

static PyType_Slot reference_slots[] = {{Py_tp_doc, (void *)"A unique reference of the BEAM."},
                                        {Py_tp_new, not_constructed},
                                        {Py_tp_dealloc, identity_dealloc},
                                        {Py_tp_hash, identity_hash},
                                        {Py_tp_richcompare, identity_ordered_compare},
                                        {Py_tp_repr, identity_external_repr},
                                        {Py_tp_methods, reference_methods},
                                        {0, NULL}};

/* ---- Atom ------------------------------------------------------------- */

static PyObject *atom_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    char *keywords[] = {(char *)"text", NULL};
    PyObject *given;
    Py_ssize_t length;
    (void)type;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "U:Atom", keywords, &given))
        return NULL;
    const char *text = PyUnicode_AsUTF8AndSize(given, &length);
    if (text == NULL)
        return NULL;
    return identity_atom((const unsigned char *)text, (size_t)length);
}

static PyObject *atom_str(PyObject *self) {
    return PyUnicode_DecodeUTF8((const char *)bytes_of(self), Py_SIZE(self), NULL);
}

static PyObject *atom_text(PyObject *self, void *ignored) {
    (void)ignored;
    return atom_str(self);
}

static PyObject *atom_repr(PyObject *self) {
    PyObject *text = atom_str(self);
    PyObject *repr = text ? PyUnicode_FromFormat("Atom(%R)", text) : NULL;
    Py_XDECREF(text);
    return repr;
}

static PyObject *atom_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return reduce(self, "_atom");
}

static PyMethodDef atom_methods[] = {
    {"__reduce__", atom_reduce, METH_NOARGS, NULL}, IDENTITY_COPY_METHODS, {NULL, NULL, 0, NULL}};

static PyGetSetDef atom_attributes[] = {{"text", atom_text, NULL, "The atom's text.", NULL},
                                        {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot atom_slots[] = {
    {Py_tp_doc, (void *)"Atom(text): an Erlang atom. Sending it makes no new atom in the BEAM."},
    {Py_tp_new, atom_new},
    {Py_tp_dealloc, identity_dealloc},
    {Py_tp_hash, identity_hash},
    {Py_tp_richcompare, identity_ordered_compare},
    {Py_tp_repr, atom_repr},
    {Py_tp_str, atom_str},
    {Py_tp_methods, atom_methods},
    {Py_tp_getset, atom_attributes},
    {0, NULL}};

/* ---- Term ------------------------------------------------------------- */

static PyObject *term_repr(PyObject *self) {
    char text[TEXT_MAX];
    text_of(bytes_of(self), length_of(self), text, sizeof text);
    return PyUnicode_FromFormat("<Term %s>", text);
}

static PyObject *term_reduce(PyObject *self, PyObject *ignored) {
    (void)ignored;
    return reduce(self, "_term");
}

static PyMethodDef term_methods[] = {
    {"__reduce__", term_reduce, METH_NOARGS, NULL}, IDENTITY_COPY_METHODS, {NULL, NULL, 0, NULL}};

static PyType_Slot term_slots[] = {
    {Py_tp_doc, (void *)"An Erlang term that Python has no word for. It goes back unchanged."},
    {Py_tp_new, not_constructed},
    {Py_tp_dealloc, identity_dealloc},
    {Py_tp_hash, identity_hash},
    {Py_tp_richcompare, term_compare},
    {Py_tp_repr, term_repr},
    {Py_tp_methods, term_methods},
    {0, NULL}};

/* ---- rebuilding, and the module --------------------------------------- */

typedef PyObject *(*make)(const unsigned char *bytes, size_t length);

static PyObject *rebuild(PyObject *object, make function) {
    char *bytes;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(object, &bytes, &length) < 0)
        return NULL;
    return function((const unsigned char *)bytes, (size_t)length);
}

static PyObject *rebuild_reference(PyObject *module, PyObject *bytes) {
    (void)module;
    return rebuild(bytes, identity_reference);
}

static PyObject *rebuild_atom(PyObject *module, PyObject *bytes) {
    (void)module;
    return rebuild(bytes, identity_atom);
}

static PyObject *rebuild_term(PyObject *module, PyObject *bytes) {
    (void)module;
    return rebuild(bytes, identity_term);
}

static PyMethodDef functions[] = {{"_reference", rebuild_reference, METH_O, NULL},
                                  {"_atom", rebuild_atom, METH_O, NULL},
                                  {"_term", rebuild_term, METH_O, NULL},
                                  {NULL, NULL, 0, NULL}};

/* Adds a type to the module and to *place, which owns a reference. */
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

int identity_init(struct interpreter *interpreter, PyObject *module) {
    struct identity_state *state = calloc(1, sizeof *state);
    if (state == NULL || (state->env = enif_alloc_env()) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    interpreter->identity = state;
    if (identity_process_id_init(state, module) < 0 ||
        identity_add_type(module, "rebeam.Reference", reference_slots, &state->reference) < 0 ||
        identity_add_type(module, "rebeam.Atom", atom_slots, &state->atom) < 0 ||
        identity_add_type(module, "rebeam.Term", term_slots, &state->term) < 0)
        return -1;
    return PyModule_AddFunctions(module, functions);
}
