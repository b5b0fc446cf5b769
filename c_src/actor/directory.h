/* All actors that have a process, by its pid: for who looks in, and nobody else.
 *
 * It keeps them until they end. Any thread; the locks are held for some instructions, and while a
 * shelf is walked along. */
#ifndef REBEAM_ACTOR_DIRECTORY_H
#define REBEAM_ACTOR_DIRECTORY_H

#include <erl_nif.h>
#include <stddef.h>

struct actor;

/* Once, of an actor that is whole. Without memory it is not found. */
void directory_add(struct actor *self);
/* Maybe gives the last reference back. Once is enough, more does no harm. */
void directory_remove(struct actor *self);
/* A new reference, or NULL. */
struct actor *directory_find(const ErlNifPid *pid);
/* About how many there are. */
size_t directory_count(void);
/* Calls `look` with each, under a lock that making and ending others needs: it reads, and waits for
 * nothing. */
void directory_walk(void (*look)(struct actor *each, void *state), void *state);

#endif
