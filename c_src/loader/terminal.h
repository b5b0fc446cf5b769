/* The terminal as programs need it that show a screen: keys at once, and the screen's size.
 *
 * It is put back when the OS process ends, in whatever way it can notice.
 */
#ifndef REBEAM_LOADER_TERMINAL_H
#define REBEAM_LOADER_TERMINAL_H

#include <erl_nif.h>

/* () -> ok | {error, Text}. Keys come as they are typed, none is echoed or is a signal; what is
 * written goes to a screen of its own, without a cursor. */
ERL_NIF_TERM terminal_take(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* () -> ok. */
ERL_NIF_TERM terminal_give_back(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* () -> {Columns, Rows} | {error, Text}: standard output is none. */
ERL_NIF_TERM terminal_size(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Milliseconds) -> Bytes, none if no key came in that time | {error, Text}: there is no input any
 * more. */
ERL_NIF_TERM terminal_read(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
