/* The functions that stand in a twin's constants: see SUSPEND_PLACES. GIL held. */
#ifndef REBEAM_SUSPEND_RUNTIME_PLACE_H
#define REBEAM_SUSPEND_RUNTIME_PLACE_H

#include "base/python.h"

struct suspend_state;

/* Makes them, and the markers that stand for them in the rewritten tree. 0, or -1. */
int suspend_place_init(struct suspend_state *state);

#endif
