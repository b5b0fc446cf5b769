#include "embed/tell.h"

#include "base/atoms.h"
#include "base/term.h"

void embed_tell(const ErlNifPid *owner, ErlNifEnv *env, ERL_NIF_TERM message) {
    enif_send(NULL, owner, env, message);
    enif_free_env(env);
}

void embed_tell_status(const ErlNifPid *owner, ERL_NIF_TERM word, int status) {
    ErlNifEnv *env = enif_alloc_env();
    embed_tell(owner, env, enif_make_tuple3(env, atoms.protocol, word, enif_make_int(env, status)));
}

void embed_tell_failed(const ErlNifPid *owner, const char *text) {
    ErlNifEnv *env = enif_alloc_env();
    embed_tell(owner, env,
               enif_make_tuple3(env, atoms.protocol, atoms.failed, term_text(env, text)));
}
