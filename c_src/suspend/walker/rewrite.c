/* suspend_rewrite: makes the tree of a module asynchronous, in place.
 *
 *   f(a, k=b)   in a def      -> result(await call(f, a, k=b))
 *               in async def  -> result(await bridge(call(f, a, k=b)))
 *               in a lambda   -> result((yield from call(f, a, k=b)))
 *   f(*a, **k)                -> result(await spread(f)(*a, **k))
 *   [f(x) for x in y]         -> result([... for x in y])         3.11 only
 *   def f(): body             -> async def f():
 *                                    try: body
 *                                    except StopIteration: return mark()
 *
 * `call`, `result` and so on are constants that suspend_pair replaces (see
 * SUSPEND_PLACES), so that no name of the user's can be in their way. The `try`
 * is there because a coroutine turns StopIteration into RuntimeError (PEP 479).
 * A def or lambda without such a call stays as it is, as do generators. An async
 * def, also one that is a generator, gets nothing but the new calls. All new nodes are located
 * where CPython would locate the call, so that tracebacks are the same.
 */
#include "suspend/walker/rewrite.h"

#include "suspend/private.h"
#include "suspend/walker/comprehension.h"
#include "suspend/walker/node.h"
#include "suspend/walker/scope.h"

struct rewrite {
    struct suspend_tree *tree;
    struct suspend_state *state;
    PyObject *names; /* the suspendable ones */
    bool unknown;    /* calls of variables too */
    enum suspend_where where;
    struct suspend_scope *scope;
    size_t rewritten; /* calls, in the function being walked */
    int depth;
};

static PyObject *rewrite_node(void *context, PyObject *node);

static int rewrite_fields(struct rewrite *self, PyObject *node, PyObject *const *words,
                          size_t count) {
    for (size_t i = 0; i < count; i++)
        if (suspend_tree_walk_field(self->tree, node, words[i], rewrite_node, self) < 0)
            return -1;
    return 0;
}

static int rewrite_field(struct rewrite *self, PyObject *node, PyObject *word) {
    return rewrite_fields(self, node, &word, 1);
}

/* ---- calls -------------------------------------------------------------*/

static int may_suspend(struct rewrite *self, PyObject *call) {
    struct suspend_callee callee;
    int suspends = -1;
    if (self->where == SUSPEND_IN_PLAIN)
        return 0;
    if (suspend_scope_callee(self->scope, self->tree, call, &callee) < 0)
        goto done;
    if (callee.plain)
        suspends = 0;
    else if (self->state->all || (self->unknown && callee.unknown))
        suspends = 1;
    else
        suspends = callee.name ? PySet_Contains(self->names, callee.name) : 0;
done:
    Py_XDECREF(callee.name);
    return suspends;
}

static PyObject *rewrite_call(struct rewrite *self, PyObject *node) {
    int suspends = may_suspend(self, node);
    if (suspends < 0 || suspend_tree_walk(self->tree, node, rewrite_node, self) < 0)
        return NULL;
    if (!suspends)
        return Py_NewRef(node);
    self->rewritten++;
    return suspend_node_call(self->state, node, self->where);
}

/* ---- functions ---------------------------------------------------------*/

/* What is evaluated where the function is defined. Annotations are left alone:
 * depending on version and __future__, they are text or have a scope of their own. */
static int rewrite_around(struct rewrite *self, PyObject *function) {
    PyObject *const words[] = {self->tree->words.defaults, self->tree->words.kw_defaults};
    if (rewrite_field(self, function, self->tree->words.decorator_list) < 0)
        return -1;
    PyObject *args = suspend_tree_get(function, self->tree->words.args);
    int status = args ? rewrite_fields(self, args, words, 2) : -1;
    Py_XDECREF(args);
    return status;
}

/* Walks a body that will run at `where`, unless it is a plain generator's. Returns
 * whether calls of this very body were rewritten, or -1. */
static int rewrite_body(struct rewrite *self, PyObject *function, enum suspend_where where) {
    struct rewrite saved = *self;
    struct suspend_scope scope;
    int rewritten = -1;
    if (suspend_scope_open(&scope, self->tree, function, saved.scope) < 0)
        goto done;
    self->scope = &scope;
    bool plain = scope.generator && where != SUSPEND_IN_ASYNC;
    self->where = plain ? SUSPEND_IN_PLAIN : where;
    self->rewritten = 0;
    if (rewrite_field(self, function, self->tree->words.body) == 0)
        rewritten = self->rewritten > 0;
done:
    suspend_scope_close(&scope);
    self->scope = saved.scope;
    self->where = saved.where;
    self->rewritten = saved.rewritten;
    return rewritten;
}

static PyObject *rewrite_function(struct rewrite *self, PyObject *node) {
    if (rewrite_around(self, node) < 0)
        return NULL;
    int rewritten = rewrite_body(self, node, SUSPEND_IN_TWIN);
    if (rewritten < 0)
        return NULL;
    return rewritten ? suspend_node_async_def(self->state, node) : Py_NewRef(node);
}

static PyObject *rewrite_async_function(struct rewrite *self, PyObject *node) {
    if (rewrite_around(self, node) < 0 || rewrite_body(self, node, SUSPEND_IN_ASYNC) < 0)
        return NULL;
    return Py_NewRef(node);
}

static PyObject *rewrite_lambda(struct rewrite *self, PyObject *node) {
    if (rewrite_around(self, node) < 0 || rewrite_body(self, node, SUSPEND_IN_LAMBDA) < 0)
        return NULL;
    return Py_NewRef(node);
}

/* ---- other scopes ------------------------------------------------------*/

