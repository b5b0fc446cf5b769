#include "actor/tick.h"

#include "actor/announce.h"
#include "actor/kill.h"

bool actor_tick(void) {
    bool silent = actor_announce_tick(), ending = actor_kill_tick();
    return silent || ending;
}
