/* suspend_scan: what one module contributes to the set of suspendable names.
 *
 * A summary is a tuple of four lists, made of str, int, bool and tuples only,
 * so that it can be marshalled:
 *   functions  (name, unknown, callees): `name` is "" for a lambda that no name is
 *              given to, None for an async def, which is not suspended by being
 *              called; `unknown` tells that it calls what a variable holds
 *   aliases    (name, source): `name` may stand for `source`; "" for any value
 *   escapes    names used as a value, so that a variable may hold them
 *   imports    (module or "", level, names): `names` is empty for `import module`
 */
#include "suspend/walker/scan.h"
#include "suspend/private.h"

#include <string.h>

int suspend_scan_append(PyObject *list, PyObject *item) {
    int status = item ? PyList_Append(list, item) : -1;
    Py_XDECREF(item);
    return status;
}

PyObject *suspend_scan_name(struct scan *self, PyObject *node) {
    int kind = suspend_tree_kind(self->tree, node);
    if (kind == SUSPEND_KIND_Name)
        return suspend_tree_get(node, self->tree->words.id);
    if (kind == SUSPEND_KIND_Attribute)
        return suspend_tree_get(node, self->tree->words.attr);
    return kind < 0 ? NULL : Py_NewRef(Py_None);
}

/* ---- functions ---------------------------------------------------------*/

/* Walks a body as a function of its own and records it. */
static int scan_body(struct scan *self, PyObject *function, PyObject *name) {
    struct scan saved = *self;
    struct suspend_scope scope;
    int status = -1;
    PyObject *callees = NULL;
    if (suspend_scope_open(&scope, self->tree, function, saved.scope) < 0)
        goto done;
    self->scope = &scope;
    self->callees = PySet_New(NULL);
    self->unknown = false;
    self->class_name = NULL;
    if (self->callees == NULL ||
        suspend_tree_walk_field(self->tree, function, self->tree->words.body, suspend_scan_node,
                                self) < 0)
        goto done;
    status = 0;
    if (name != Py_None && scope.generator)
        goto done; /* keeps its plain form, so it is never suspended */
    callees = PySequence_List(self->callees);
    status = callees
                 ? suspend_scan_append(
                       self->functions,
                       Py_BuildValue("(OOO)", name, self->unknown ? Py_True : Py_False, callees))
                 : -1;
done:
    Py_XDECREF(callees);
    if (self->callees != saved.callees)
        Py_XDECREF(self->callees);
    suspend_scope_close(&scope);
    self->scope = saved.scope;
    self->callees = saved.callees;
    self->unknown = saved.unknown;
    self->class_name = saved.class_name;
    return status;
}

static int scan_defaults(struct scan *self, PyObject *function) {
    PyObject *args = suspend_tree_get(function, self->tree->words.args);
    int status = args ? suspend_tree_walk_field(self->tree, args, self->tree->words.defaults,
                                                suspend_scan_node, self)
                      : -1;
    if (status == 0)
        status = suspend_tree_walk_field(self->tree, args, self->tree->words.kw_defaults,
                                         suspend_scan_node, self);
    Py_XDECREF(args);
    return status;
}

/* Decorators that call the function in no other way than its user would. */
static bool is_harmless_decorator(PyObject *name) {
    static const char *const names[] = {
        "start",    "receive",      "info",        "stop",           "code_change",
        "property", "staticmethod", "classmethod", "setter",         "getter",
        "deleter",  "override",     "final",       "abstractmethod", "wraps",
        "overload", "cache",        "lru_cache",   "contextmanager", "cached_property",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (PyUnicode_CompareWithASCIIString(name, names[i]) == 0)
            return true;
    return false;
}

static int decorator_is_harmless(struct scan *self, PyObject *decorator) {
    int kind = suspend_tree_kind(self->tree, decorator);
    PyObject *callee = kind == SUSPEND_KIND_Call
                           ? suspend_tree_get(decorator, self->tree->words.func)
                           : Py_NewRef(decorator);
    PyObject *name = kind < 0 || callee == NULL ? NULL : suspend_scan_name(self, callee);
    int harmless = name == NULL ? -1 : PyUnicode_Check(name) && is_harmless_decorator(name);
    Py_XDECREF(name);
    Py_XDECREF(callee);
    return harmless;
}

/* Another decorator gets the function as a value. */
static int scan_decorators(struct scan *self, PyObject *function, PyObject *name) {
    PyObject *decorators = suspend_tree_get(function, self->tree->words.decorator_list);
    int status = decorators && PyList_CheckExact(decorators) ? 0 : -1;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_Size(decorators); i++) {
        int harmless = decorator_is_harmless(self, PyList_GetItem(decorators, i));
        if (harmless <= 0)
            status = harmless < 0 ? -1 : PySet_Add(self->escapes, name);
    }
    Py_XDECREF(decorators);
    if (status < 0)
        return -1;
    return suspend_tree_walk_field(self->tree, function, self->tree->words.decorator_list,
                                   suspend_scan_node, self);
}

