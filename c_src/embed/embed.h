/* CPython in this process, and its main thread.
 *
 * The thread that initialises CPython is Python's main thread: it gets the
 * signals, and the script's body runs on it. It is an OS thread of our own; the
 * schedulers only leave commands for it.
 *
 *   ABSENT --start--> IDLE --script--> BUSY --> IDLE --finish--> FINISHED
 *
 * Commands are carried out in the order in which they came: of several scripts in one VM one
 * body runs at a time. While IDLE it looks for signals 20 times a second, so that handlers which
 * the user set run, and tells the script's process of Ctrl-C; a second one ends the process at
 * once.
 *
 * All messages go to the process that gave the command:
 *   {'$rebeam', ready, Maker}                    the handle of rebeam._program.boot.make
 *   {'$rebeam', failed, Text}
 *   {'$rebeam', script, Actor}                   the body begins
 *   {'$rebeam', ended, PackedTrees, Handles}     the body ended
 *   {'$rebeam', exited, Status}                  sys.exit, an exception, or `finish` is done
 *   {'$rebeam', raised, PackedStory}             the same of a supervised script
 *   {'$rebeam', signal, Status}                  Ctrl-C, or an exit in a signal handler; SIGTERM
 *                                                and SIGHUP, to who called `heed_signals`
 */
#ifndef REBEAM_EMBED_EMBED_H
#define REBEAM_EMBED_EMBED_H

#include "base/python.h"

#include <erl_nif.h>

/* (Arguments, PackageFolder) -> ok | {error, Text}. Arguments are python's own: [Executable | ...].
 */
ERL_NIF_TERM embed_nif_start(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Mode, Path, PackedArguments | nil, Supervised, Output) -> ok. Runs what
 * rebeam._program.boot.load makes of them as __main__. A supervised script is dropped with the
 * calling process, and its failure is told. */
ERL_NIF_TERM embed_nif_script(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* () -> ok. Runs what Python does at exit; no script can follow. */
ERL_NIF_TERM embed_nif_finish(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* () -> ok | error. The caller runs the program: SIGTERM and SIGHUP no longer end it at once. */
ERL_NIF_TERM embed_nif_heed_signals(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* () -> Status | nil, of the signal that asked for the program's end. One that comes from now on
 * ends the process at once. */
ERL_NIF_TERM embed_nif_end_signals(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
