#include "actor/helper.h"

#include "actor/life.h"
#include "base/atoms.h"

#include <stdatomic.h>

/* A ticket has nothing in it: its process' memory has the only reference, and so its life is the
 * process'. */
static ErlNifResourceType *helper_type;
static atomic_ulong count;

static void destroy(ErlNifEnv *env, void *resource) {
    (void)env, (void)resource;
    atomic_fetch_sub(&count, 1);
}

bool actor_helper_load(ErlNifEnv *env) {
    helper_type = enif_open_resource_type(env, NULL, "rebeam_helper", destroy,
                                          ERL_NIF_RT_CREATE | ERL_NIF_RT_TAKEOVER, NULL);
    return helper_type != NULL;
}

unsigned long actor_helper_count(void) {
    return atomic_load(&count);
}

static ERL_NIF_TERM ticket_new(ErlNifEnv *env) {
    void *self = enif_alloc_resource(helper_type, 1);
    atomic_fetch_add(&count, 1);
    ERL_NIF_TERM term = enif_make_resource(env, self);
    enif_release_resource(self);
    return term;
}

ERL_NIF_TERM actor_nif_help(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *actor = actor_get(env, argv[0]);
    ErlNifPid pid;
    (void)argc;
    if ((actor == NULL && argv[0] != atoms.nil) || enif_self(env, &pid) == NULL)
        return enif_make_badarg(env);
    return actor == NULL || actor_serve(actor, &pid) ? ticket_new(env) : atoms.over;
}
