#include "actor/trail.h"

#include "actor/job.h"
#include "actor/life.h"
#include "actor/private.h"
#include "base/atoms.h"
#include "base/term.h"

enum { LONGEST = 8 };

/* One of the callers. Takes its reference; returns one to who called it, or NULL. */
static struct actor *follow(ErlNifEnv *env, struct actor *caller, ERL_NIF_TERM *step) {
    struct actor *next = NULL;
    ERL_NIF_TERM work = atoms.nil, subject = term_text(env, "");
    pthread_mutex_lock(&caller->lock); /* what it works on stays for so long */
    const struct actor_job *job = caller->working;
    if (job != NULL) {
        work = actor_job_work_atom(job->work);
        subject = term_binary(env, job->subject, job->subject_length);
        next = job->work == WORK_CALL ? job->caller : NULL;
    }
    if (next != NULL)
        actor_keep(next);
    pthread_mutex_unlock(&caller->lock);
    *step = enif_make_tuple3(env, enif_make_pid(env, &caller->owner), work, subject);
    actor_release(caller);
    return next;
}

ERL_NIF_TERM trail_make(ErlNifEnv *env, const struct actor_job *job) {
    ERL_NIF_TERM steps[LONGEST];
    unsigned count = 0;
    struct actor *caller = job->work == WORK_CALL ? job->caller : NULL;
    if (caller != NULL)
        actor_keep(caller);
    while (caller != NULL && caller->has_owner && count < LONGEST)
        caller = follow(env, caller, &steps[count++]);
    if (caller != NULL)
        actor_release(caller);
    return enif_make_list_from_array(env, steps, count);
}
