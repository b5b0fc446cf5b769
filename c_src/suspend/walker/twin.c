/* A function's twin: found through the code object that the function has *now*,
 * called with the globals, defaults and closure that it has now. So nothing a
 * program assigns to or copies from a function can come between the two. */
#include "suspend/private.h"

#include <pthread.h>
#include <stdint.h>
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

struct suspend_twin *suspend_twin_get(const struct suspend_state *state, PyObject *function) {
    void *twin = NULL;
    if (python_extra.code_extra_get(python_extra.function_code(function), state->extra_index,
                                    &twin) < 0)
        PyErr_Clear();
    return twin;
}

/* ---- the C stack --------------------------------------------------------
 *
 * A chain of coroutines that await each other nests on the C stack when it is
 * resumed or closed (3.11: about 400 bytes each), where plain calls do not. A
 * program that raised the recursion limit must not crash for that, so no twin is
 * entered in the last quarter of a stack; closing needs more than calling.
 */
static _Thread_local uintptr_t stack_floor; /* of the thread; 0 until it is known */

static uintptr_t find_stack_floor(void) {
    pthread_attr_t attributes;
    void *lowest = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return 1;
    if (pthread_attr_getstack(&attributes, &lowest, &size) != 0)
        lowest = NULL;
    pthread_attr_destroy(&attributes);
    return lowest ? (uintptr_t)lowest + size / 4 : 1;
}

static int check_stack(void) {
    if (stack_floor == 0)
        stack_floor = find_stack_floor();
    if ((uintptr_t)__builtin_frame_address(0) > stack_floor)
        return 0;
    PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded");
    return -1;
}

/* A function over the twin's code that is otherwise as `function` is. */
static PyObject *twin_function(const struct suspend_twin *twin, PyObject *function) {
    PyObject *made = python_extra.function_new(twin->code, python_extra.function_globals(function));
    PyObject *closure = python_extra.function_closure(function);
    PyObject *defaults = python_extra.function_defaults(function);
    PyObject *kwdefaults = python_extra.function_kwdefaults(function);
    if (made == NULL)
        return NULL;
    if ((closure != NULL && python_extra.function_set_closure(made, closure) < 0) ||
        (defaults != NULL && python_extra.function_set_defaults(made, defaults) < 0) ||
        (kwdefaults != NULL && python_extra.function_set_kwdefaults(made, kwdefaults) < 0))
        Py_CLEAR(made);
    return made;
}

PyObject *suspend_twin_call(const struct suspend_state *state, const struct suspend_twin *twin,
                            PyObject *function, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames) {
    bool lambda = twin->lambda; /* a call may give `function` other code */
    if (check_stack() < 0)
        return NULL;
    PyObject *made = twin_function(twin, function);
    PyObject *started = made ? python_extra.vectorcall(made, args, (size_t)nargs, kwnames) : NULL;
    Py_XDECREF(made);
    return started != NULL && lambda ? suspend_delegate_new(state, started, NULL) : started;
}
