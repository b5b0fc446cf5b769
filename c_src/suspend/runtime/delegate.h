/* What a twin awaits where the coroutine's outcome is not yet the call's. GIL held. */
#ifndef REBEAM_SUSPEND_RUNTIME_DELEGATE_H
#define REBEAM_SUSPEND_RUNTIME_DELEGATE_H

#include "base/python.h"

struct suspend_state;

int suspend_delegate_init(struct suspend_state *state);
/* Around a lambda's generator (`instance` is NULL), or around the coroutine of the
 * __init__ of `instance`, which runs in a Context of its own if it begins now. Takes `inner`, also
 * on failure. */
PyObject *suspend_delegate_new(const struct suspend_state *state, PyObject *inner,
                               PyObject *instance);

#endif
