/* The answers to many calls that are waited for together, each in its place. The last one ends the
 * wait.
 *
 * Each call has a number of its actor's own, as a wait has, and they follow one another: so who
 * answers need not know that it is one of many. What comes for one of those numbers is kept here,
 * past executor and process, until all are there.
 *
 *   NEW --answers_begin--> OPEN --the last answer--> OVER: the job of the wait is delivered
 *                            \--answers_free, as nobody waits any more
 *
 * The request (message/request.h) owns it, and it owns its jobs. Guarded by the actor's lock while
 * it is open; any thread, no GIL.
 */
#ifndef REBEAM_ACTOR_ANSWERS_H
#define REBEAM_ACTOR_ANSWERS_H

#include <erl_nif.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct actor;
struct actor_job;

struct answers_call {
    ErlNifPid target;
    struct actor_job *job; /* owned: the call until it is sent; then NULL, or its answer */
};

struct answers {
    struct answers *next; /* of its actor */
    struct actor *actor;  /* a reference; NULL before it is begun */
    uint64_t sequence;    /* of the wait */
    uint64_t first;       /* the number of the first call */
    size_t count, open;
    struct actor_job *over; /* owned: what ends the wait; NULL once it has */
    struct answers_call calls[];
};

/* NULL without memory. All calls are to be filled in before it is begun. */
struct answers *answers_new(size_t count);
/* NULL is fine. */
void answers_free(struct answers *self);
/* The calls have their numbers, and answers come here. GIL held, as numbers are given. False
 * without memory. */
bool answers_begin(struct answers *self, struct actor *actor, uint64_t sequence);
/* Takes an answer to one of many: returns NULL, or what ends their wait, to be delivered. An answer
 * to anything else is returned as it is. */
struct actor_job *answers_take(struct actor_job *answer);
/* The numbers of the calls of that wait that are not answered yet, in an array that the caller
 * frees; NULL if there are none, or no memory. */
uint64_t *answers_open(struct actor *actor, uint64_t sequence, size_t *count);

#endif
