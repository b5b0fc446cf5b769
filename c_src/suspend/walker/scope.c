/* Scopes of the walker: wide rather than exact, for a wrong "variable" only
 * costs a little time, and a wrong "no variable" only holds a thread. */
#include "suspend/walker/scope.h"

#include <string.h>

struct collector {
    struct suspend_scope *scope;
    struct suspend_tree *tree;
    PyObject *globals; /* set of str */
    int depth;
};

static PyObject *collect(void *context, PyObject *node);

static int add_name(struct collector *self, PyObject *node, PyObject *word) {
    PyObject *name = suspend_tree_get(node, word);
    int status = name ? 0 : -1;
    if (name != NULL && PyUnicode_Check(name))
        status = PySet_Add(self->scope->variables, name);
    Py_XDECREF(name);
    return status;
}

static int collect_name(struct collector *self, PyObject *node) {
    PyObject *context = suspend_tree_get(node, self->tree->words.ctx);
    int kind = context ? suspend_tree_kind(self->tree, context) : -1;
    Py_XDECREF(context);
    if (kind < 0)
        return -1;
    return kind == SUSPEND_KIND_Load ? 0 : add_name(self, node, self->tree->words.id);
}

static int collect_global(struct collector *self, PyObject *node) {
    PyObject *names = suspend_tree_get(node, self->tree->words.names);
    PyObject *done = names ? PyObject_CallMethod(self->globals, "update", "O", names) : NULL;
    Py_XDECREF(names);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

/* A function or class in this one: only what is evaluated here, out here. */
static int collect_around(struct collector *self, PyObject *node) {
    PyObject *const words[] = {self->tree->words.decorator_list, self->tree->words.bases,
                               self->tree->words.keywords};
    int status = 0;
    for (size_t i = 0; status == 0 && i < sizeof words / sizeof words[0]; i++)
        status = suspend_tree_walk_field(self->tree, node, words[i], collect, self);
    PyObject *args = status == 0 ? suspend_tree_get(node, self->tree->words.args) : NULL;
    if (args == NULL)
        return -1;
    status = suspend_tree_walk_field(self->tree, args, self->tree->words.defaults, collect, self);
    if (status == 0)
        status =
            suspend_tree_walk_field(self->tree, args, self->tree->words.kw_defaults, collect, self);
    Py_DECREF(args);
    return status;
}

static int collect_named(struct collector *self, PyObject *node, PyObject *word) {
    if (add_name(self, node, word) < 0)
        return -1;
    return suspend_tree_walk(self->tree, node, collect, self);
}

static int collect_kind(struct collector *self, PyObject *node, int kind) {
    struct suspend_tree *tree = self->tree;
    if (kind == SUSPEND_KIND_Name)
        return collect_name(self, node);
    if (kind == SUSPEND_KIND_Global)
        return collect_global(self, node);
    if (kind == SUSPEND_KIND_FunctionDef || kind == SUSPEND_KIND_AsyncFunctionDef ||
        kind == SUSPEND_KIND_Lambda || kind == SUSPEND_KIND_ClassDef)
        return collect_around(self, node);
    if (kind == SUSPEND_KIND_arg)
        return add_name(self, node, tree->words.arg);
    if (kind == SUSPEND_KIND_ExceptHandler || kind == SUSPEND_KIND_MatchAs ||
        kind == SUSPEND_KIND_MatchStar)
        return collect_named(self, node, tree->words.name);
    if (kind == SUSPEND_KIND_MatchMapping)
        return collect_named(self, node, tree->words.rest);
    if (kind == SUSPEND_KIND_Yield || kind == SUSPEND_KIND_YieldFrom)
        self->scope->generator = true;
    return suspend_tree_walk(tree, node, collect, self);
}

static PyObject *collect(void *context, PyObject *node) {
    struct collector *self = context;
    if (self->depth >= SUSPEND_TREE_DEPTH_MAX) {
        PyErr_SetString(PyExc_RecursionError, "source code is nested too deeply");
        return NULL;
    }
    int kind = suspend_tree_kind(self->tree, node);
    self->depth++;
    int status = kind < 0 ? -1 : collect_kind(self, node, kind);
    self->depth--;
    return status < 0 ? NULL : Py_NewRef(node);
}

/* The parameters, without defaults and annotations: those belong outside. */
static int collect_parameters(struct collector *self, PyObject *function) {
    const struct suspend_tree *tree = self->tree;
    PyObject *const words[] = {tree->words.posonlyargs, tree->words.args, tree->words.vararg,
                               tree->words.kwonlyargs, tree->words.kwarg};
    PyObject *args = suspend_tree_get(function, tree->words.args);
    int status = args ? 0 : -1;
    for (size_t i = 0; status == 0 && i < sizeof words / sizeof words[0]; i++)
        status = suspend_tree_walk_field(self->tree, args, words[i], collect, self);
    Py_XDECREF(args);
    return status;
}

int suspend_scope_open(struct suspend_scope *scope, struct suspend_tree *tree, PyObject *function,
                       struct suspend_scope *outer) {
    int status = -1;
    PyObject *updated = NULL;
    struct collector self = {.scope = scope, .tree = tree};
    *scope = (struct suspend_scope){.outer = outer};
    scope->variables = PySet_New(NULL);
    self.globals = PySet_New(NULL);
    if (scope->variables == NULL || self.globals == NULL)
        goto done;
    if (collect_parameters(&self, function) < 0 ||
        suspend_tree_walk_field(tree, function, tree->words.body, collect, &self) < 0)
        goto done;
    updated = PyObject_CallMethod(scope->variables, "difference_update", "O", self.globals);
    status = updated ? 0 : -1;
done:
    Py_XDECREF(updated);
    Py_XDECREF(self.globals);
    return status;
}

void suspend_scope_close(struct suspend_scope *scope) {
    Py_CLEAR(scope->variables);
}

int suspend_scope_has(const struct suspend_scope *scope, PyObject *name) {
    int found = 0;
    for (; scope != NULL && found == 0; scope = scope->outer)
        found = PySet_Contains(scope->variables, name);
    return found;
}

/* They work on the frame that calls them. */
static bool is_plain_name(PyObject *name) {
    static const char *const names[] = {"super",   "locals", "eval", "exec",
                                        "globals", "vars",   "dir"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (PyUnicode_CompareWithASCIIString(name, names[i]) == 0)
            return true;
    return false;
}

/* The name of a method; none if it is a literal's, as in ", ".join(...): built in, and
 * called too often to be taken for rebeam.join. */
static int method_name(struct suspend_tree *tree, PyObject *func, PyObject **name) {
    PyObject *value = suspend_tree_get(func, tree->words.value);
    int kind = value ? suspend_tree_kind(tree, value) : -1;
    Py_XDECREF(value);
    if (kind < 0 || kind == SUSPEND_KIND_Constant)
        return kind < 0 ? -1 : 0;
    *name = suspend_tree_get(func, tree->words.attr);
    return *name ? 0 : -1;
}

int suspend_scope_callee(const struct suspend_scope *scope, struct suspend_tree *tree,
                         PyObject *call, struct suspend_callee *callee) {
    int status = -1;
    int found = 0;
    *callee = (struct suspend_callee){.name = NULL};
    PyObject *func = suspend_tree_get(call, tree->words.func);
    int kind = func ? suspend_tree_kind(tree, func) : -1;
    if (kind < 0)
        goto done;
    if (kind == SUSPEND_KIND_Name) {
        callee->name = suspend_tree_get(func, tree->words.id);
        found = callee->name ? suspend_scope_has(scope, callee->name) : -1;
        if (found < 0)
            goto done;
        callee->unknown = found > 0;
        callee->plain = is_plain_name(callee->name);
    } else if (kind == SUSPEND_KIND_Attribute) {
        if (method_name(tree, func, &callee->name) < 0)
            goto done;
    } else {
        callee->unknown = true;
    }
    status = 0;
done:
    Py_XDECREF(func);
    return status;
}