/* Calling a class calls its __init__: records the body walked last for the class too. */
static int record_constructor(struct scan *self, Py_ssize_t recorded_before) {
    Py_ssize_t last = PyList_Size(self->functions) - 1;
    if (last < recorded_before)
        return 0;
    PyObject *record = PyList_GetItem(self->functions, last);
    return suspend_scan_append(self->functions,
                               Py_BuildValue("(OOO)", self->class_name, PyTuple_GetItem(record, 1),
                                             PyTuple_GetItem(record, 2)));
}

static int scan_function(struct scan *self, PyObject *node) {
    PyObject *name = suspend_tree_get(node, self->tree->words.name);
    int status = name ? scan_decorators(self, node, name) : -1;
    if (status == 0)
        status = scan_defaults(self, node);
    Py_ssize_t recorded = PyList_Size(self->functions);
    if (status == 0)
        status = scan_body(self, node, name);
    if (status == 0 && self->class_name != NULL &&
        PyUnicode_CompareWithASCIIString(name, "__init__") == 0)
        status = record_constructor(self, recorded);
    Py_XDECREF(name);
    return status;
}

static int scan_async_function(struct scan *self, PyObject *node) {
    if (suspend_tree_walk_field(self->tree, node, self->tree->words.decorator_list,
                                suspend_scan_node, self) < 0 ||
        scan_defaults(self, node) < 0)
        return -1;
    return scan_body(self, node, Py_None);
}

int suspend_scan_lambda(struct scan *self, PyObject *node, PyObject *name) {
    return scan_defaults(self, node) < 0 ? -1 : scan_body(self, node, name);
}

static int scan_lambda(struct scan *self, PyObject *node) {
    PyObject *name = PyUnicode_FromString("");
    int status = name ? suspend_scan_lambda(self, node, name) : -1;
    Py_XDECREF(name);
    return status;
}

/* Calls in a class body stay plain. */
static int scan_class_body(struct scan *self, PyObject *node, PyObject *name) {
    PyObject *callees = self->callees;
    PyObject *class_name = self->class_name;
    self->callees = NULL;
    self->class_name = name;
    int status =
        suspend_tree_walk_field(self->tree, node, self->tree->words.body, suspend_scan_node, self);
    self->callees = callees;
    self->class_name = class_name;
    return status;
}

/* What constructs a base may construct the class. A base that is named does not escape. */
static int scan_base(struct scan *self, PyObject *base, PyObject *name) {
    PyObject *source = suspend_scan_name(self, base);
    if (source == NULL)
        return -1;
    int status = 0;
    if (source != Py_None) {
        status = suspend_scan_append(self->aliases, Py_BuildValue("(OO)", name, source));
    } else {
        PyObject *walked = suspend_scan_node(self, base);
        status = walked ? 0 : -1;
        Py_XDECREF(walked);
    }
    Py_DECREF(source);
    return status;
}

static int scan_bases(struct scan *self, PyObject *node, PyObject *name) {
    PyObject *bases = suspend_tree_get(node, self->tree->words.bases);
    int status = bases && PyList_CheckExact(bases) ? 0 : -1;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_Size(bases); i++)
        status = scan_base(self, PyList_GetItem(bases, i), name);
    Py_XDECREF(bases);
    return status;
}

static int scan_class(struct scan *self, PyObject *node) {
    PyObject *name = suspend_tree_get(node, self->tree->words.name);
    int status = name ? scan_bases(self, node, name) : -1;
    if (status == 0)
        status = suspend_tree_walk_field(self->tree, node, self->tree->words.decorator_list,
                                         suspend_scan_node, self);
    if (status == 0)
        status = suspend_tree_walk_field(self->tree, node, self->tree->words.keywords,
                                         suspend_scan_node, self);
    if (status == 0)
        status = scan_class_body(self, node, name);
    Py_XDECREF(name);
    return status;
}

/* ---- calls and values --------------------------------------------------*/

static int scan_callee(struct scan *self, PyObject *call) {
    struct suspend_callee callee;
    int status = suspend_scope_callee(self->scope, self->tree, call, &callee);
    if (status == 0 && self->callees != NULL && !callee.plain) {
        self->unknown |= callee.unknown;
        if (callee.name != NULL)
            status = PySet_Add(self->callees, callee.name);
    }
    Py_XDECREF(callee.name);
    return status;
}

