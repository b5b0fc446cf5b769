/* Numbers that all of a program changes at once, without a message: counters, gauges, flags.
 *
 *   main node: cell_nif_share --address--> process unit: cell_nif_join
 *        \--------------------- one file in memory ---------------/
 *
 * They lie in one table, which is mapped into the OS process of the main node and into those of its
 * units, and are changed by atomic instructions. It is there for as long as the OS process. Which
 * number is which name's, lib/rebeam/counters.ex knows.
 *
 * Any thread, no GIL. Until the table is there, cell_at gives NULL.
 */
#ifndef REBEAM_COUNTER_CELL_H
#define REBEAM_COUNTER_CELL_H

#include <erl_nif.h>
#include <stdint.h>

/* A number of its own cache line: who changes one does not hold up who changes another. */
struct cell;

struct cell *cell_at(uint64_t index);

/* Whole numbers; beyond 64 bits they begin again at the other end, as OTP's atomics do. */
int64_t cell_get(const struct cell *self);
int64_t cell_add(struct cell *self, int64_t number);      /* what it is then */
int64_t cell_exchange(struct cell *self, int64_t number); /* what it was */

/* The same with a number that is a double. */
double cell_get_real(const struct cell *self);
double cell_add_real(struct cell *self, double number);
double cell_exchange_real(struct cell *self, double number);

/* () -> {ok, Address} | {error, Text}. The table is there from now on. */
ERL_NIF_TERM cell_nif_share(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Address) -> ok | {error, Text}. In a unit: that table is there from now on. */
ERL_NIF_TERM cell_nif_join(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Kind, Index) -> Number. Kind: integer | float, as everywhere here. */
ERL_NIF_TERM cell_nif_get(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Kind, Index, Number) -> Number, as it is then */
ERL_NIF_TERM cell_nif_add(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Kind, Index, Number) -> Number, as it was */
ERL_NIF_TERM cell_nif_exchange(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
