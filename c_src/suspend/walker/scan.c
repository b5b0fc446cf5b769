/* The walk of a module's tree: functions, classes, calls and values are here, what gives a name a
 * value is in suspend/walker/given.c. */
#include "suspend/walker/scan.h"

#include "suspend/private.h"
#include "suspend/walker/given.h"

static PyObject *scan_node(void *context, PyObject *node);

/* ---- functions ---------------------------------------------------------*/

/* Walks a body as a function of its own and records it. */
static int scan_body(struct suspend_given *self, PyObject *function, PyObject *name) {
    struct suspend_given saved = *self;
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
        suspend_tree_walk_field(self->tree, function, self->tree->words.body, scan_node, self) < 0)
        goto done;
    status = 0;
    if (name != Py_None && scope.generator)
        goto done; /* keeps its plain form, so it is never suspended */
    callees = PySequence_List(self->callees);
    status = callees ? suspend_summary_function(&self->summary, name, self->unknown, callees) : -1;
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

static int scan_defaults(struct suspend_given *self, PyObject *function) {
    PyObject *args = suspend_tree_get(function, self->tree->words.args);
    int status = args ? suspend_tree_walk_field(self->tree, args, self->tree->words.defaults,
                                                scan_node, self)
                      : -1;
    if (status == 0)
        status = suspend_tree_walk_field(self->tree, args, self->tree->words.kw_defaults, scan_node,
                                         self);
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

static int decorator_is_harmless(struct suspend_given *self, PyObject *decorator) {
    int kind = suspend_tree_kind(self->tree, decorator);
    PyObject *callee = kind == SUSPEND_KIND_Call
                           ? suspend_tree_get(decorator, self->tree->words.func)
                           : Py_NewRef(decorator);
    PyObject *name = kind < 0 || callee == NULL ? NULL : suspend_tree_name(self->tree, callee);
    int harmless = name == NULL ? -1 : PyUnicode_Check(name) && is_harmless_decorator(name);
    Py_XDECREF(name);
    Py_XDECREF(callee);
    return harmless;
}

/* Another decorator gets the function as a value. */
static int scan_decorators(struct suspend_given *self, PyObject *function, PyObject *name) {
    PyObject *decorators = suspend_tree_get(function, self->tree->words.decorator_list);
    int status = decorators && PyList_CheckExact(decorators) ? 0 : -1;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_Size(decorators); i++) {
        int harmless = decorator_is_harmless(self, PyList_GetItem(decorators, i));
        if (harmless <= 0)
            status = harmless < 0 ? -1 : suspend_summary_escape(&self->summary, name);
    }
    Py_XDECREF(decorators);
    if (status < 0)
        return -1;
    return suspend_tree_walk_field(self->tree, function, self->tree->words.decorator_list,
                                   scan_node, self);
}

/* Calling a class calls its __init__: records the body walked last for the class too. */
static int record_constructor(struct suspend_given *self, Py_ssize_t recorded_before) {
    if (PyList_Size(self->summary.functions) == recorded_before)
        return 0;
    return suspend_summary_function_again(&self->summary, self->class_name);
}

static int scan_function(struct suspend_given *self, PyObject *node) {
    PyObject *name = suspend_tree_get(node, self->tree->words.name);
    int status = name ? scan_decorators(self, node, name) : -1;
    if (status == 0)
        status = scan_defaults(self, node);
    Py_ssize_t recorded = PyList_Size(self->summary.functions);
    if (status == 0)
        status = scan_body(self, node, name);
    if (status == 0 && self->class_name != NULL &&
        PyUnicode_CompareWithASCIIString(name, "__init__") == 0)
        status = record_constructor(self, recorded);
    Py_XDECREF(name);
    return status;
}

static int scan_async_function(struct suspend_given *self, PyObject *node) {
    if (suspend_tree_walk_field(self->tree, node, self->tree->words.decorator_list, scan_node,
                                self) < 0 ||
        scan_defaults(self, node) < 0)
        return -1;
    return scan_body(self, node, Py_None);
}

static int scan_lambda(struct suspend_given *self, PyObject *node) {
    PyObject *given = self->lambda_name;
    self->lambda_name = NULL;
    PyObject *name = given ? Py_NewRef(given) : PyUnicode_FromString("");
    int status = name ? scan_defaults(self, node) : -1;
    if (status == 0)
        status = scan_body(self, node, name);
    Py_XDECREF(name);
    return status;
}

/* Calls in a class body stay plain. */
static int scan_class_body(struct suspend_given *self, PyObject *node, PyObject *name) {
    PyObject *callees = self->callees;
    PyObject *class_name = self->class_name;
    self->callees = NULL;
    self->class_name = name;
    int status = suspend_tree_walk_field(self->tree, node, self->tree->words.body, scan_node, self);
    self->callees = callees;
    self->class_name = class_name;
    return status;
}

