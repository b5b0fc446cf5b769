/* Values: one binary form that both worlds read and write.
 *
 *   Python object --value_pack--> bytes --value_unpack--> Python object
 *   Erlang term --value_from_term--> bytes --value_to_term--> Erlang term
 *
 * Python to Python is exact: type, value, dict order. Python to Erlang follows
 * the table in the documentation. What has no natural term travels as a pickle
 * and shows as %Rebeam.Object{}; what has no Python word travels as Erlang's
 * external format and shows as rebeam.Term. The bytes are valid on any node.
 *
 * The Python half wants the GIL and never touches erl_nif except for identities;
 * the Erlang half needs no GIL and never touches Python, so it may run on any
 * scheduler (large values: a dirty one). Both refuse nesting deeper than
 * VALUE_DEPTH_MAX and malformed bytes; neither makes an atom out of Python text.
 */
#ifndef REBEAM_VALUE_H
#define REBEAM_VALUE_H

#include "buffer.h"
#include "interpreter.h"

#include <erl_nif.h>

enum { VALUE_DEPTH_MAX = 10000 };

/* Python half (value_pack.c, value_unpack.c). GIL held. */

/* Appends the packed form of `object`. 0, or -1 with a Python exception set that
 * names the path to the offending part, written from `root` (e.g. "message"):
 *   TypeError: message["rows"][3].lock: cannot pickle '_thread.lock' object */
int value_pack(PyObject *object, const char *root, struct buffer *out);
/* Returns a new reference, or NULL with an exception set. `bytes` may go after the call. */
PyObject *value_unpack(const unsigned char *bytes, size_t length);
/* Makes the types and finds the names that the codec needs. 0, or -1. */
int value_init(struct interpreter *interpreter);
/* Adds pack(object, root) -> bytes and unpack(bytes) -> object to `_rebeam`. 0, or -1. */
int value_add_functions(PyObject *module);

/* Erlang half (value_from_term.c, value_term.c, value_nif.c). No GIL. An error text
 * is static or lives until the calling thread's next conversion. */

/* Makes the atoms. Called once, when the NIF library loads. `empty_map_set` is this
 * Elixir's MapSet.new(), by which the codec learns how sets look; or any other term. */
void value_load(ErlNifEnv *env, ERL_NIF_TERM empty_map_set);
/* Appends the packed form of `term`. NULL, or a text that says why not. */
const char *value_from_term(ErlNifEnv *env, ERL_NIF_TERM term, struct buffer *out);
/* The same, but gives up with `value_too_large`, nothing appended, when the packed
 * form passes `limit` bytes: for schedulers that must not be held long. */
const char *value_from_term_within(ErlNifEnv *env, ERL_NIF_TERM term, struct buffer *out,
                                   size_t limit);
extern const char *const value_too_large;
/* NULL and *out set, or a text that says why not. */
const char *value_to_term(ErlNifEnv *env, const unsigned char *bytes, size_t length,
                          ERL_NIF_TERM *out);

/* NIFs: (Term) -> {ok, Binary} | {error, Text} and (Binary) -> {ok, Term} | {error, Text}.
 * On a normal scheduler, large values move to a dirty one by themselves. */
ERL_NIF_TERM value_nif_pack(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
ERL_NIF_TERM value_nif_unpack(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
