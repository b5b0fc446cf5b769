/* Standard input across the hand-over.
 *
 * A VM reads its standard input ahead. Before it is replaced, its descriptor 0
 * is moved away, what it has read is collected by Elixir, and the successor
 * gets a descriptor 0 that begins with those bytes:
 *
 *   regular file   seek back
 *   pipe, socket   a new pipe, filled with the bytes; if more may follow or they
 *                  do not fit, a small process copies them and then the rest
 *   anything else  untouched: a terminal stays the terminal
 *
 * What is detached is kept in a descriptor of this process until it is attached again. A failure is
 * `{error, Text}`.
 */
#ifndef REBEAM_LOADER_STDIN_H
#define REBEAM_LOADER_STDIN_H

#include <erl_nif.h>

/* () -> file | pipe | other. After `file` and `pipe` the VM reads end of file from its descriptor
 * 0, and stdin_attach must follow. */
ERL_NIF_TERM stdin_detach(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Bytes) -> ok | {error, Text}. Gives descriptor 0 back, beginning with the bytes that were read
 * from it. */
ERL_NIF_TERM stdin_attach(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
