/* The scan of one module, shared by the two files that walk its tree. */
#ifndef REBEAM_SUSPEND_WALKER_SCAN_H
#define REBEAM_SUSPEND_WALKER_SCAN_H

#include "suspend/walker/scope.h"

struct scan {
    struct suspend_tree *tree;
    struct suspend_scope *scope; /* NULL outside functions */
    PyObject *callees;           /* set: of the function being walked; NULL outside */
    bool unknown;                /* of the function being walked */
    PyObject *class_name;        /* directly in the body of this class; else NULL. Borrowed */
    PyObject *functions, *aliases, *escapes, *imports;
    int depth;
};

/* All return 0, or -1 with an exception, if nothing else is said. */

/* Walks a node of any kind: a suspend_visit. */
PyObject *suspend_scan_node(void *context, PyObject *node);
/* Appends `item`, which it takes; NULL makes it fail. */
int suspend_scan_append(PyObject *list, PyObject *item);
/* The last name of `f` or `a.b.f`: a new reference, or None for other expressions. */
PyObject *suspend_scan_name(struct scan *self, PyObject *node);
/* Walks a lambda that `name` is given to. */
int suspend_scan_lambda(struct scan *self, PyObject *node, PyObject *name);

/* suspend/walker/given.c: nodes that give a name a value. */
int suspend_given_assign(struct scan *self, PyObject *node);
int suspend_given_annotated(struct scan *self, PyObject *node);
int suspend_given_keyword(struct scan *self, PyObject *node);
int suspend_given_import(struct scan *self, PyObject *node);

#endif
