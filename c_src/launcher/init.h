#ifndef LAUNCHER_INIT_H
#define LAUNCHER_INIT_H

/* In the first process of a container: returns in a child, and stays with the duties of an
 * init process, which are to reap orphans, to pass signals on, and to end as the child does.
 * In any other process it returns at once. */
void init_if_first(void);

#endif
