/* The nodes that suspend_rewrite puts in: see there what they are for. */
#include "suspend/walker/node.h"

#include "suspend/private.h"

/* ---- calls -------------------------------------------------------------*/

/* Steals the items, also on failure; NULL items make it fail. */
static PyObject *list_of(PyObject *item) {
    PyObject *list = item ? PyList_New(1) : NULL;
    if (list == NULL) {
        Py_XDECREF(item);
        return NULL;
    }
    PyList_SetItem(list, 0, item);
    return list;
}

static PyObject *new_constant(struct suspend_state *state, enum suspend_place place, PyObject *at) {
    PyObject *node = suspend_tree_new(&state->tree, SUSPEND_KIND_Constant, at);
    if (node != NULL &&
        suspend_tree_set(node, state->tree.words.value, Py_NewRef(state->markers[place])) < 0)
        Py_CLEAR(node);
    return node;
}

/* A node of `kind` with one field; takes `value`. */
static PyObject *new_with(struct suspend_state *state, enum suspend_kind kind, PyObject *at,
                          PyObject *word, PyObject *value) {
    PyObject *node = value ? suspend_tree_new(&state->tree, kind, at) : NULL;
    if (node == NULL) {
        Py_XDECREF(value);
        return NULL;
    }
    if (suspend_tree_set(node, word, value) < 0)
        Py_CLEAR(node);
    return node;
}

/* Sets what a call consists of. Takes all three values. */
static int fill_call(struct suspend_state *state, PyObject *node, PyObject *func, PyObject *args,
                     PyObject *keywords) {
    int status = suspend_tree_set(node, state->tree.words.func, func);
    if (suspend_tree_set(node, state->tree.words.args, args) < 0)
        status = -1;
    if (suspend_tree_set(node, state->tree.words.keywords, keywords) < 0)
        status = -1;
    return status;
}

/* place(arguments...); takes `args`, a list. */
static PyObject *new_call(struct suspend_state *state, enum suspend_place place, PyObject *at,
                          PyObject *args) {
    PyObject *node = args ? suspend_tree_new(&state->tree, SUSPEND_KIND_Call, at) : NULL;
    if (node == NULL) {
        Py_XDECREF(args);
        return NULL;
    }
    if (fill_call(state, node, new_constant(state, place, at), args, PyList_New(0)) < 0)
        Py_CLEAR(node);
    return node;
}

/* 1 if the call spreads a sequence or mapping over its arguments. */
static int has_spread(struct suspend_state *state, PyObject *args, PyObject *keywords) {
    for (Py_ssize_t i = 0; i < PyList_Size(args); i++) {
        int kind = suspend_tree_kind(&state->tree, PyList_GetItem(args, i));
        if (kind < 0 || kind == SUSPEND_KIND_Starred)
            return kind < 0 ? -1 : 1;
    }
    for (Py_ssize_t i = 0; i < PyList_Size(keywords); i++) {
        PyObject *name = suspend_tree_get(PyList_GetItem(keywords, i), state->tree.words.arg);
        bool mapping = name == Py_None;
        Py_XDECREF(name);
        if (name == NULL || mapping)
            return name == NULL ? -1 : 1;
    }
    return 0;
}

static long number_of(PyObject *node, PyObject *word) {
    PyObject *value = suspend_tree_get(node, word);
    long number = value && PyLong_Check(value) ? PyLong_AsLong(value) : -1;
    Py_XDECREF(value);
    return number;
}

/* CPython puts a.b.c() where the last name is if the expression takes several
 * lines (update_start_location_to_match_attr in its compiler). */
