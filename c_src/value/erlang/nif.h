/* Rebeam.Native.value_pack/1 and its likes. On a normal scheduler, large values move to a dirty one
 * by themselves. No GIL; a failure is {error, Text}. */
#ifndef REBEAM_VALUE_ERLANG_NIF_H
#define REBEAM_VALUE_ERLANG_NIF_H

#include <erl_nif.h>

/* (Term) -> {ok, Binary} | {error, Text} */
ERL_NIF_TERM value_nif_pack(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Term) -> {ok, Payload} | {error, Text}: as a message has it, see value/parts.h. */
ERL_NIF_TERM value_nif_payload(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Payload) -> {ok, Term} | {error, Text}: bytes from anywhere, for which no atom is made. */
ERL_NIF_TERM value_nif_unpack(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* The same of a message: its pids may be of nodes that are new here. */
ERL_NIF_TERM value_nif_unpack_message(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
