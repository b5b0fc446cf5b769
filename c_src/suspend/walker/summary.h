/* What suspend_scan tells of one module, as it grows.
 *
 * A summary is a tuple of four lists, made of str, int, bool and tuples only, so that it can be
 * marshalled:
 *   functions  (name, unknown, callees): `name` is "" for a lambda that no name is
 *              given to, None for an async def, which is not suspended by being
 *              called; `unknown` tells that it calls what a variable holds
 *   aliases    (name, source): `name` may stand for `source`; "" for any value
 *   escapes    names used as a value, so that a variable may hold them
 *   imports    (module or "", level, names): `names` is empty for `import module`
 *
 * Who scans owns it; the items given are borrowed. GIL held. All return 0, or -1 with an exception,
 * if nothing else is said.
 */
#ifndef REBEAM_SUSPEND_WALKER_SUMMARY_H
#define REBEAM_SUSPEND_WALKER_SUMMARY_H

#include "base/python.h"

#include <stdbool.h>

struct suspend_summary {
    PyObject *functions, *aliases, *imports; /* lists */
    PyObject *escapes;                       /* a set */
};

/* suspend_summary_close is due in both cases. */
int suspend_summary_open(struct suspend_summary *self);
void suspend_summary_close(struct suspend_summary *self);

int suspend_summary_function(struct suspend_summary *self, PyObject *name, bool unknown,
                             PyObject *callees);
/* The last function that was added may be called as `name` too. */
int suspend_summary_function_again(struct suspend_summary *self, PyObject *name);
/* `source` is NULL for any value. */
int suspend_summary_alias(struct suspend_summary *self, PyObject *name, PyObject *source);
int suspend_summary_escape(struct suspend_summary *self, PyObject *name);
/* `level` is a number; `module` is None for `from . import names`. */
int suspend_summary_import(struct suspend_summary *self, PyObject *module, PyObject *level,
                           PyObject *names);

/* The tuple: a new reference, or NULL with an exception. */
PyObject *suspend_summary_tuple(const struct suspend_summary *self);

#endif