static int rewrite_fields_plain(struct rewrite *self, PyObject *node, PyObject *const *words,
                                size_t count) {
    enum suspend_where where = self->where;
    self->where = SUSPEND_IN_PLAIN;
    int status = rewrite_fields(self, node, words, count);
    self->where = where;
    return status;
}

/* The bases of a class with type parameters are evaluated in a scope of their own. */
static PyObject *rewrite_class(struct rewrite *self, PyObject *node) {
    const struct suspend_tree *tree = self->tree;
    PyObject *const words[] = {tree->words.bases, tree->words.keywords};
    PyObject *params = suspend_tree_get(node, tree->words.type_params);
    bool generic = params != NULL && PyList_Check(params) && PyList_Size(params) > 0;
    int status = params ? rewrite_field(self, node, tree->words.decorator_list) : -1;
    if (status == 0)
        status = (generic ? rewrite_fields_plain : rewrite_fields)(self, node, words, 2);
    if (status == 0)
        status = rewrite_fields_plain(self, node, &tree->words.body, 1);
    Py_XDECREF(params);
    return status < 0 ? NULL : Py_NewRef(node);
}

/* One `for ... in ... if ...`; only the first iterable belongs to the scope around. */
static int rewrite_generator(struct rewrite *self, PyObject *node, bool first) {
    const struct suspend_tree *tree = self->tree;
    PyObject *const words[] = {tree->words.target, tree->words.ifs};
    int status = first ? rewrite_field(self, node, tree->words.iter)
                       : rewrite_fields_plain(self, node, &tree->words.iter, 1);
    return status < 0 ? -1 : rewrite_fields_plain(self, node, words, 2);
}

/* A generator expression, or a comprehension where it cannot be asynchronous. */
static PyObject *rewrite_plain_comprehension(struct rewrite *self, PyObject *node) {
    const struct suspend_tree *tree = self->tree;
    PyObject *const words[] = {tree->words.elt, tree->words.key, tree->words.value};
    PyObject *generators = suspend_tree_get(node, tree->words.generators);
    int status = generators ? rewrite_fields_plain(self, node, words, 3) : -1;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_Size(generators); i++)
        status = rewrite_generator(self, PyList_GetItem(generators, i), i == 0);
    Py_XDECREF(generators);
    return status < 0 ? NULL : Py_NewRef(node);
}

static PyObject *rewrite_children(struct rewrite *self, PyObject *node) {
    return suspend_tree_walk(self->tree, node, rewrite_node, self) < 0 ? NULL : Py_NewRef(node);
}

static PyObject *rewrite_comprehension(struct rewrite *self, PyObject *node) {
    size_t before = self->rewritten;
    if (self->where != SUSPEND_IN_TWIN && self->where != SUSPEND_IN_ASYNC)
        return rewrite_plain_comprehension(self, node);
    PyObject *walked = rewrite_children(self, node);
    if (walked == NULL || self->rewritten == before || !suspend_comprehension_is_code())
        return walked;
    PyObject *result = suspend_node_result(self->state, walked);
    Py_DECREF(walked);
    return result;
}

static PyObject *rewrite_annotated(struct rewrite *self, PyObject *node) {
    PyObject *const words[] = {self->tree->words.target, self->tree->words.value};
    return rewrite_fields(self, node, words, 2) < 0 ? NULL : Py_NewRef(node);
}

/* A type alias is evaluated in a scope of its own. */
static PyObject *rewrite_nothing(struct rewrite *self, PyObject *node) {
    (void)self;
    return Py_NewRef(node);
}

static PyObject *rewrite_node(void *context, PyObject *node) {
    typedef PyObject *(*visitor)(struct rewrite *, PyObject *);
    static const visitor visitors[SUSPEND_KIND_COUNT] = {
        [SUSPEND_KIND_AnnAssign] = rewrite_annotated,
        [SUSPEND_KIND_AsyncFunctionDef] = rewrite_async_function,
        [SUSPEND_KIND_Call] = rewrite_call,
        [SUSPEND_KIND_ClassDef] = rewrite_class,
        [SUSPEND_KIND_DictComp] = rewrite_comprehension,
        [SUSPEND_KIND_FunctionDef] = rewrite_function,
        [SUSPEND_KIND_GeneratorExp] = rewrite_plain_comprehension,
        [SUSPEND_KIND_Lambda] = rewrite_lambda,
        [SUSPEND_KIND_ListComp] = rewrite_comprehension,
        [SUSPEND_KIND_SetComp] = rewrite_comprehension,
        [SUSPEND_KIND_TypeAlias] = rewrite_nothing,
    };
    struct rewrite *self = context;
    int kind = suspend_tree_kind(self->tree, node);
    if (kind < 0)
        return NULL;
    if (self->depth >= SUSPEND_TREE_DEPTH_MAX) {
        PyErr_SetString(PyExc_RecursionError, "source code is nested too deeply");
        return NULL;
    }
    self->depth++;
    PyObject *result = (visitors[kind] ? visitors[kind] : rewrite_children)(self, node);
    self->depth--;
    return result;
}

PyObject *suspend_rewrite(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *root;
    int unknown;
    struct suspend_state *state = suspend_state_get();
    struct rewrite self = {.tree = &state->tree, .state = state, .where = SUSPEND_IN_PLAIN};
    if (!PyArg_ParseTuple(args, "OOp:suspend_rewrite", &root, &self.names, &unknown))
        return NULL;
    self.unknown = unknown != 0;
    if (suspend_tree_walk(self.tree, root, rewrite_node, &self) < 0)
        return NULL;
    Py_RETURN_NONE;
}
