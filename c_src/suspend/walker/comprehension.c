/* StopIteration out of an asynchronous comprehension, on 3.11.
 *
 * There a comprehension is a code object of its own, so in a twin a coroutine of its
 * own, which turns a StopIteration into RuntimeError. Source has no way to catch one
 * there, so the code gets what a def's twin has from its `try`: at its end
 *
 *     except StopIteration: return mark()
 *
 * and around it, in the rewritten tree, result(...). Later versions compile
 * comprehensions into the function around them and do not come here.
 */
#include "suspend/walker/comprehension.h"

#include "suspend/private.h"

#include <string.h>

/* Bytecode of 3.11, which does not change any more. */
enum {
    OP_CACHE = 0,
    OP_POP_TOP = 1,
    OP_PUSH_NULL = 2,
    OP_PUSH_EXC_INFO = 35,
    OP_CHECK_EXC_MATCH = 36,
    OP_RETURN_VALUE = 83,
    OP_POP_EXCEPT = 89,
    OP_SWAP = 99,
    OP_LOAD_CONST = 100,
    OP_POP_JUMP_FORWARD_IF_FALSE = 114,
    OP_RERAISE = 119,
    OP_PRECALL = 166,
    OP_CALL = 171,
};
enum { HANDLER_STACK = 6, CONSTANTS_MAX = 254, VARINT_MAX = 6 };

bool suspend_comprehension_is_code(void) {
    return Py_Version >> 16 == 0x030B;
}

static PyObject *with_handler(PyObject *bytecode, Py_ssize_t constant) {
    const char stop = (char)constant;
    const char mark = (char)(constant + 1);
    const char handler[] = {OP_PUSH_EXC_INFO,
                            0,
                            OP_LOAD_CONST,
                            stop,
                            OP_CHECK_EXC_MATCH,
                            0,
                            OP_POP_JUMP_FORWARD_IF_FALSE,
                            14, /* to RERAISE */
                            OP_PUSH_NULL,
                            0,
                            OP_LOAD_CONST,
                            mark,
                            (char)OP_PRECALL,
                            0,
                            OP_CACHE,
                            0,
                            (char)OP_CALL,
                            0,
                            OP_CACHE,
                            0,
                            OP_CACHE,
                            0,
                            OP_CACHE,
                            0,
                            OP_CACHE,
                            0,
                            OP_SWAP,
                            2,
                            OP_POP_TOP,
                            0,
                            OP_SWAP,
                            2,
                            OP_POP_EXCEPT,
                            0,
                            OP_RETURN_VALUE,
                            0,
                            OP_RERAISE,
                            0};
    PyObject *added = PyBytes_FromStringAndSize(handler, sizeof handler);
    PyObject *whole = added ? PySequence_Concat(bytecode, added) : NULL;
    Py_XDECREF(added);
    return whole;
}

/* Six bits a byte, the highest first; 0x40 tells that more follow. */
static size_t put_varint(unsigned char *out, size_t value) {
    unsigned char groups[VARINT_MAX];
    size_t count = 0;
    do {
        groups[count++] = value & 0x3f;
        value >>= 6;
    } while (value != 0 && count < VARINT_MAX);
    for (size_t i = 0; i < count; i++)
        out[i] = (unsigned char)(groups[count - 1 - i] | (i + 1 < count ? 0x40 : 0));
    return count;
}

/* One entry: from the start to the handler, which begins with an empty stack. */
static PyObject *exception_table(PyObject *bytecode) {
    unsigned char table[4 * VARINT_MAX];
    const size_t handler = (size_t)PyBytes_Size(bytecode) / 2;
    const size_t values[] = {0, handler, handler, 0};
    size_t size = 0;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        size += put_varint(table + size, values[i]);
    table[0] |= 0x80; /* an entry begins here */
    return PyBytes_FromStringAndSize((const char *)table, (Py_ssize_t)size);
}

static PyObject *with_constants(const struct suspend_state *state, PyObject *constants) {
    PyObject *added =
        PyTuple_Pack(2, state->places[SUSPEND_PLACE_stop], state->places[SUSPEND_PLACE_mark]);
    PyObject *whole = added ? PySequence_Concat(constants, added) : NULL;
    Py_XDECREF(added);
    return whole;
}

/* code.replace(...), all four given; takes none of them. */
static PyObject *replaced(PyObject *code, PyObject *bytecode, PyObject *table, PyObject *constants,
                          long stack) {
    PyObject *nothing = PyTuple_New(0);
    PyObject *given =
        Py_BuildValue("{sOsOsOsl}", "co_code", bytecode, "co_exceptiontable", table, "co_consts",
                      constants, "co_stacksize", stack < HANDLER_STACK ? HANDLER_STACK : stack);
    PyObject *replace = PyObject_GetAttrString(code, "replace");
    PyObject *made = nothing && given && replace ? PyObject_Call(replace, nothing, given) : NULL;
    Py_XDECREF(replace);
    Py_XDECREF(given);
    Py_XDECREF(nothing);
    return made;
}

PyObject *suspend_comprehension_guard(const struct suspend_state *state, PyObject *code) {
    PyObject *result = NULL;
    PyObject *new_bytecode = NULL, *new_constants = NULL, *new_table = NULL;
    PyObject *bytecode = PyObject_GetAttrString(code, "co_code");
    PyObject *constants = PyObject_GetAttrString(code, "co_consts");
    PyObject *table = PyObject_GetAttrString(code, "co_exceptiontable");
    PyObject *stack = PyObject_GetAttrString(code, "co_stacksize");
    if (bytecode == NULL || constants == NULL || table == NULL || stack == NULL)
        goto done;
    if (PyBytes_Size(table) != 0 || PyTuple_Size(constants) > CONSTANTS_MAX) {
        result = Py_NewRef(code); /* not what a def's comprehension compiles to */
        goto done;
    }
    new_bytecode = with_handler(bytecode, PyTuple_Size(constants));
    new_constants = with_constants(state, constants);
    new_table = exception_table(bytecode);
    if (new_bytecode != NULL && new_constants != NULL && new_table != NULL)
        result = replaced(code, new_bytecode, new_table, new_constants, PyLong_AsLong(stack));
done:
    Py_XDECREF(new_table);
    Py_XDECREF(new_constants);
    Py_XDECREF(new_bytecode);
    Py_XDECREF(stack);
    Py_XDECREF(table);
    Py_XDECREF(constants);
    Py_XDECREF(bytecode);
    return result;
}