/* What constructs a base may construct the class. A base that is named does not escape. */
static int scan_base(struct suspend_given *self, PyObject *base, PyObject *name) {
    PyObject *source = suspend_tree_name(self->tree, base);
    if (source == NULL)
        return -1;
    int status = 0;
    if (source != Py_None) {
        status = suspend_summary_alias(&self->summary, name, source);
    } else {
        PyObject *walked = scan_node(self, base);
        status = walked ? 0 : -1;
        Py_XDECREF(walked);
    }
    Py_DECREF(source);
    return status;
}

static int scan_bases(struct suspend_given *self, PyObject *node, PyObject *name) {
    PyObject *bases = suspend_tree_get(node, self->tree->words.bases);
    int status = bases && PyList_CheckExact(bases) ? 0 : -1;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_Size(bases); i++)
        status = scan_base(self, PyList_GetItem(bases, i), name);
    Py_XDECREF(bases);
    return status;
}

static int scan_class(struct suspend_given *self, PyObject *node) {
    PyObject *name = suspend_tree_get(node, self->tree->words.name);
    int status = name ? scan_bases(self, node, name) : -1;
    if (status == 0)
        status = suspend_tree_walk_field(self->tree, node, self->tree->words.decorator_list,
                                         scan_node, self);
    if (status == 0)
        status =
            suspend_tree_walk_field(self->tree, node, self->tree->words.keywords, scan_node, self);
    if (status == 0)
        status = scan_class_body(self, node, name);
    Py_XDECREF(name);
    return status;
}

/* ---- calls and values --------------------------------------------------*/

static int scan_callee(struct suspend_given *self, PyObject *call) {
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
static int scan_call(struct suspend_given *self, PyObject *node) {
    PyObject *func = suspend_tree_get(node, self->tree->words.func);
    int kind = func ? suspend_tree_kind(self->tree, func) : -1;
    int status = kind < 0 ? -1 : scan_callee(self, node);
    if (status == 0 && kind != SUSPEND_KIND_Name) {
        if (kind == SUSPEND_KIND_Attribute)
            status =
                suspend_tree_walk_field(self->tree, func, self->tree->words.value, scan_node, self);
        else
            status =
                suspend_tree_walk_field(self->tree, node, self->tree->words.func, scan_node, self);
    }
    Py_XDECREF(func);
    if (status == 0)
        status = suspend_tree_walk_field(self->tree, node, self->tree->words.args, scan_node, self);
    if (status == 0)
        status =
            suspend_tree_walk_field(self->tree, node, self->tree->words.keywords, scan_node, self);
    return status;
}

static int scan_value(struct suspend_given *self, PyObject *node) {
    PyObject *context = suspend_tree_get(node, self->tree->words.ctx);
    int kind = context ? suspend_tree_kind(self->tree, context) : -1;
    Py_XDECREF(context);
    if (kind != SUSPEND_KIND_Load)
        return kind < 0 ? -1 : 0;
    PyObject *name = suspend_tree_name(self->tree, node);
    int status = name ? suspend_summary_escape(&self->summary, name) : -1;
    Py_XDECREF(name);
    return status;
}

/* `f` in f.x is not used as a value. */
static int scan_attribute(struct suspend_given *self, PyObject *node) {
    PyObject *value = suspend_tree_get(node, self->tree->words.value);
    int kind = value ? suspend_tree_kind(self->tree, value) : -1;
    int status = kind < 0 ? -1 : scan_value(self, node);
    if (status == 0 && kind != SUSPEND_KIND_Name)
        status = suspend_tree_walk(self->tree, node, scan_node, self);
    Py_XDECREF(value);
    return status;
}

/* ---- the walk ----------------------------------------------------------*/

static int scan_children(struct suspend_given *self, PyObject *node) {
    return suspend_tree_walk(self->tree, node, scan_node, self);
}

/* A type alias is evaluated in a scope of its own that cannot suspend. */
static int scan_nothing(struct suspend_given *self, PyObject *node) {
    (void)self;
    (void)node;
    return 0;
}

static PyObject *scan_node(void *context, PyObject *node) {
    typedef int (*visitor)(struct suspend_given *, PyObject *);
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
    struct suspend_given *self = context;
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
    PyObject *tuple = NULL;
    struct suspend_given self = {.tree = &suspend_state_get()->tree, .visit = scan_node};
    if (suspend_summary_open(&self.summary) == 0 &&
        suspend_tree_walk(self.tree, tree, scan_node, &self) == 0)
        tuple = suspend_summary_tuple(&self.summary);
    suspend_summary_close(&self.summary);
    return tuple;
}
