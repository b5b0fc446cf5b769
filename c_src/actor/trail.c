#include "actor/trail.h"

#include "actor/job.h"
#include "actor/life.h"
#include "actor/private.h"
#include "base/atoms.h"
#include "base/term.h"

enum { LONGEST = 8 };

/* Who called: a new reference to one of our actors, or NULL; then `sender` is a pid, or nil. */
static struct actor *caller_of(ErlNifEnv *env, const struct actor_job *job, ERL_NIF_TERM *sender) {
    struct actor *caller = job->work == WORK_CALL ? job->caller : NULL;
    *sender = atoms.nil;
    if (caller != NULL && caller->has_owner) {
        actor_keep(caller);
        return caller;
    }
    if (job->work == WORK_CALL)
        *sender = actor_job_sender(job, env);
    return NULL;
}

/* One of the callers. Takes its reference; returns what caller_of does of what it works on. */
static struct actor *follow(ErlNifEnv *env, struct actor *caller, ERL_NIF_TERM *step,
                            ERL_NIF_TERM *sender) {
    struct actor *next = NULL;
    ERL_NIF_TERM work = atoms.nil, subject = term_text(env, "");
    *sender = atoms.nil;
    pthread_mutex_lock(&caller->lock); /* what it works on stays for so long */
    const struct actor_job *job = caller->working;
    if (job != NULL) {
        work = actor_job_work_atom(job->work);
        subject = term_binary(env, job->subject, job->subject_length);
        next = caller_of(env, job, sender);
    }
    pthread_mutex_unlock(&caller->lock);
    *step = enif_make_tuple3(env, enif_make_pid(env, &caller->owner), work, subject);
    actor_release(caller);
    return next;
}

ERL_NIF_TERM trail_make(ErlNifEnv *env, const struct actor_job *job) {
    ERL_NIF_TERM steps[LONGEST + 1], sender;
    unsigned count = 0;
    struct actor *caller = caller_of(env, job, &sender);
    while (caller != NULL && count < LONGEST)
        caller = follow(env, caller, &steps[count++], &sender);
    if (caller != NULL)
        actor_release(caller);
    else if (sender != atoms.nil) /* of another VM, or of nobody's code */
        steps[count++] = enif_make_tuple3(env, sender, atoms.nil, term_text(env, ""));
    return enif_make_list_from_array(env, steps, count);
}
