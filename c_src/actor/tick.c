#include "actor/tick.h"

#include "actor/announce.h"
#include "actor/job.h"
#include "actor/kill.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/report.h"

bool actor_tick(void) {
    bool silent = actor_announce_tick(), ending = actor_kill_tick();
    return silent || ending;
}

bool actor_stuck(void *actor, unsigned long thread, long seconds) {
    struct actor *self = actor;
    pthread_mutex_lock(&self->lock);
    bool waits = self->waiters != NULL;
    pthread_mutex_unlock(&self->lock);
    if (waits)
        return false;
    /* A function may run for ever, as a server does. */
    if (self->current != NULL && self->current->work != WORK_RUN && !actor_is_dead(self)) {
        actor_keep(self);
        actor_report_stuck(self, thread, seconds);
        actor_release(self);
    }
    return true;
}
