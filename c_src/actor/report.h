/* What an actor's jobs tell the owner, and the callers that wait. GIL held. Nothing fails: what
 * cannot be told is told as that. */
#ifndef REBEAM_ACTOR_REPORT_H
#define REBEAM_ACTOR_REPORT_H

#include "base/python.h"

#include <erl_nif.h>
#include <stdbool.h>

struct actor;

void actor_report_word(struct actor *self, ERL_NIF_TERM word);
/* `later`: (has @start(continues=True), @idle's and hibernation's milliseconds or None), or None.
 * `over`: there is no @start to come, which would tell `done`. */
void actor_report_started(struct actor *self, PyObject *name, bool has_stop, PyObject *later,
                          bool over);
/* The exception that is set; the actor takes no more work. */
void actor_report_raised(struct actor *self);
/* The current job has had its thread for so many seconds. */
void actor_report_stuck(struct actor *self, unsigned long thread, long seconds);
/* A call or cast was handled with this result (borrowed). */
void actor_report_result(struct actor *self, PyObject *result);
/* The message of the current job could not be rebuilt: the exception that is set says why. */
void actor_report_refused(struct actor *self);

#endif
