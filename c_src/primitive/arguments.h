/* What primitives do with their arguments: sorting, checking, making terms of them.
 *
 * All is borrowed; terms belong to the environment that is given. GIL held. False: an exception is
 * set, which names the argument.
 */
#ifndef REBEAM_PRIMITIVE_ARGUMENTS_H
#define REBEAM_PRIMITIVE_ARGUMENTS_H

#include "base/python.h"

#include <erl_nif.h>
#include <stdbool.h>
#include <stdint.h>

/* Sorts vectorcall arguments into `out` by name; missing ones keep their default. At most 8. */
bool primitive_parse(const char *function, const char *const *names, Py_ssize_t count,
                     Py_ssize_t required, PyObject *const *args, Py_ssize_t nargs,
                     PyObject *kwnames, PyObject **out);
/* Seconds to milliseconds; None, and what Erlang's timers cannot count, is for ever: -1. */
bool primitive_parse_timeout(PyObject *seconds, const char *what, int64_t *milliseconds);
bool primitive_parse_flag(PyObject *value, const char *what, bool *flag);

/* Milliseconds, or `infinity`. */
ERL_NIF_TERM primitive_make_timeout(ErlNifEnv *env, int64_t milliseconds);
bool primitive_make_subject(ErlNifEnv *env, PyObject *subject, ERL_NIF_TERM *out);
/* A payload; errors name the path in it from `root` on. `own`: it is the runtime's, not a message.
 */
bool primitive_make_packed(ErlNifEnv *env, PyObject *value, const char *root, bool own,
                           ERL_NIF_TERM *out);
/* A pid, a name as binary, or {packed, Bytes} for what Elixir shall decode. */
bool primitive_make_target(ErlNifEnv *env, PyObject *target, ERL_NIF_TERM *out);
/* The process of this node that a target surely means now: an id, or what was looked up before.
 * False for all others, which the owner looks up; without an exception. */
bool primitive_known_pid(PyObject *target, ErlNifPid *pid);

#endif
