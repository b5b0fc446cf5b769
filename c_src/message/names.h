/* Local names that were looked up before: a call by name goes as directly as one by id.
 *
 * The registry is Elixir's (lib/rebeam/names.ex). It teaches what a look-up found,
 * and every registration and unregistration makes all of it forgotten. A process that
 * died is not found here either, so whoever asks has to ask the registry then.
 *
 * Any thread; no GIL.
 */
#ifndef REBEAM_MESSAGE_NAMES_H
#define REBEAM_MESSAGE_NAMES_H

#include <erl_nif.h>
#include <stdbool.h>

/* True if the name (UTF-8) is known; *pid was registered under it a moment ago. */
bool names_find(const char *name, size_t length, ErlNifPid *pid);

/* () -> Version. To be asked before the look-up that is then taught. */
ERL_NIF_TERM names_nif_version(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Name, Pid, Version) -> ok. Nothing if a name changed since that version. */
ERL_NIF_TERM names_nif_learn(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* () -> ok. A name was registered or unregistered. */
ERL_NIF_TERM names_nif_changed(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