/* The callee itself is no escape; what it is computed from may be. */
static int scan_call(struct scan *self, PyObject *node) {
    PyObject *func = suspend_tree_get(node, self->tree->words.func);
    int kind = func ? suspend_tree_kind(self->tree, func) : -1;
    int status = kind < 0 ? -1 : scan_callee(self, node);
    if (status == 0 && kind != SUSPEND_KIND_Name) {
        if (kind == SUSPEND_KIND_Attribute)
            status = suspend_tree_walk_field(self->tree, func, self->tree->words.value,
                                             suspend_scan_node, self);
        else
            status = suspend_tree_walk_field(self->tree, node, self->tree->words.func,
                                             suspend_scan_node, self);
    }
    Py_XDECREF(func);
    if (status == 0)
        status = suspend_tree_walk_field(self->tree, node, self->tree->words.args,
                                         suspend_scan_node, self);
    if (status == 0)
        status = suspend_tree_walk_field(self->tree, node, self->tree->words.keywords,
                                         suspend_scan_node, self);
    return status;
}

static int scan_value(struct scan *self, PyObject *node) {
    PyObject *context = suspend_tree_get(node, self->tree->words.ctx);
    int kind = context ? suspend_tree_kind(self->tree, context) : -1;
    Py_XDECREF(context);
    if (kind != SUSPEND_KIND_Load)
        return kind < 0 ? -1 : 0;
    PyObject *name = suspend_scan_name(self, node);
    int status = name ? PySet_Add(self->escapes, name) : -1;
    Py_XDECREF(name);
    return status;
}

/* `f` in f.x is not used as a value. */
static int scan_attribute(struct scan *self, PyObject *node) {
    PyObject *value = suspend_tree_get(node, self->tree->words.value);
    int kind = value ? suspend_tree_kind(self->tree, value) : -1;
    int status = kind < 0 ? -1 : scan_value(self, node);
    if (status == 0 && kind != SUSPEND_KIND_Name)
        status = suspend_tree_walk(self->tree, node, suspend_scan_node, self);
    Py_XDECREF(value);
    return status;
}

/* ---- the walk ----------------------------------------------------------*/

static int scan_children(struct scan *self, PyObject *node) {
    return suspend_tree_walk(self->tree, node, suspend_scan_node, self);
}

/* A type alias is evaluated in a scope of its own that cannot suspend. */
static int scan_nothing(struct scan *self, PyObject *node) {
    (void)self;
    (void)node;
    return 0;
}

PyObject *suspend_scan_node(void *context, PyObject *node) {
    typedef int (*visitor)(struct scan *, PyObject *);
    static const visitor visitors[SUSPEND_KIND_COUNT] = {
        [SUSPEND_KIND_AnnAssign] = suspend_given_annotated,
        [SUSPEND_KIND_Assign] = suspend_given_assign,
        [SUSPEND_KIND_AsyncFunctionDef] = scan_async_function,
        [SUSPEND_KIND_Attribute] = scan_attribute,
        [SUSPEND_KIND_Call] = scan_call,
        [SUSPEND_KIND_ClassDef] = scan_class,
        [SUSPEND_KIND_FunctionDef] = scan_function,
        [SUSPEND_KIND_Import] = suspend_given_import,
        [SUSPEND_KIND_ImportFrom] = suspend_given_import,
        [SUSPEND_KIND_Lambda] = scan_lambda,
        [SUSPEND_KIND_Name] = scan_value,
        [SUSPEND_KIND_TypeAlias] = scan_nothing,
        [SUSPEND_KIND_keyword] = suspend_given_keyword,
    };
    struct scan *self = context;
    int kind = suspend_tree_kind(self->tree, node);
    if (kind < 0)
        return NULL;
    if (self->depth >= SUSPEND_TREE_DEPTH_MAX) {
        PyErr_SetString(PyExc_RecursionError, "source code is nested too deeply");
        return NULL;
    }
    self->depth++;
    int status = (visitors[kind] ? visitors[kind] : scan_children)(self, node);
    self->depth--;
    return status < 0 ? NULL : Py_NewRef(node);
}

PyObject *suspend_scan(PyObject *module, PyObject *tree) {
    (void)module;
    PyObject *summary = NULL;
    PyObject *escapes = NULL;
    struct scan self = {.tree = &suspend_state_get()->tree};
    self.functions = PyList_New(0);
    self.aliases = PyList_New(0);
    self.escapes = PySet_New(NULL);
    self.imports = PyList_New(0);
    if (self.functions == NULL || self.aliases == NULL || self.escapes == NULL ||
        self.imports == NULL)
        goto done;
    if (suspend_tree_walk(self.tree, tree, suspend_scan_node, &self) < 0)
        goto done;
    escapes = PySequence_List(self.escapes);
    if (escapes != NULL)
        summary = PyTuple_Pack(4, self.functions, self.aliases, escapes, self.imports);
done:
    Py_XDECREF(escapes);
    Py_XDECREF(self.imports);
    Py_XDECREF(self.escapes);
    Py_XDECREF(self.aliases);
    Py_XDECREF(self.functions);
    return summary;
}
