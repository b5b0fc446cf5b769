/* suspend_pair: ties the code objects of a module's rewritten tree to those of the
 * plain one.
 *
 * Both trees come from the same source, so the code objects inside a code object
 * correspond in order. Inside a twin, the functions, classes and generators that
 * it defines are the plain ones: code that runs has one code object, twin or not.
 * Only comprehensions of its own (code objects up to 3.11) stay asynchronous. What
 * does not correspond gets no twin and is called plainly.
 *
 * The user's async defs have no twin: the rewritten code takes the place of the plain
 * one, and the codes around it are made anew to hold it.
 */
#include "suspend/walker/pair.h"

#include "suspend/private.h"
#include "suspend/walker/comprehension.h"
#include "suspend/walker/twin.h"

/* Python's own flags; the limited API has no names for them. */
enum {
    FLAG_GENERATOR = 0x20,
    FLAG_COROUTINE = 0x80,
    FLAG_ITERABLE_COROUTINE = 0x100,
    FLAG_ASYNC_GENERATOR = 0x200,
};
#define FLAGS_NOT_PLAIN (FLAG_GENERATOR | FLAG_COROUTINE | FLAG_ASYNC_GENERATOR)

/* `plain` is the code that runs by then: its own async defs are in their final form. */
struct pairing {
    struct suspend_state *state;
    PyObject *plain;
    PyObject *async;
};

static PyObject *code_children(struct suspend_state *state, PyObject *code) {
    PyObject *constants = PyObject_GetAttr(code, state->tree.words.co_consts);
    PyObject *children = constants ? PyList_New(0) : NULL;
    for (Py_ssize_t i = 0; children != NULL && i < PyTuple_Size(constants); i++) {
        PyObject *constant = PyTuple_GetItem(constants, i);
        if (PYTHON_IS_CODE(constant) && PyList_Append(children, constant) < 0)
            Py_CLEAR(children);
    }
    Py_XDECREF(constants);
    return children;
}

static long code_flags(struct suspend_state *state, PyObject *code) {
    PyObject *flags = PyObject_GetAttr(code, state->tree.words.co_flags);
    long value = flags ? PyLong_AsLong(flags) : -1;
    Py_XDECREF(flags);
    return value;
}

static int same_attribute(PyObject *one, PyObject *other, PyObject *word) {
    PyObject *left = PyObject_GetAttr(one, word);
    PyObject *right = PyObject_GetAttr(other, word);
    int same = left && right ? PyObject_RichCompareBool(left, right, Py_EQ) : -1;
    Py_XDECREF(left);
    Py_XDECREF(right);
    return same;
}

static int name_is(struct suspend_state *state, PyObject *code, const char *text) {
    PyObject *name = PyObject_GetAttr(code, state->tree.words.co_name);
    int is = name ? PyUnicode_CompareWithASCIIString(name, text) == 0 : -1;
    Py_XDECREF(name);
    return is;
}

static int is_comprehension(struct suspend_state *state, PyObject *code) {
    static const char *const names[] = {"<listcomp>", "<setcomp>", "<dictcomp>"};
    int is = 0;
    for (size_t i = 0; is == 0 && i < sizeof names / sizeof names[0]; i++)
        is = name_is(state, code, names[i]);
    return is;
}

/* 1 if both stand for the same piece of source and see the same variables. */
static int corresponds(struct suspend_state *state, PyObject *plain, PyObject *async) {
    PyObject *const words[] = {state->tree.words.co_name, state->tree.words.co_firstlineno,
                               state->tree.words.co_freevars};
    int same = 1;
    for (size_t i = 0; same == 1 && i < sizeof words / sizeof words[0]; i++)
        same = same_attribute(plain, async, words[i]);
    return same;
}

static int all_correspond(struct suspend_state *state, PyObject *plain, PyObject *async) {
    Py_ssize_t count = PyList_Size(plain);
    int same = PyList_Size(async) == count;
    for (Py_ssize_t i = 0; same == 1 && i < count; i++)
        same = corresponds(state, PyList_GetItem(plain, i), PyList_GetItem(async, i));
    return same;
}

/* ---- one twin ----------------------------------------------------------*/

static PyObject *bound_code(struct pairing pair, long added_flags);

static PyObject *bound_comprehension(struct pairing pair) {
    long flags = code_flags(pair.state, pair.async);
    PyObject *bound = flags < 0 ? NULL : bound_code(pair, 0);
    if (bound == NULL || (flags & FLAG_COROUTINE) == 0 || !suspend_comprehension_is_code())
        return bound;
    PyObject *guarded = suspend_comprehension_guard(pair.state, bound);
    Py_DECREF(bound);
    return guarded;
}

