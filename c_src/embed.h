/* CPython in this process, and its main thread.
 *
 * The thread that initialises CPython is Python's main thread: it gets the
 * signals, and the script's body runs on it. It is an OS thread of our own; the
 * schedulers only leave commands for it.
 *
 *   ABSENT --start--> IDLE --script--> BUSY --> IDLE --finish--> FINISHED
 *
 * While IDLE it looks for signals 20 times a second, so that handlers which the
 * user set run, and tells the script's process of Ctrl-C.
 *
 * All messages go to the process that gave the command:
 *   {'$rebeam', ready}  {'$rebeam', failed, Text}
 *   {'$rebeam', ended, PackedTrees, Handles}     the body ended
 *   {'$rebeam', exited, Status}                  sys.exit, an exception, or `finish` is done
 *   {'$rebeam', signal, Status}                  Ctrl-C, or an exit in a signal handler
 */
#ifndef REBEAM_EMBED_H
#define REBEAM_EMBED_H

#include <erl_nif.h>

/* (Arguments, PackageFolder) -> ok | {error, Text}. Arguments are python's own: [Executable | ...].
 */
ERL_NIF_TERM embed_nif_start(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Mode, Path) -> ok. Runs rebeam._boot.load(Mode, Path) as __main__. */
ERL_NIF_TERM embed_nif_script(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* () -> ok. Runs what Python does at exit; no script can follow. */
ERL_NIF_TERM embed_nif_finish(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

/* 130 for Ctrl-C: the process ends as if by the signal. */
enum { EMBED_STATUS_INTERRUPTED = 130 };

#endif
