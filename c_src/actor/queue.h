/* An actor handles one message at a time: the others wait here, in order.
 *
 * The queue owns its jobs until they run. Guarded by the actor's lock; any thread, no GIL.
 */
#ifndef REBEAM_ACTOR_QUEUE_H
#define REBEAM_ACTOR_QUEUE_H

#include <erl_nif.h>
#include <stdbool.h>
#include <stdint.h>

struct actor;
struct actor_job;

/* Takes the job: it runs, waits, or, false, is dropped: its sender sees the process end. `env` is
 * the calling process's; NULL on a thread of no scheduler. */
bool actor_queue_add(ErlNifEnv *env, struct actor *self, struct actor_job *job);
/* The run is over: the next job, if any, goes to the executor. True if there is none and the
 * owner waits to hear that. */
bool actor_queue_next(struct actor *self);
/* The actor takes only STOP from now on; who waits will be told `reason` (UTF-8) once the owner is
 * gone, and with it its name. The first reason counts; with NULL it is said later. */
void actor_queue_end(struct actor *self, const char *reason, size_t length);
/* The job failed or was cut off: its caller waits for the owner's end with the others. Takes it. */
void actor_queue_return(struct actor *self, struct actor_job *job);
/* Senders find its mailbox from now on, and its queue past its process when the way there is open.
 * Once, before anything is sent there. False without memory. */
bool actor_queue_enlist(struct actor *self);
/* Calls and casts that wait are counted from now on, in a mailbox (message/mailbox.h); no more than
 * `limit` may, if it is above 0. By one thread at a time. False without memory. */
bool actor_queue_count(struct actor *self, long limit);
/* Whether they are. */
bool actor_queue_counts(struct actor *self);
/* How many of so many milliseconds are left until nothing has run or waited for all of them; 0:
 * they are over, and the next message tells the owner. Of a watched actor. */
int64_t actor_queue_rest(struct actor *self, int64_t limit);
/* The owner is gone: tells who waits, and empties the queue. Any thread. */
void actor_queue_drain(struct actor *self);
/* Takes the first event of that kind whose payload begins with `prefix` out of the queue. False if
 * there is none. */
bool actor_queue_withdraw(struct actor *self, const ErlNifBinary *kind, const ErlNifBinary *prefix);
/* The actor ends. True if nothing runs; else the owner is told when nothing does. */
bool actor_queue_close(struct actor *self);

#endif