/* What stands in the twin for the code constant `async`. New reference. */
static PyObject *bound_child(struct suspend_state *state, PyObject *plain, PyObject *async) {
    int comprehension = is_comprehension(state, async);
    if (comprehension < 0)
        return NULL;
    if (!comprehension)
        return Py_NewRef(plain);
    return bound_comprehension((struct pairing){.state = state, .plain = plain, .async = async});
}

/* What stands in the twin for a constant that is no code. New reference. */
static PyObject *bound_constant(const struct suspend_state *state, PyObject *constant) {
    for (int i = 0; i < SUSPEND_PLACE_COUNT && PyUnicode_CheckExact(constant); i++)
        if (PyUnicode_Compare(constant, state->markers[i]) == 0)
            return Py_NewRef(state->places[i]);
    return PyErr_Occurred() ? NULL : Py_NewRef(constant);
}

static PyObject *bound_constants(struct pairing pair, PyObject *children) {
    PyObject *constants = PyObject_GetAttr(pair.async, pair.state->tree.words.co_consts);
    Py_ssize_t count = constants ? PyTuple_Size(constants) : 0;
    PyObject *bound = constants ? PyTuple_New(count) : NULL;
    Py_ssize_t child = 0;
    for (Py_ssize_t i = 0; bound != NULL && i < count; i++) {
        PyObject *constant = PyTuple_GetItem(constants, i);
        PyObject *made = PYTHON_IS_CODE(constant)
                             ? bound_child(pair.state, PyList_GetItem(children, child++), constant)
                             : bound_constant(pair.state, constant);
        if (made == NULL || PyTuple_SetItem(bound, i, made) < 0)
            Py_CLEAR(bound); /* also if a comprehension does not correspond */
    }
    Py_XDECREF(constants);
    return bound;
}

/* code.replace(co_consts=..., co_flags=...) */
static PyObject *replaced(struct suspend_state *state, PyObject *code, PyObject *constants,
                          long flags) {
    PyObject *made = NULL;
    PyObject *nothing = PyTuple_New(0);
    PyObject *given = Py_BuildValue("{OOOl}", state->tree.words.co_consts, constants,
                                    state->tree.words.co_flags, flags);
    PyObject *replace = PyObject_GetAttr(code, state->tree.words.replace);
    if (nothing != NULL && given != NULL && replace != NULL)
        made = PyObject_Call(replace, nothing, given);
    Py_XDECREF(replace);
    Py_XDECREF(given);
    Py_XDECREF(nothing);
    return made;
}

/* The async code with its constants as they have to be at run time. New reference;
 * NULL without an exception if the two do not correspond. */
static PyObject *bound_code(struct pairing pair, long added_flags) {
    PyObject *made = NULL;
    PyObject *constants = NULL;
    long flags = code_flags(pair.state, pair.async);
    PyObject *plain = code_children(pair.state, pair.plain);
    PyObject *async = code_children(pair.state, pair.async);
    if (flags < 0 || plain == NULL || async == NULL ||
        all_correspond(pair.state, plain, async) <= 0)
        goto done;
    constants = bound_constants(pair, plain);
    if (constants != NULL)
        made = replaced(pair.state, pair.async, constants, flags | added_flags);
done:
    Py_XDECREF(constants);
    Py_XDECREF(plain);
    Py_XDECREF(async);
    return made;
}

static int tie(struct pairing pair, bool lambda) {
    PyObject *twin = bound_code(pair, lambda ? FLAG_ITERABLE_COROUTINE : 0);
    if (twin == NULL)
        return PyErr_Occurred() ? -1 : 0;
    int status = suspend_twin_set(pair.state, pair.plain, twin, lambda);
    Py_DECREF(twin);
    return status;
}

/* Ties the two if one is a plain function and the other its asynchronous form. */
static int tie_function(struct pairing pair) {
    long plain = code_flags(pair.state, pair.plain);
    long async = code_flags(pair.state, pair.async);
    int comprehension = is_comprehension(pair.state, pair.plain);
    int lambda = name_is(pair.state, pair.plain, "<lambda>");
    if (plain < 0 || async < 0 || comprehension < 0 || lambda < 0)
        return -1;
    if ((plain & FLAGS_NOT_PLAIN) != 0 || comprehension)
        return 0;
    if ((async & FLAGS_NOT_PLAIN) == (lambda ? FLAG_GENERATOR : FLAG_COROUTINE))
        return tie(pair, lambda != 0);
    return 0;
}

