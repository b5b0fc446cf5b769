/* Python's `ast` nodes, seen from C.
 *
 * CPython's own node structs are internal and differ between versions, so the
 * walker works on the Python objects that compile(..., PyCF_ONLY_AST) makes,
 * by their `_fields`. Only the kinds it treats specially are told apart.
 */
#ifndef REBEAM_SUSPEND_WALKER_TREE_H
#define REBEAM_SUSPEND_WALKER_TREE_H

#include "base/python.h"

/* clang-format off */
#define SUSPEND_KINDS(X)                                                                          \
    X(AnnAssign) X(arg) X(Assign) X(AsyncFunctionDef) X(Attribute) X(Await) X(BoolOp) X(Call)     \
    X(ClassDef) X(Constant) X(DictComp) X(ExceptHandler) X(Expr) X(FunctionDef)                   \
    X(GeneratorExp) X(Global) X(IfExp) X(Import) X(ImportFrom) X(keyword) X(Lambda)               \
    X(ListComp) X(Load) X(MatchAs) X(MatchMapping) X(MatchStar) X(Name) X(NamedExpr) X(Return)    \
    X(SetComp) X(Starred) X(Subscript) X(Try) X(TypeAlias) X(Yield) X(YieldFrom)
/* clang-format on */

enum suspend_kind {
    SUSPEND_KIND_NONE,  /* not a node: a str, a number, None */
    SUSPEND_KIND_OTHER, /* a node that needs nothing special */
#define KIND(name) SUSPEND_KIND_##name,
    SUSPEND_KINDS(KIND)
#undef KIND
        SUSPEND_KIND_COUNT
};

/* Attribute names, interned once. */
/* clang-format off */
#define SUSPEND_WORDS(X)                                                                          \
    X(_fields) X(arg) X(args) X(asname) X(attr) X(bases) X(body) X(co_consts)                     \
    X(co_firstlineno) X(co_flags) X(co_freevars) X(co_name) X(col_offset) X(ctx)                  \
    X(decorator_list) X(defaults) X(elt) X(end_col_offset) X(end_lineno) X(finalbody) X(func)     \
    X(generators) X(handlers) X(id) X(ifs) X(iter) X(key) X(keywords) X(kw_defaults) X(kwarg)     \
    X(kwonlyargs) X(level) X(lineno) X(module) X(name) X(names) X(orelse) X(posonlyargs)          \
    X(replace) X(rest) X(target) X(targets) X(type) X(type_params) X(value) X(vararg)
/* clang-format on */

struct suspend_tree {
    PyObject *kinds;                       /* dict: class -> int, filled as classes are met */
    PyObject *classes[SUSPEND_KIND_COUNT]; /* NULL where this Python has no such node */
    PyObject *base;                        /* ast.AST */
    struct {
#define WORD(name) PyObject *name;
        SUSPEND_WORDS(WORD)
#undef WORD
    } words;
};

/* How deep a walk may nest: beyond what CPython's own parser lets through, and
 * within the 8 MB stack of a main thread. */
enum { SUSPEND_TREE_DEPTH_MAX = 6000 };

/* What a walk does with one node: returns a new reference to it, or to what
 * takes its place, or NULL with an exception set. */
typedef PyObject *(*suspend_visit)(void *context, PyObject *node);

/* 0, or -1 with an exception, as everywhere below. */
int suspend_tree_init(struct suspend_tree *tree);
/* -1 on failure. */
int suspend_tree_kind(struct suspend_tree *tree, PyObject *node);
/* New reference to an attribute; None if the node has no such attribute. */
PyObject *suspend_tree_get(PyObject *node, PyObject *word);
/* The last name of `f` or `a.b.f`: a new reference, or None for other expressions. NULL on
 * failure. */
PyObject *suspend_tree_name(struct suspend_tree *tree, PyObject *node);
/* Visits every node directly below `node`, in order, and stores the replacements. */
int suspend_tree_walk(struct suspend_tree *tree, PyObject *node, suspend_visit visit,
                      void *context);
/* The same for one field: a node, a list of nodes, or absent. */
int suspend_tree_walk_field(struct suspend_tree *tree, PyObject *node, PyObject *word,
                            suspend_visit visit, void *context);
/* The same for the nodes of a list. */
int suspend_tree_walk_list(struct suspend_tree *tree, PyObject *list, suspend_visit visit,
                           void *context);
/* New reference to a node of `kind` without fields, located at `at`. */
PyObject *suspend_tree_new(struct suspend_tree *tree, enum suspend_kind kind, PyObject *at);
/* Sets a field and takes `value`, also on failure and if it is NULL (then fails). */
int suspend_tree_set(PyObject *node, PyObject *word, PyObject *value);

#endif
