/* A twin is called with the globals, defaults and closure that its function has now, as it is found
 * through the code that the function has now. So nothing a program assigns to or copies from a
 * function can come between the two. */
#include "suspend/runtime/function.h"

#include "suspend/private.h"
#include "suspend/runtime/delegate.h"
#include "suspend/runtime/initializer.h"
#include "suspend/walker/twin.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

static PyObject *call_twin(const struct suspend_state *state, const struct suspend_twin *twin,
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

/* ---- functions and methods ----------------------------------------------*/

enum { SMALL = 8 };

/* NULL without an exception for a refusal of the arguments. */
static PyObject *unless_refused(PyObject *started) {
    if (started == NULL && PyErr_ExceptionMatches(PyExc_TypeError))
        PyErr_Clear();
    return started;
}

static const struct suspend_twin *find_twin(const struct suspend_state *state, PyObject *function) {
    return PYTHON_IS_FUNCTION(function) ? suspend_twin_get(state, function) : NULL;
}

PyObject *suspend_function_call_bound(const struct suspend_state *state, PyObject *function,
                                      PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                                      PyObject *kwnames) {
    PyObject *small[SMALL];
    function = suspend_initializer_function(state, function);
    PyObject **bound = small;
    size_t count = (size_t)(nargs + (kwnames ? PyTuple_Size(kwnames) : 0));
    const struct suspend_twin *twin = find_twin(state, function);
    if (twin == NULL)
        return NULL;
    if (count + 1 > SMALL && (bound = malloc((count + 1) * sizeof *bound)) == NULL)
        return PyErr_NoMemory();
    bound[0] = self;
    if (count > 0)
        memcpy(bound + 1, args, count * sizeof *bound);
    PyObject *started = call_twin(state, twin, function, bound, nargs + 1, kwnames);
    if (bound != small)
        free(bound);
    return unless_refused(started);
}

PyObject *suspend_function_call(const struct suspend_state *state, PyObject *callable,
                                PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    if (PYTHON_IS_METHOD(callable))
        return suspend_function_call_bound(state, python_extra.method_function(callable),
                                           python_extra.method_self(callable), args, nargs,
                                           kwnames);
    callable = suspend_initializer_function(state, callable);
    const struct suspend_twin *twin = find_twin(state, callable);
    if (twin == NULL)
        return NULL;
    return unless_refused(call_twin(state, twin, callable, args, nargs, kwnames));
}