static int locate_method_call(struct suspend_state *state, PyObject *node, PyObject *func) {
    long line = number_of(func, state->tree.words.end_lineno);
    long column = number_of(func, state->tree.words.end_col_offset);
    if (line < 0 || number_of(node, state->tree.words.lineno) == line)
        return 0;
    PyObject *attr = suspend_tree_get(func, state->tree.words.attr);
    Py_ssize_t length = attr ? PyUnicode_GetLength(attr) : -1;
    Py_XDECREF(attr);
    if (length < 0 || suspend_tree_set(node, state->tree.words.lineno, PyLong_FromLong(line)) < 0)
        return -1;
    if (length > column)
        return 0;
    if (suspend_tree_set(node, state->tree.words.end_lineno, PyLong_FromLong(line)) < 0 ||
        suspend_tree_set(node, state->tree.words.end_col_offset, PyLong_FromLong(column)) < 0)
        return -1;
    return suspend_tree_set(node, state->tree.words.col_offset, PyLong_FromLong(column - length));
}

/* The awaited part, for callee `func`. Takes none of its arguments. */
static PyObject *new_awaited(struct suspend_state *state, PyObject *call, PyObject *func,
                             PyObject *args, PyObject *keywords) {
    int spread = has_spread(state, args, keywords);
    int kind = suspend_tree_kind(&state->tree, func);
    PyObject *node = suspend_tree_new(&state->tree, SUSPEND_KIND_Call, call);
    PyObject *new_func = NULL;
    PyObject *new_args = NULL;
    if (spread < 0 || kind < 0 || node == NULL)
        goto failed;
    if (!spread && kind == SUSPEND_KIND_Attribute && locate_method_call(state, node, func) < 0)
        goto failed;
    if (spread) {
        new_func = new_call(state, SUSPEND_PLACE_spread, node, list_of(Py_NewRef(func)));
        new_args = Py_NewRef(args);
    } else {
        new_func = new_constant(state, SUSPEND_PLACE_call, node);
        new_args = PyList_GetSlice(args, 0, PyList_Size(args));
        if (new_args == NULL || PyList_Insert(new_args, 0, func) < 0)
            goto failed;
    }
    if (fill_call(state, node, new_func, new_args, Py_NewRef(keywords)) < 0)
        Py_CLEAR(node);
    return node;
failed:
    Py_XDECREF(new_args);
    Py_XDECREF(new_func);
    Py_XDECREF(node);
    return NULL;
}

PyObject *suspend_node_call(struct suspend_state *state, PyObject *call, enum suspend_where where) {
    PyObject *result = NULL;
    PyObject *awaited = NULL;
    PyObject *value = NULL;
    PyObject *func = suspend_tree_get(call, state->tree.words.func);
    PyObject *args = suspend_tree_get(call, state->tree.words.args);
    PyObject *keywords = suspend_tree_get(call, state->tree.words.keywords);
    const bool lambda = where == SUSPEND_IN_LAMBDA;
    enum suspend_kind kind = lambda ? SUSPEND_KIND_YieldFrom : SUSPEND_KIND_Await;
    if (func == NULL || args == NULL || keywords == NULL)
        goto done;
    awaited = new_awaited(state, call, func, args, keywords);
    if (awaited == NULL)
        goto done;
    value = where == SUSPEND_IN_ASYNC
                ? new_call(state, SUSPEND_PLACE_bridge, awaited, list_of(Py_NewRef(awaited)))
                : Py_NewRef(awaited);
    result = new_call(state, SUSPEND_PLACE_result, awaited,
                      list_of(new_with(state, kind, awaited, state->tree.words.value, value)));
done:
    Py_XDECREF(awaited);
    Py_XDECREF(keywords);
    Py_XDECREF(args);
    Py_XDECREF(func);
    return result;
}

PyObject *suspend_node_result(struct suspend_state *state, PyObject *value) {
    return new_call(state, SUSPEND_PLACE_result, value, list_of(Py_NewRef(value)));
}

/* ---- functions ---------------------------------------------------------*/

static int is_docstring(struct suspend_state *state, PyObject *statement) {
    int kind = suspend_tree_kind(&state->tree, statement);
    if (kind != SUSPEND_KIND_Expr)
        return kind < 0 ? -1 : 0;
    PyObject *expression = suspend_tree_get(statement, state->tree.words.value);
    kind = expression ? suspend_tree_kind(&state->tree, expression) : -1;
    PyObject *value = kind == SUSPEND_KIND_Constant
                          ? suspend_tree_get(expression, state->tree.words.value)
                          : NULL;
    int result = kind < 0 || PyErr_Occurred() ? -1 : value && PyUnicode_Check(value);
    Py_XDECREF(value);
    Py_XDECREF(expression);
    return result;
}

