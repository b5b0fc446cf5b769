/* What is to be done for an interpreter's actors every few milliseconds: the executor's tick, which
 * it is given where it is made (embed/module.c). GIL held. */
#ifndef REBEAM_ACTOR_TICK_H
#define REBEAM_ACTOR_TICK_H

#include <stdbool.h>

/* True while anything is left. */
bool actor_tick(void);
/* The executor's `stuck`: the owner logs which message it is that holds the thread. False while it
 * waits for an answer there, as that may take its time. */
bool actor_stuck(void *actor, unsigned long thread, long seconds);

#endif
