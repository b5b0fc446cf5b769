/* What gives a name a value: assignments, keyword arguments, imports. Part of the walk of
 * suspend/walker/scan.c, whose state is here, as both halves need it.
 *
 * GIL held. All return 0, or -1 with an exception.
 */
#ifndef REBEAM_SUSPEND_WALKER_GIVEN_H
#define REBEAM_SUSPEND_WALKER_GIVEN_H

#include "suspend/walker/scope.h"
#include "suspend/walker/summary.h"
#include "suspend/walker/tree.h"

struct suspend_given {
    struct suspend_tree *tree;
    struct suspend_summary summary;
    struct suspend_scope *scope; /* NULL outside functions */
    PyObject *callees;           /* set: of the function being walked; NULL outside */
    bool unknown;                /* of the function being walked */
    PyObject *class_name;        /* directly in the body of this class; else NULL. Borrowed */
    PyObject *lambda_name;       /* given to the lambda that is visited next; else NULL. Borrowed */
    suspend_visit visit;         /* walks a node of any kind: registered from above, by scan.c */
    int depth;
};

int suspend_given_assign(struct suspend_given *self, PyObject *node);
int suspend_given_annotated(struct suspend_given *self, PyObject *node);
int suspend_given_keyword(struct suspend_given *self, PyObject *node);
int suspend_given_import(struct suspend_given *self, PyObject *node);

#endif
