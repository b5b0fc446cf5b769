/* What Python prints for somebody else than this VM's own terminal: it goes to the group leader of
 * whoever started what prints it.
 *
 * A group leader has a number (lib/rebeam/output.ex); 0 is whoever has the standard output of this
 * OS process. Each actor has one, and each thread that runs no actor. What is printed is sent to
 * one process of this VM, the relay, which tells when the group leader has it. Who waits for that
 * holds no GIL.
 *
 *   {'$rebeam', printed, Number, Writer, Bytes, Sequence}   Sequence is 0 if nobody waits
 *
 * Writers are numbers as well: what one of them prints is a line of its own.
 */
#ifndef REBEAM_OUTPUT_OUTPUT_H
#define REBEAM_OUTPUT_OUTPUT_H

#include <erl_nif.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the calling thread, where it runs no actor. */
int64_t output_of_thread(void);
/* What the calling thread prints goes there from now on. */
void output_inherit(int64_t number);
/* So does what threads print that nobody told. */
void output_set_default(int64_t number);

/* Sends it. What is to be awaited, if `wait`, else 0; -1 if there is no relay. */
int64_t output_send(int64_t number, uint64_t writer, const void *bytes, size_t length, bool wait);
/* Waits for some milliseconds, without the GIL. Whether the group leader has it. */
bool output_await(int64_t sequence);
/* Sends a message to the relay, which frees `env`. */
void output_tell(ErlNifEnv *env, ERL_NIF_TERM message);

/* The program shows the progress of something in the last line of its terminal: a log entry is not
 * to be put behind that. */
void output_progress(void);
ERL_NIF_TERM output_nif_progress(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

/* () -> ok. The calling process is the relay: it has none of what was sent to the one before. */
ERL_NIF_TERM output_nif_attach(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* () -> ok. There is none any more. */
ERL_NIF_TERM output_nif_detach(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Sequence) -> ok. The group leader has it. */
ERL_NIF_TERM output_nif_written(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
