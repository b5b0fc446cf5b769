/* What an instance says of itself besides its handlers (rebeam._genpy.settings). GIL held. */
#ifndef REBEAM_ACTOR_SETTINGS_H
#define REBEAM_ACTOR_SETTINGS_H

#include "base/python.h"

#include <stdbool.h>

struct actor;

/* Learns what is particular about the new instance. *later as for actor_report_started: a new
 * reference. False with an exception. */
bool actor_settings_apply(struct actor *self, PyObject **later);

#endif
