/* What an interpreter gets once actors run in it; programs without actors stay as they are. */
#ifndef REBEAM_ACTOR_TUNE_H
#define REBEAM_ACTOR_TUNE_H

/* Actors run: threads that compute are to give way soon, unless the user chose the interval; what
 * waits for a lock is to hear of its end. GIL held. */
void actor_tune(void);

#endif
