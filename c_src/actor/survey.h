/* Looking in: what all actors of this VM are at, without the GIL, and without their processes.
 *
 * A survey is a resource with the numbers of one moment, an actor a row. Two of them tell what
 * happened in between; the rows that are shown are the first by some number.
 */
#ifndef REBEAM_ACTOR_SURVEY_H
#define REBEAM_ACTOR_SURVEY_H

#include <erl_nif.h>
#include <stdbool.h>

/* At library load. False if the type cannot be made. */
bool survey_load(ErlNifEnv *env);

/* () -> Survey */
ERL_NIF_TERM survey_nif_take(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Survey, Earlier | nil, Order, Limit) -> [Row], the highest first by the number that Order names:
 * load and rate, which are since the earlier one, queue, messages, busy, age (of its present work);
 * or nil, for all that wait for an answer. A row is
 *   {Pid, Kind, Name, Interpreter, State, Purpose | nil, Target | nil, Since, Age | nil, Queue,
 *    Handled, Busy, NewHandled, NewBusy, Branches}
 * with times in nanoseconds. */
ERL_NIF_TERM survey_nif_rows(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Survey) -> [Pid] */
ERL_NIF_TERM survey_nif_pids(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Survey, Earlier | nil, Pid) -> Row | nil */
ERL_NIF_TERM survey_nif_row(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Survey, Earlier | nil) -> [{Kind, Name, Interpreter, Count, Running, Waiting, Queue, Handled,
 * Busy, NewHandled, NewBusy}], of all actors of one name together. */
ERL_NIF_TERM survey_nif_names(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* () -> [{Name, Handled, Busy}], of all actors that have ended. */
ERL_NIF_TERM survey_nif_ended(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Survey, Earlier) -> Nanoseconds between them */
ERL_NIF_TERM survey_nif_between(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Actor, Sequence, Pid) -> ok. What the actor waits for under that number is an answer of that
 * process, which its own one has found. */
ERL_NIF_TERM survey_nif_aim(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Pid) -> nil | {Row, Work | nil, Subject, Caller | nil}: one actor, and what it works on. */
ERL_NIF_TERM survey_nif_look(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
