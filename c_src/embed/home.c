#include "embed/home.h"

#include <stdatomic.h>
#include <stdlib.h>

static char *package;                             /* owned, for ever */
static _Atomic(PyInterpreterState *) interpreter; /* NULL until it is ready */

void embed_set_package(char *folder) {
    free(package); /* of a start that came to nothing */
    package = folder;
}

PyInterpreterState *embed_interpreter(void) {
    return atomic_load(&interpreter);
}

void embed_set_interpreter(PyInterpreterState *ready) {
    atomic_store(&interpreter, ready);
}

PyObject *embed_import(const char *name) {
    PyObject *path = PySys_GetObject("path"); /* borrowed */
    PyObject *folder = PyUnicode_DecodeFSDefault(package);
    PyObject *module = NULL;
    if (path == NULL || folder == NULL || PyList_Insert(path, 0, folder) < 0)
        goto done;
    module = PyImport_ImportModule(name);
    if (PySequence_DelItem(path, 0) < 0)
        Py_CLEAR(module);
done:
    Py_XDECREF(folder);
    return module;
}
