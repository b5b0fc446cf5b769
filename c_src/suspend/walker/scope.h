/* Which names a function binds, and what a call in it may reach. */
#ifndef REBEAM_SUSPEND_WALKER_SCOPE_H
#define REBEAM_SUSPEND_WALKER_SCOPE_H

#include <stdbool.h>

#include "suspend/walker/tree.h"

/* One function being walked; lives on the walk's stack. Classes and modules have
 * none: their variables are found by name, not through a closure. */
struct suspend_scope {
    struct suspend_scope *outer;
    PyObject *variables; /* set of str: parameters and what statements store */
    bool generator;      /* has a yield of its own */
};

/* Collects what `function` (a def or lambda node) binds. 0, or -1 with an exception;
 * suspend_scope_close is due in both cases. */
int suspend_scope_open(struct suspend_scope *scope, struct suspend_tree *tree, PyObject *function,
                       struct suspend_scope *outer);
void suspend_scope_close(struct suspend_scope *scope);
/* 1 if `name` is a variable of this function or one around it, 0 if not, -1 on failure. */
int suspend_scope_has(const struct suspend_scope *scope, PyObject *name);

/* The callee of one call. */
struct suspend_callee {
    PyObject *name; /* owned; `f` of f(x) and of a.b.f(x); NULL if it has none */
    bool unknown;   /* a variable or an expression: anything may be in it */
    bool plain;     /* looks at its caller's frame: never through a twin */
};

/* 0, or -1 with an exception. The caller releases callee->name. */
int suspend_scope_callee(const struct suspend_scope *scope, struct suspend_tree *tree,
                         PyObject *call, struct suspend_callee *callee);

#endif
