/* What gives a name a value, for suspend_scan: assignments, keyword arguments, imports. */
#include "suspend/walker/scan.h"

#include <stdbool.h>

/* ---- aliases -----------------------------------------------------------*/

static int add_alias(struct scan *self, PyObject *name, const char *any, PyObject *source) {
    return suspend_scan_append(self->aliases, source ? Py_BuildValue("(OO)", name, source)
                                                     : Py_BuildValue("(Os)", name, any));
}

static bool may_hold_function(int kind) {
    return kind == SUSPEND_KIND_Call || kind == SUSPEND_KIND_Subscript ||
           kind == SUSPEND_KIND_IfExp || kind == SUSPEND_KIND_BoolOp ||
           kind == SUSPEND_KIND_NamedExpr || kind == SUSPEND_KIND_Await;
}

/* `name` is given the value of the expression `value`. Walks the value. */
static int scan_given(struct scan *self, PyObject *name, PyObject *value) {
    int kind = suspend_tree_kind(self->tree, value);
    if (kind == SUSPEND_KIND_Lambda)
        return suspend_scan_lambda(self, value, name);
    PyObject *source = kind < 0 ? NULL : suspend_scan_name(self, value);
    int status = source ? 0 : -1;
    if (status == 0 && source != Py_None) {
        int variable = suspend_scope_has(self->scope, source);
        status = variable < 0 ? -1 : add_alias(self, name, NULL, source);
        if (status == 0 && variable > 0)
            status = add_alias(self, name, "", NULL);
    } else if (status == 0) {
        status = may_hold_function(kind) ? add_alias(self, name, "", NULL) : 0;
        PyObject *walked = status == 0 ? suspend_scan_node(self, value) : NULL;
        status = walked ? 0 : -1;
        Py_XDECREF(walked);
    }
    Py_XDECREF(source);
    return status;
}

int suspend_given_assign(struct scan *self, PyObject *node) {
    PyObject *value = suspend_tree_get(node, self->tree->words.value);
    PyObject *targets = suspend_tree_get(node, self->tree->words.targets);
    int status = value && targets && PyList_CheckExact(targets) ? 0 : -1;
    bool walked = false;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_Size(targets); i++) {
        PyObject *name = suspend_scan_name(self, PyList_GetItem(targets, i));
        status = name ? 0 : -1;
        if (name != NULL && name != Py_None) {
            status = scan_given(self, name, value);
            walked = true;
        }
        Py_XDECREF(name);
    }
    if (status == 0 && !walked)
        status = suspend_tree_walk_field(self->tree, node, self->tree->words.value,
                                         suspend_scan_node, self);
    if (status == 0)
        status = suspend_tree_walk_field(self->tree, node, self->tree->words.targets,
                                         suspend_scan_node, self);
    Py_XDECREF(value);
    Py_XDECREF(targets);
    return status;
}

/* `field: Callable` in a class is an attribute that anything may be in. */
int suspend_given_annotated(struct scan *self, PyObject *node) {
    PyObject *target = suspend_tree_get(node, self->tree->words.target);
    PyObject *value = suspend_tree_get(node, self->tree->words.value);
    PyObject *name = target && value ? suspend_scan_name(self, target) : NULL;
    int status = name ? 0 : -1;
    if (status == 0 && name != Py_None) {
        if (self->class_name != NULL)
            status = add_alias(self, name, "", NULL);
        if (status == 0 && value != Py_None)
            status = scan_given(self, name, value);
    } else if (status == 0) {
        status = suspend_tree_walk_field(self->tree, node, self->tree->words.value,
                                         suspend_scan_node, self);
    }
    Py_XDECREF(name);
    Py_XDECREF(value);
    Py_XDECREF(target);
    return status;
}

/* f(handler=g): the callee may keep it under that name; g escapes all the same. */
int suspend_given_keyword(struct scan *self, PyObject *node) {
    PyObject *name = suspend_tree_get(node, self->tree->words.arg);
    PyObject *value = suspend_tree_get(node, self->tree->words.value);
    PyObject *source = name && value ? suspend_scan_name(self, value) : NULL;
    int status = source ? 0 : -1;
    if (status == 0 && name != Py_None && source != Py_None)
        status = add_alias(self, name, NULL, source);
    if (status == 0)
        status = suspend_tree_walk(self->tree, node, suspend_scan_node, self);
    Py_XDECREF(source);
    Py_XDECREF(value);
    Py_XDECREF(name);
    return status;
}

/* ---- imports -----------------------------------------------------------*/

static int scan_imported(struct scan *self, PyObject *alias, PyObject *names) {
    PyObject *name = suspend_tree_get(alias, self->tree->words.name);
    PyObject *asname = suspend_tree_get(alias, self->tree->words.asname);
    int status = name && asname ? PyList_Append(names, name) : -1;
    if (status == 0 && asname != Py_None)
        status = add_alias(self, asname, NULL, name);
    Py_XDECREF(name);
    Py_XDECREF(asname);
    return status;
}

static int scan_import_record(struct scan *self, PyObject *node, int kind, PyObject *names) {
    if (kind == SUSPEND_KIND_Import) {
        int status = 0;
        for (Py_ssize_t i = 0; status == 0 && i < PyList_Size(names); i++)
            status = suspend_scan_append(self->imports,
                                         Py_BuildValue("(Oi[])", PyList_GetItem(names, i), 0));
        return status;
    }
    PyObject *module = suspend_tree_get(node, self->tree->words.module);
    PyObject *level = suspend_tree_get(node, self->tree->words.level);
    int status = -1;
    if (module != NULL && level != NULL) {
        PyObject *const given_level = level == Py_None ? Py_False : level;
        status = suspend_scan_append(
            self->imports, module == Py_None ? Py_BuildValue("(sOO)", "", given_level, names)
                                             : Py_BuildValue("(OOO)", module, given_level, names));
    }
    Py_XDECREF(module);
    Py_XDECREF(level);
    return status;
}

int suspend_given_import(struct scan *self, PyObject *node) {
    PyObject *aliases = suspend_tree_get(node, self->tree->words.names);
    PyObject *names = PyList_New(0);
    int status = aliases && names && PyList_CheckExact(aliases) ? 0 : -1;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_Size(aliases); i++)
        status = scan_imported(self, PyList_GetItem(aliases, i), names);
    if (status == 0)
        status = scan_import_record(self, node, suspend_tree_kind(self->tree, node), names);
    Py_XDECREF(names);
    Py_XDECREF(aliases);
    return status;
}
