/* Access to `ast` nodes by class and by field. */
#include "suspend/walker/tree.h"

static int intern_words(struct suspend_tree *tree) {
#define WORD(name)                                                                                 \
    if ((tree->words.name = PyUnicode_InternFromString(#name)) == NULL)                            \
        return -1;
    SUSPEND_WORDS(WORD)
#undef WORD
    return 0;
}

static int remember_kind(struct suspend_tree *tree, PyObject *class, long kind) {
    PyObject *number = PyLong_FromLong(kind);
    int status = number ? PyDict_SetItem(tree->kinds, class, number) : -1;
    Py_XDECREF(number);
    return status;
}

static int find_class(struct suspend_tree *tree, PyObject *ast, const char *name, int kind) {
    PyObject *class = PyObject_GetAttrString(ast, name);
    if (class == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError))
            return -1;
        PyErr_Clear(); /* a node that this Python does not have yet */
        return 0;
    }
    tree->classes[kind] = class;
    return remember_kind(tree, class, kind);
}

int suspend_tree_init(struct suspend_tree *tree) {
    static const char *const names[SUSPEND_KIND_COUNT] = {
#define KIND(name) [SUSPEND_KIND_##name] = #name,
        SUSPEND_KINDS(KIND)
#undef KIND
    };
    int status = -1;
    PyObject *ast = PyImport_ImportModule("_ast");
    if (ast == NULL || intern_words(tree) < 0)
        goto done;
    tree->kinds = PyDict_New();
    tree->base = PyObject_GetAttrString(ast, "AST");
    if (tree->kinds == NULL || tree->base == NULL)
        goto done;
    for (int kind = SUSPEND_KIND_OTHER + 1; kind < SUSPEND_KIND_COUNT; kind++)
        if (find_class(tree, ast, names[kind], kind) < 0)
            goto done;
    status = 0;
done:
    Py_XDECREF(ast);
    return status;
}

int suspend_tree_kind(struct suspend_tree *tree, PyObject *node) {
    PyObject *class = (PyObject *)Py_TYPE(node);
    PyObject *known = PyDict_GetItemWithError(tree->kinds, class);
    if (known != NULL)
        return (int)PyLong_AsLong(known);
    if (PyErr_Occurred())
        return -1;
    int is_node = PyObject_IsSubclass(class, tree->base);
    if (is_node < 0)
        return -1;
    int kind = is_node ? SUSPEND_KIND_OTHER : SUSPEND_KIND_NONE;
    return remember_kind(tree, class, kind) < 0 ? -1 : kind;
}

PyObject *suspend_tree_get(PyObject *node, PyObject *word) {
    PyObject *value = PyObject_GetAttr(node, word);
    if (value == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Clear();
        value = Py_NewRef(Py_None);
    }
    return value;
}

PyObject *suspend_tree_name(struct suspend_tree *tree, PyObject *node) {
    int kind = suspend_tree_kind(tree, node);
    if (kind == SUSPEND_KIND_Name)
        return suspend_tree_get(node, tree->words.id);
    if (kind == SUSPEND_KIND_Attribute)
        return suspend_tree_get(node, tree->words.attr);
    return kind < 0 ? NULL : Py_NewRef(Py_None);
}

/* Visits `child` if it is a node. *out is a new reference, NULL for what is no node. */
static int visit_node(struct suspend_tree *tree, PyObject *child, suspend_visit visit,
                      void *context, PyObject **out) {
    *out = NULL;
    int kind = suspend_tree_kind(tree, child);
    if (kind < 0)
        return -1;
    if (kind == SUSPEND_KIND_NONE)
        return 0;
    *out = visit(context, child);
    return *out ? 0 : -1;
}

int suspend_tree_walk_list(struct suspend_tree *tree, PyObject *list, suspend_visit visit,
                           void *context) {
    for (Py_ssize_t i = 0; i < PyList_Size(list); i++) {
        PyObject *child = Py_NewRef(PyList_GetItem(list, i));
        PyObject *visited = NULL;
        int status = visit_node(tree, child, visit, context, &visited);
        Py_DECREF(child);
        if (status < 0)
            return -1;
        if (visited == child)
            Py_DECREF(visited);
        else if (visited != NULL && PyList_SetItem(list, i, visited) < 0)
            return -1;
    }
    return 0;
}

int suspend_tree_walk_field(struct suspend_tree *tree, PyObject *node, PyObject *word,
                            suspend_visit visit, void *context) {
    int status = -1;
    PyObject *visited = NULL;
    PyObject *value = suspend_tree_get(node, word);
    if (value == NULL)
        return -1;
    if (PyList_CheckExact(value)) {
        status = suspend_tree_walk_list(tree, value, visit, context);
        goto done;
    }
    if (visit_node(tree, value, visit, context, &visited) < 0)
        goto done;
    if (visited != NULL && visited != value && PyObject_SetAttr(node, word, visited) < 0)
        goto done;
    status = 0;
done:
    Py_XDECREF(visited);
    Py_DECREF(value);
    return status;
}

int suspend_tree_walk(struct suspend_tree *tree, PyObject *node, suspend_visit visit,
                      void *context) {
    PyObject *fields = PyObject_GetAttr(node, tree->words._fields);
    int status = fields ? 0 : -1;
    for (Py_ssize_t i = 0; status == 0 && i < PyTuple_Size(fields); i++)
        status = suspend_tree_walk_field(tree, node, PyTuple_GetItem(fields, i), visit, context);
    Py_XDECREF(fields);
    return status;
}

/* Without __init__: since 3.13 that complains about fields that are yet to be set. */
static PyObject *new_bare(PyObject *class) {
    newfunc make = (newfunc)PyType_GetSlot((PyTypeObject *)class, Py_tp_new);
    PyObject *nothing = PyTuple_New(0);
    PyObject *node = nothing ? make((PyTypeObject *)class, nothing, NULL) : NULL;
    Py_XDECREF(nothing);
    return node;
}

PyObject *suspend_tree_new(struct suspend_tree *tree, enum suspend_kind kind, PyObject *at) {
    PyObject *const words[] = {tree->words.lineno, tree->words.end_lineno, tree->words.col_offset,
                               tree->words.end_col_offset};
    PyObject *node = new_bare(tree->classes[kind]);
    for (size_t i = 0; node != NULL && i < sizeof words / sizeof words[0]; i++)
        if (suspend_tree_set(node, words[i], suspend_tree_get(at, words[i])) < 0)
            Py_CLEAR(node);
    return node;
}

int suspend_tree_set(PyObject *node, PyObject *word, PyObject *value) {
    int status = value ? PyObject_SetAttr(node, word, value) : -1;
    Py_XDECREF(value);
    return status;
}
