#include "base/type_version.h"

#include <stdatomic.h>
#include <stdbool.h>

/* A PyTypeObject up to its version tag, as in CPython 3.11 to 3.14 (Include/cpython/object.h): the
 * limited API does not tell where it is. */
struct type_head {
    PyVarObject base;
    void *slots[45]; /* tp_name to tp_del: a word each */
    unsigned version;
};

/* A look-up in the class gives it a tag. Of a name, that is, for which its own class has no data
 * descriptor, as it has for `__module__`: those are found there. */
static unsigned tag_of(PyObject *type) {
    PyObject *found = PyObject_GetAttrString(type, "__init__");
    if (found == NULL)
        PyErr_Clear();
    Py_XDECREF(found);
    return ((struct type_head *)type)->version;
}

/* Is that the version tag? A layout that is another one would not behave so. */
static bool behaves(void) {
    PyObject *type = PyObject_CallFunction((PyObject *)&PyType_Type, "s(){}", "Probe");
    PyObject *other = PyObject_CallFunction((PyObject *)&PyType_Type, "s(){}", "Probe");
    unsigned first = type ? tag_of(type) : 0;
    bool stays = type != NULL && tag_of(type) == first;
    bool differs = other != NULL && tag_of(other) != first;
    bool changes = type != NULL && PyObject_SetAttrString(type, "attribute", type) == 0 &&
                   tag_of(type) != first && tag_of(type) != 0;
    Py_XDECREF(other);
    Py_XDECREF(type);
    PyErr_Clear();
    return first != 0 && stays && differs && changes;
}

unsigned type_version(PyTypeObject *type) {
    static atomic_int known; /* 1: yes, 2: no */
    if (atomic_load_explicit(&known, memory_order_relaxed) == 0)
        atomic_store(&known, behaves() ? 1 : 2);
    if (atomic_load_explicit(&known, memory_order_relaxed) != 1)
        return 0;
    unsigned version = ((struct type_head *)(void *)type)->version;
    return version != 0 ? version : tag_of((PyObject *)type);
}
