/* Large memory for another OS process of this host, which then need not get it through a socket.
 *
 *   this process                                another one
 *   bytes --lend--> memfd, sealed <--open------ /proc/PID/fd/FD --take--> struct memory (a mapping)
 *                   struct memory_file
 *
 * It is copied once. The kernel keeps the pages as long as a descriptor or a mapping is left, so
 * nothing remains whichever process ends, and when. Sealed, it neither changes nor shrinks: a
 * reader's mapping is as safe as memory of its own.
 *
 * lib/rebeam/message/loans.ex decides what is lent to whom, and closes what was taken.
 */
#ifndef REBEAM_MEMORY_FILE_H
#define REBEAM_MEMORY_FILE_H

#include <erl_nif.h>
#include <stdbool.h>

/* Any thread, no GIL. */
bool memory_file_load(ErlNifEnv *env);

/* (Part) -> {File, {Pid, Descriptor, Name, Size}}, or nil where that cannot be done now */
ERL_NIF_TERM memory_file_nif_lend(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* ({Pid, Descriptor, Name, Size}) -> {ok, Part} | {error, Text} */
ERL_NIF_TERM memory_file_nif_take(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (File) -> {ok, Part} | {error, Text}: the lender's own view of it */
ERL_NIF_TERM memory_file_nif_map(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (File) -> ok. Nobody can take it from now on. */
ERL_NIF_TERM memory_file_nif_close(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

/* A file of zeros that other OS processes join and all write; its size stays. The descriptor, or -1
 * with errno. Where it is to be joined, as above, at `where`. */
int memory_file_share(ErlNifEnv *env, size_t size, ERL_NIF_TERM *where);
/* One of that size that another OS process shares: the descriptor, or -1. */
int memory_file_join(ErlNifEnv *env, ERL_NIF_TERM address, size_t size);

#endif
