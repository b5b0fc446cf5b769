/* What the process that gave a command hears: {'$rebeam', Word, ...}. See embed/embed.h and
 * embed/subinterpreter.h for the messages.
 *
 * An environment that is given is used up. Any thread, with or without the GIL. Who is gone hears
 * nothing, and that is no failure.
 */
#ifndef REBEAM_EMBED_TELL_H
#define REBEAM_EMBED_TELL_H

#include <erl_nif.h>

/* The status of who ended by a signal is this and its number; 130 for Ctrl-C: the process ends as
 * if by the signal. */
enum { EMBED_STATUS_SIGNAL = 128, EMBED_STATUS_INTERRUPTED = 130 };

void embed_tell(const ErlNifPid *owner, ErlNifEnv *env, ERL_NIF_TERM message);
/* {'$rebeam', Word, Status} */
void embed_tell_status(const ErlNifPid *owner, ERL_NIF_TERM word, int status);
/* {'$rebeam', failed, Text} */
void embed_tell_failed(const ErlNifPid *owner, const char *text);

#endif
