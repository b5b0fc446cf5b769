#include "suspend/walker/given.h"

/* ---- aliases -----------------------------------------------------------*/

static bool may_hold_function(int kind) {
    return kind == SUSPEND_KIND_Call || kind == SUSPEND_KIND_Subscript ||
           kind == SUSPEND_KIND_IfExp || kind == SUSPEND_KIND_BoolOp ||
           kind == SUSPEND_KIND_NamedExpr || kind == SUSPEND_KIND_Await;
}

/* `name` is given the value of the expression `value`. Walks the value. */
static int scan_given(struct suspend_given *self, PyObject *name, PyObject *value) {
    int kind = suspend_tree_kind(self->tree, value);
    PyObject *source = kind < 0 ? NULL : suspend_tree_name(self->tree, value);
    int status = source ? 0 : -1;
    if (status == 0 && source != Py_None) {
        int variable = suspend_scope_has(self->scope, source);
        status = variable < 0 ? -1 : suspend_summary_alias(&self->summary, name, source);
        if (status == 0 && variable > 0)
            status = suspend_summary_alias(&self->summary, name, NULL);
    } else if (status == 0) {
        status = may_hold_function(kind) ? suspend_summary_alias(&self->summary, name, NULL) : 0;
        self->lambda_name = kind == SUSPEND_KIND_Lambda ? name : NULL;
        PyObject *walked = status == 0 ? self->visit(self, value) : NULL;
        status = walked ? 0 : -1;
        Py_XDECREF(walked);
    }
    Py_XDECREF(source);
    return status;
}

int suspend_given_assign(struct suspend_given *self, PyObject *node) {
    PyObject *value = suspend_tree_get(node, self->tree->words.value);
    PyObject *targets = suspend_tree_get(node, self->tree->words.targets);
    int status = value && targets && PyList_CheckExact(targets) ? 0 : -1;
    bool walked = false;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_Size(targets); i++) {
        PyObject *name = suspend_tree_name(self->tree, PyList_GetItem(targets, i));
        status = name ? 0 : -1;
        if (name != NULL && name != Py_None) {
            status = scan_given(self, name, value);
            walked = true;
        }
        Py_XDECREF(name);
    }
    if (status == 0 && !walked)
        status =
            suspend_tree_walk_field(self->tree, node, self->tree->words.value, self->visit, self);
    if (status == 0)
        status =
            suspend_tree_walk_field(self->tree, node, self->tree->words.targets, self->visit, self);
    Py_XDECREF(value);
    Py_XDECREF(targets);
    return status;
}

/* `field: Callable` in a class is an attribute that anything may be in. */
int suspend_given_annotated(struct suspend_given *self, PyObject *node) {
    PyObject *target = suspend_tree_get(node, self->tree->words.target);
    PyObject *value = suspend_tree_get(node, self->tree->words.value);
    PyObject *name = target && value ? suspend_tree_name(self->tree, target) : NULL;
    int status = name ? 0 : -1;
    if (status == 0 && name != Py_None) {
        if (self->class_name != NULL)
            status = suspend_summary_alias(&self->summary, name, NULL);
        if (status == 0 && value != Py_None)
            status = scan_given(self, name, value);
    } else if (status == 0) {
        status =
            suspend_tree_walk_field(self->tree, node, self->tree->words.value, self->visit, self);
    }
    Py_XDECREF(name);
    Py_XDECREF(value);
    Py_XDECREF(target);
    return status;
}

/* f(handler=g): the callee may keep it under that name; g escapes all the same. */
int suspend_given_keyword(struct suspend_given *self, PyObject *node) {
    PyObject *name = suspend_tree_get(node, self->tree->words.arg);
    PyObject *value = suspend_tree_get(node, self->tree->words.value);
    PyObject *source = name && value ? suspend_tree_name(self->tree, value) : NULL;
    int status = source ? 0 : -1;
    if (status == 0 && name != Py_None && source != Py_None)
        status = suspend_summary_alias(&self->summary, name, source);
    if (status == 0)
        status = suspend_tree_walk(self->tree, node, self->visit, self);
    Py_XDECREF(source);
    Py_XDECREF(value);
    Py_XDECREF(name);
    return status;
}

/* ---- imports -----------------------------------------------------------*/

static int scan_imported(struct suspend_given *self, PyObject *alias, PyObject *names) {
    PyObject *name = suspend_tree_get(alias, self->tree->words.name);
    PyObject *asname = suspend_tree_get(alias, self->tree->words.asname);
    int status = name && asname ? PyList_Append(names, name) : -1;
    if (status == 0 && asname != Py_None)
        status = suspend_summary_alias(&self->summary, asname, name);
    Py_XDECREF(name);
    Py_XDECREF(asname);
    return status;
}

/* `import a, b`: each for itself. */
static int record_modules(struct suspend_given *self, PyObject *names) {
    PyObject *none = PyList_New(0), *top = PyLong_FromLong(0);
    int status = none && top ? 0 : -1;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_Size(names); i++)
        status = suspend_summary_import(&self->summary, PyList_GetItem(names, i), top, none);
    Py_XDECREF(top);
    Py_XDECREF(none);
    return status;
}

static int record_names(struct suspend_given *self, PyObject *node, PyObject *names) {
    PyObject *module = suspend_tree_get(node, self->tree->words.module);
    PyObject *level = suspend_tree_get(node, self->tree->words.level);
    int status = module && level
                     ? suspend_summary_import(&self->summary, module,
                                              level == Py_None ? Py_False : level, names)
                     : -1;
    Py_XDECREF(module);
    Py_XDECREF(level);
    return status;
}

int suspend_given_import(struct suspend_given *self, PyObject *node) {
    PyObject *aliases = suspend_tree_get(node, self->tree->words.names);
    PyObject *names = PyList_New(0);
    int status = aliases && names && PyList_CheckExact(aliases) ? 0 : -1;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_Size(aliases); i++)
        status = scan_imported(self, PyList_GetItem(aliases, i), names);
    if (status == 0)
        status = suspend_tree_kind(self->tree, node) == SUSPEND_KIND_Import
                     ? record_modules(self, names)
                     : record_names(self, node, names);
    Py_XDECREF(names);
    Py_XDECREF(aliases);
    return status;
}
