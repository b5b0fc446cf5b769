/* Primitives: the callables that suspensions come from.
 *
 * A primitive is a Python callable that may suspend. `begin` parses the
 * arguments (vectorcall convention, no offset flag) and returns a new reference
 * to a suspension, or NULL with an exception set. In a twin the suspension goes to
 * who steps the run. Elsewhere it is waited for as `waiting` says, which is registered
 * from above (primitive/primitive.c); so the primitive, called plainly, is
 * waiting->here(begin(...)).
 */
#ifndef REBEAM_SUSPEND_RUNTIME_PRIMITIVE_H
#define REBEAM_SUSPEND_RUNTIME_PRIMITIVE_H

#include "suspend/runtime/await.h"

struct suspend_state;

typedef PyObject *(*suspend_begin)(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

/* Returns a new reference to the callable; from now on the walker takes calls of that name for
 * calls that may suspend. `name`, `doc` and `waiting` are not copied. */
PyObject *suspend_primitive_new(const char *name, const char *doc, suspend_begin begin,
                                const struct suspend_waiting *waiting);
/* In twins, calls of `function` (any callable with a name, such as time.sleep) go to
 * `primitive` instead. Takes no reference it does not add; 16 at most. 0, or -1. */
int suspend_replace(PyObject *function, PyObject *primitive);

/* suspend_record(function or None, /): from now on function(name, args, kwargs) is called with each
 * use of a primitive, and what it returns, unless that is None, with what comes of that. If it
 * returns a tuple (value, raised), nothing is asked: the code gets that. */
PyObject *suspend_record(PyObject *module, PyObject *function);

/* ---- for the files of this folder ------------------------------------- */

int suspend_primitive_init(struct suspend_state *state);
/* Begins the primitive that `callable` is or is replaced with: a new reference to a
 * suspension, or NULL; without an exception if it is none. */
PyObject *suspend_primitive_begin(const struct suspend_state *state, PyObject *callable,
                                  PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);

#endif
