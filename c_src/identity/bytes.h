/* What all four types of identities do: making, comparing, pickling them as runs of bytes.
 *
 * An identity owns its bytes, and the request that it may have. GIL held in every function. A
 * failure is a Python exception, and NULL or -1.
 */
#ifndef REBEAM_IDENTITY_BYTES_H
#define REBEAM_IDENTITY_BYTES_H

#include "identity/identity.h"

struct identity;

/* Borrowed bytes of a ProcessID, Reference or Term (external format) or Atom (UTF-8 text).
 * False, without exception, for any other object. */
bool identity_bytes(PyObject *object, const unsigned char **bytes, size_t *length);

/* ---- for the files of the four types ---------------------------------- */

/* A new reference, or NULL. */
struct identity *identity_new(PyTypeObject *type, const void *bytes, size_t length);
/* Sets ValueError; returns NULL. */
PyObject *identity_malformed(const char *what);
/* The term that `plain` holds, in `env`. No exception. */
bool identity_decode(ErlNifEnv *env, const unsigned char *plain, size_t length, ERL_NIF_TERM *term);

/* Longer texts of terms are cut. */
enum { IDENTITY_TEXT_MAX = 400 };
/* The text of a term that `bytes` hold; "?" if they hold none. */
void identity_text(const unsigned char *bytes, size_t length, char *text, size_t size);

/* Slots. Ordered: ids of one type can be sorted. */
void identity_dealloc(PyObject *self);
Py_hash_t identity_hash(PyObject *self);
PyObject *identity_ordered_compare(PyObject *left, PyObject *right, int operation);
PyObject *identity_unordered_compare(PyObject *left, PyObject *right, int operation);
PyObject *identity_external_repr(PyObject *self);
PyObject *identity_not_constructed(PyTypeObject *type, PyObject *args, PyObject *kwargs);
PyObject *identity_itself(PyObject *self, PyObject *ignored);

#define IDENTITY_COPY_METHODS                                                                      \
    {"__copy__", identity_itself, METH_NOARGS, NULL}, {                                            \
        "__deepcopy__", identity_itself, METH_O, NULL                                              \
    }

/* (function of `_rebeam`, (bytes,)) for pickle and copy. */
PyObject *identity_reduce(PyObject *self, const char *function);
/* What that function does with the bytes object. */
typedef PyObject *(*identity_make)(const unsigned char *bytes, size_t length);
PyObject *identity_rebuild(PyObject *object, identity_make make);

/* Adds a type to the module and to *place, which owns a reference. 0, or -1. */
int identity_add_type(PyObject *module, const char *name, PyType_Slot *slots, PyTypeObject **place);

#endif
