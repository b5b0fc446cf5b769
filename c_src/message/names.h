/* Local names that were looked up before: a call by name goes as directly as one by id.
 *
 * Who knows them is Elixir (lib/rebeam/names.ex): it teaches what a look-up found, and every
 * registration and unregistration of a name makes all of it forgotten. Keys of registries
 * (lib/rebeam/registry/) are here too, under tokens that are no UTF-8; as there may be many, which
 * come and go, one that changes is forgotten alone. A process that died is not found here either,
 * so whoever asks has to ask Elixir then.
 *
 * Any thread; no GIL.
 */
#ifndef REBEAM_MESSAGE_NAMES_H
#define REBEAM_MESSAGE_NAMES_H

#include <erl_nif.h>
#include <stdbool.h>

/* True if the name is known; *pid was registered under it a moment ago. */
bool names_find(const char *name, size_t length, ErlNifPid *pid);

/* (Name) -> Version. To be asked before the look-up that is then taught. */
ERL_NIF_TERM names_nif_version(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Name, Pid, Version) -> ok. Nothing if the name may have changed since that version. */
ERL_NIF_TERM names_nif_learn(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* () -> ok. A name was registered or unregistered. */
ERL_NIF_TERM names_nif_changed(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Name) -> ok. This one changed. */
ERL_NIF_TERM names_nif_forget(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
