/* StopIteration out of an asynchronous comprehension, on 3.11. GIL held. */
#ifndef REBEAM_SUSPEND_WALKER_COMPREHENSION_H
#define REBEAM_SUSPEND_WALKER_COMPREHENSION_H

#include "base/python.h"

#include <stdbool.h>

struct suspend_state;

/* Whether comprehensions are code objects of their own in this Python: 3.11. */
bool suspend_comprehension_is_code(void);
/* The code of an asynchronous comprehension, with a StopIteration made its result: a
 * new reference, or NULL. */
PyObject *suspend_comprehension_guard(const struct suspend_state *state, PyObject *code);

#endif
