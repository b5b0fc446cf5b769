/* What comes back to code that waits: a value, a reply, or an exception.
 *
 * An answer is a job, which owns it until a suspension takes it. What cannot be rebuilt becomes an
 * answer itself: the exception, or for a reply an ERROR.
 */
#ifndef REBEAM_ACTOR_ANSWER_H
#define REBEAM_ACTOR_ANSWER_H

#include "base/python.h"

#include <erl_nif.h>
#include <stdint.h>

struct actor;
struct actor_job;
struct value_packed;

/* {Status, Payload} to the waiting code of one of ours. Any thread, no GIL. */
void actor_reply(struct actor *caller, uint64_t sequence, ERL_NIF_TERM status,
                 const struct value_packed *payload);

/* A value, packed, which their processes need not hear of first. The same. */
void actor_answer_value(struct actor *waiting, uint64_t sequence, const unsigned char *bytes,
                        size_t length);

/* The job is a RESUME: to the thread that waits for it, or to the executor. Takes it. No GIL. */
void actor_answer_deliver(struct actor_job *job);
/* Finishes or fails the suspension. GIL held. */
void actor_answer_apply(struct actor_job *job, PyObject *suspension);
PyObject *actor_answer_status(ERL_NIF_TERM atom); /* borrowed */

#endif
