/* What an async def awaits where it calls what may suspend. GIL held. */
#ifndef REBEAM_SUSPEND_RUNTIME_BRIDGE_H
#define REBEAM_SUSPEND_RUNTIME_BRIDGE_H

#include "base/python.h"

struct suspend_state;

int suspend_bridge_init(struct suspend_state *state);
/* What an async def awaits in place of `inner`. Takes `inner`, also on failure. */
PyObject *suspend_bridge_new(const struct suspend_state *state, PyObject *inner);

#endif
