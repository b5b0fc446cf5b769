/* The mark of a StopIteration: an ordinary result that is raised again at the call site. GIL held.
 */
#ifndef REBEAM_SUSPEND_RUNTIME_MARK_H
#define REBEAM_SUSPEND_RUNTIME_MARK_H

#include "base/python.h"

struct suspend_state;

int suspend_mark_init(struct suspend_state *state);
/* Stands for `exception`, which it takes, also on failure. New reference. */
PyObject *suspend_mark_new(const struct suspend_state *state, PyObject *exception);
/* Takes `value` and returns it, or raises what it stands for and returns NULL. */
PyObject *suspend_mark_resolve(const struct suspend_state *state, PyObject *value);

#endif
