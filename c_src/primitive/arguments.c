#include "primitive/arguments.h"

#include "base/atoms.h"
#include "base/term.h"
#include "identity/process_id.h"
#include "message/names.h"
#include "value/python/pack.h"

#include <math.h>

bool primitive_parse(const char *function, const char *const *names, Py_ssize_t count,
                     Py_ssize_t required, PyObject *const *args, Py_ssize_t nargs,
                     PyObject *kwnames, PyObject **out) {
    Py_ssize_t keywords = kwnames ? PyTuple_Size(kwnames) : 0;
    if (nargs > count) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most %zd arguments (%zd given)", function,
                     count, nargs);
        return false;
    }
    bool given[8] = {false};
    for (Py_ssize_t i = 0; i < nargs; i++) {
        out[i] = args[i];
        given[i] = true;
    }
    for (Py_ssize_t k = 0; k < keywords; k++) {
        PyObject *name = PyTuple_GetItem(kwnames, k);
        Py_ssize_t i = 0;
        while (i < count && PyUnicode_CompareWithASCIIString(name, names[i]) != 0)
            i++;
        if (i == count || given[i]) {
            PyErr_Format(PyExc_TypeError, "%s() got %s argument '%U'", function,
                         i == count ? "an unexpected keyword" : "multiple values for", name);
            return false;
        }
        out[i] = args[nargs + k];
        given[i] = true;
    }
    for (Py_ssize_t i = 0; i < required; i++) {
        if (!given[i]) {
            PyErr_Format(PyExc_TypeError, "%s() missing required argument '%s'", function,
                         names[i]);
            return false;
        }
    }
    return true;
}

bool primitive_parse_timeout(PyObject *seconds, const char *what, int64_t *milliseconds) {
    *milliseconds = -1;
    if (seconds == Py_None)
        return true;
    if (!PyNumber_Check(seconds)) {
        PyErr_Format(PyExc_TypeError, "%s must be a number of seconds, not %R", what, seconds);
        return false;
    }
    double value = PyFloat_AsDouble(seconds);
    if (value == -1.0 && PyErr_Occurred())
        return false;
    if (isnan(value) || value < 0) {
        PyErr_Format(PyExc_ValueError, "%s must be a non-negative number of seconds, not %R", what,
                     seconds);
        return false;
    }
    if (value * 1000.0 <= 4294967295.0)
        *milliseconds = (int64_t)ceil(value * 1000.0);
    return true;
}

bool primitive_parse_flag(PyObject *value, const char *what, bool *flag) {
    *flag = Py_IsTrue(value);
    if (*flag || Py_IsFalse(value))
        return true;
    PyErr_Format(PyExc_TypeError, "%s must be True or False, not %R", what, value);
    return false;
}

ERL_NIF_TERM primitive_make_timeout(ErlNifEnv *env, int64_t milliseconds) {
    return milliseconds < 0 ? atoms.infinity : enif_make_int64(env, milliseconds);
}

bool primitive_make_subject(ErlNifEnv *env, PyObject *subject, ERL_NIF_TERM *out) {
    Py_ssize_t length;
    if (!PyUnicode_Check(subject)) {
        PyErr_Format(PyExc_TypeError, "subject must be a str, not %R", subject);
        return false;
    }
    const char *text = PyUnicode_AsUTF8AndSize(subject, &length);
    if (text == NULL)
        return false;
    *out = term_binary(env, text, (size_t)length);
    return true;
}

bool primitive_make_packed(ErlNifEnv *env, PyObject *value, const char *root, bool own,
                           ERL_NIF_TERM *out) {
    struct value_packed packed = {.own = own};
    bool ok = value_pack(value, root, &packed) == 0;
    if (ok)
        *out = value_parts_term(env, &packed);
    value_parts_free(&packed);
    return ok;
}

static PyTypeObject *process_id_type(void) {
    return interpreter_get()->identity->process_id;
}

/* An attribute of an address (python/rebeam/_addresses.py), a new reference. NULL without exception
 * if the target is none. */
static PyObject *address_part(PyObject *target, const char *name, PyTypeObject *type) {
    if (PyTuple_Check(target) || Py_TYPE(target) == process_id_type())
        return NULL;
    PyObject *part = PyObject_GetAttrString(target, name);
    if (part == NULL) {
        PyErr_Clear();
    } else if (Py_TYPE(part) != type) {
        Py_DECREF(part);
        part = NULL;
    }
    return part;
}

static bool was_looked_up(const char *name, Py_ssize_t length, ErlNifPid *pid) {
    return names_find(name, (size_t)length, pid) &&
           enif_is_process_alive(interpreter_get()->identity->env, pid);
}

bool primitive_known_pid(PyObject *target, ErlNifPid *pid) {
    Py_ssize_t length;
    if (PyUnicode_Check(target)) {
        const char *name = PyUnicode_AsUTF8AndSize(target, &length);
        PyErr_Clear();
        return name != NULL && was_looked_up(name, length, pid);
    }
    if (identity_local_pid(target, pid))
        return true;
    char *token;
    PyObject *bytes = address_part(target, "_rebeam_token", &PyBytes_Type);
    bool known = bytes != NULL && PyBytes_AsStringAndSize(bytes, &token, &length) == 0 &&
                 was_looked_up(token, length, pid);
    Py_XDECREF(bytes);
    return known;
}

static bool make_packed_target(ErlNifEnv *env, PyObject *target, ERL_NIF_TERM *out) {
    ERL_NIF_TERM packed;
    if (!primitive_make_packed(env, target, "target", true, &packed))
        return false;
    *out = enif_make_tuple2(env, atoms.packed, packed);
    return true;
}

/* TypeError; rebeam._arguments.no_target has the words. */
static void refuse_target(PyObject *target) {
    PyObject *module = PyImport_ImportModule("rebeam._arguments");
    PyObject *text = module ? PyObject_CallMethod(module, "no_target", "O", target) : NULL;
    if (text != NULL)
        PyErr_SetObject(PyExc_TypeError, text);
    Py_XDECREF(text);
    Py_XDECREF(module);
}

bool primitive_make_target(ErlNifEnv *env, PyObject *target, ERL_NIF_TERM *out) {
    ErlNifPid pid;
    if (identity_local_pid(target, &pid)) {
        *out = enif_make_pid(env, &pid);
        return true;
    }
    if (PyUnicode_Check(target))
        return primitive_make_subject(env, target, out);
    PyObject *address = address_part(target, "_rebeam_target", &PyTuple_Type);
    if (address != NULL) {
        bool made = make_packed_target(env, address, out);
        Py_DECREF(address);
        return made;
    }
    if (PyTuple_Check(target) || Py_TYPE(target) == process_id_type())
        return make_packed_target(env, target, out);
    refuse_target(target);
    return false;
}