/* except StopIteration: return mark() */
static PyObject *new_handler(struct suspend_state *state, PyObject *at) {
    struct suspend_tree *tree = &state->tree;
    PyObject *call = new_call(state, SUSPEND_PLACE_mark, at, PyList_New(0));
    PyObject *body =
        list_of(call ? new_with(state, SUSPEND_KIND_Return, at, tree->words.value, call) : NULL);
    PyObject *handler = new_with(state, SUSPEND_KIND_ExceptHandler, at, tree->words.body, body);
    if (handler != NULL && (suspend_tree_set(handler, tree->words.type,
                                             new_constant(state, SUSPEND_PLACE_stop, at)) < 0 ||
                            suspend_tree_set(handler, tree->words.name, Py_NewRef(Py_None)) < 0))
        Py_CLEAR(handler);
    return handler;
}

/* try: `body` except... Takes `body`, a list that is not empty. */
static PyObject *new_try(struct suspend_state *state, PyObject *body) {
    struct suspend_tree *tree = &state->tree;
    PyObject *first = PyList_GetItem(body, 0);
    PyObject *last = PyList_GetItem(body, PyList_Size(body) - 1);
    PyObject *handlers = list_of(new_handler(state, last));
    PyObject *node = new_with(state, SUSPEND_KIND_Try, first, tree->words.handlers, handlers);
    if (node == NULL) {
        Py_DECREF(body);
        return NULL;
    }
    if (suspend_tree_set(node, tree->words.body, body) < 0 ||
        suspend_tree_set(node, tree->words.orelse, PyList_New(0)) < 0 ||
        suspend_tree_set(node, tree->words.finalbody, PyList_New(0)) < 0)
        Py_CLEAR(node);
    return node;
}

/* The body of the twin: a new list, or NULL. */
static PyObject *wrapped_body(struct suspend_state *state, PyObject *function) {
    PyObject *wrapped = NULL;
    PyObject *rest = NULL;
    PyObject *body = suspend_tree_get(function, state->tree.words.body);
    int documented = body ? is_docstring(state, PyList_GetItem(body, 0)) : -1;
    if (documented < 0)
        goto done;
    rest = PyList_GetSlice(body, documented, PyList_Size(body));
    if (rest == NULL)
        goto done;
    if (PyList_Size(rest) == 0) { /* calls in defaults only: nothing can be raised inside */
        wrapped = Py_NewRef(body);
        goto done;
    }
    wrapped = list_of(new_try(state, Py_NewRef(rest)));
    if (wrapped != NULL && documented && PyList_Insert(wrapped, 0, PyList_GetItem(body, 0)) < 0)
        Py_CLEAR(wrapped);
done:
    Py_XDECREF(rest);
    Py_XDECREF(body);
    return wrapped;
}

PyObject *suspend_node_async_def(struct suspend_state *state, PyObject *function) {
    struct suspend_tree *tree = &state->tree;
    PyObject *fields = PyObject_GetAttr(function, tree->words._fields);
    PyObject *node =
        fields ? suspend_tree_new(tree, SUSPEND_KIND_AsyncFunctionDef, function) : NULL;
    int status = node ? 0 : -1;
    for (Py_ssize_t i = 0; status == 0 && i < PyTuple_Size(fields); i++) {
        PyObject *word = PyTuple_GetItem(fields, i);
        status = suspend_tree_set(node, word, suspend_tree_get(function, word));
    }
    if (status == 0)
        status = suspend_tree_set(node, tree->words.body, wrapped_body(state, function));
    if (status < 0)
        Py_CLEAR(node);
    Py_XDECREF(fields);
    return node;
}