/* ---- one async def -------------------------------------------------------*/

static int is_marker(const struct suspend_state *state, PyObject *constant) {
    for (int i = 0; i < SUSPEND_PLACE_COUNT && PyUnicode_CheckExact(constant); i++)
        if (PyUnicode_Compare(constant, state->markers[i]) == 0)
            return 1;
    return 0;
}

/* 1 if `code` is a user's async def in which calls were rewritten. */
static int is_rewritten_async_def(struct pairing pair) {
    const long wanted = FLAG_COROUTINE | FLAG_ASYNC_GENERATOR;
    long plain = code_flags(pair.state, pair.plain);
    long async = code_flags(pair.state, pair.async);
    int comprehension = is_comprehension(pair.state, pair.plain);
    if (plain < 0 || async < 0 || comprehension < 0)
        return -1;
    if ((plain & wanted) == 0 || (plain & wanted) != (async & wanted) || comprehension)
        return 0;
    PyObject *constants = PyObject_GetAttr(pair.async, pair.state->tree.words.co_consts);
    int found = constants ? 0 : -1;
    for (Py_ssize_t i = 0; found == 0 && i < PyTuple_Size(constants); i++)
        found = is_marker(pair.state, PyTuple_GetItem(constants, i));
    Py_XDECREF(constants);
    return found;
}

/* ---- the trees -----------------------------------------------------------*/

static PyObject *bind(struct pairing pair);

/* `code` with the code objects of the list `children` among its constants. New reference. */
static PyObject *with_children(struct suspend_state *state, PyObject *code, PyObject *children) {
    PyObject *made = NULL;
    bool changed = false;
    Py_ssize_t child = 0;
    long flags = code_flags(state, code);
    PyObject *constants = PyObject_GetAttr(code, state->tree.words.co_consts);
    Py_ssize_t count = constants ? PyTuple_Size(constants) : 0;
    PyObject *given = constants ? PyTuple_New(count) : NULL;
    for (Py_ssize_t i = 0; given != NULL && i < count; i++) {
        PyObject *constant = PyTuple_GetItem(constants, i);
        PyObject *kept = PYTHON_IS_CODE(constant) ? PyList_GetItem(children, child++) : constant;
        changed |= kept != constant;
        PyTuple_SetItem(given, i, Py_NewRef(kept));
    }
    if (given != NULL && flags >= 0)
        made = changed ? replaced(state, code, given, flags) : Py_NewRef(code);
    Py_XDECREF(given);
    Py_XDECREF(constants);
    return made;
}

/* The plain code with all codes below it bound. New reference. */
static PyObject *bind_children(struct pairing pair) {
    PyObject *made = NULL;
    PyObject *plain = code_children(pair.state, pair.plain);
    PyObject *async = code_children(pair.state, pair.async);
    int same = plain && async ? all_correspond(pair.state, plain, async) : -1;
    for (Py_ssize_t i = 0; same == 1 && i < PyList_Size(plain); i++) {
        PyObject *bound = bind((struct pairing){.state = pair.state,
                                                .plain = PyList_GetItem(plain, i),
                                                .async = PyList_GetItem(async, i)});
        if (bound == NULL)
            same = -1;
        else
            PyList_SetItem(plain, i, bound);
    }
    if (same >= 0)
        made = same ? with_children(pair.state, pair.plain, plain) : Py_NewRef(pair.plain);
    Py_XDECREF(plain);
    Py_XDECREF(async);
    return made;
}

/* The code to run in place of the plain one, tied to its twin. New reference. */
static PyObject *bind(struct pairing pair) {
    PyObject *bound = bind_children(pair);
    if (bound == NULL)
        return NULL;
    pair.plain = bound;
    int rewritten = is_rewritten_async_def(pair);
    PyObject *made = rewritten > 0 ? bound_code(pair, 0) : NULL;
    if (made == NULL && (PyErr_Occurred() || tie_function(pair) < 0))
        Py_CLEAR(bound);
    if (made != NULL) {
        Py_DECREF(bound);
        bound = made;
    }
    return bound;
}

PyObject *suspend_pair(PyObject *module, PyObject *args) {
    (void)module;
    struct pairing pair = {.state = suspend_state_get()};
    if (!PyArg_ParseTuple(args, "O!O!:suspend_pair", python_extra.code_type, &pair.plain,
                          python_extra.code_type, &pair.async))
        return NULL;
    return bind_children(pair);
}
