#include "suspend/walker/twin.h"

#include "suspend/private.h"

#include <stdlib.h>

static void twin_free(void *extra) {
    struct suspend_twin *twin = extra;
    if (twin != NULL)
        Py_DECREF(twin->code);
    free(twin);
}

int suspend_twin_init(struct suspend_state *state) {
    state->extra_index = python_extra.code_extra_index(twin_free);
    if (state->extra_index >= 0)
        return 0;
    PyErr_SetString(PyExc_RuntimeError, "no room in code objects is left for Re:BEAM");
    return -1;
}

int suspend_twin_set(struct suspend_state *state, PyObject *code, PyObject *twin_code,
                     bool lambda) {
    struct suspend_twin *twin = malloc(sizeof *twin);
    if (twin == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *twin = (struct suspend_twin){.code = Py_NewRef(twin_code), .lambda = lambda};
    if (python_extra.code_extra_set(code, state->extra_index, twin) < 0) {
        twin_free(twin);
        return -1;
    }
    /* cppcheck-suppress memleak ; the code object owns it now */
    return 0;
}

static struct suspend_twin *twin_of(const struct suspend_state *state, PyObject *code) {
    void *twin = NULL;
    if (python_extra.code_extra_get(code, state->extra_index, &twin) < 0)
        PyErr_Clear();
    return twin;
}

struct suspend_twin *suspend_twin_get(const struct suspend_state *state, PyObject *function) {
    return twin_of(state, python_extra.function_code(function));
}

PyObject *suspend_twin(PyObject *module, PyObject *code) {
    (void)module;
    if (!PYTHON_IS_CODE(code))
        return PyErr_Format(PyExc_TypeError, "%R is no code", code);
    struct suspend_twin *twin = twin_of(suspend_state_get(), code);
    return Py_NewRef(twin != NULL ? twin->code : Py_None);
}
