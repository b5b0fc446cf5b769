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
#ifndef REBEAM_VALUE_VALUE_H
#define REBEAM_VALUE_VALUE_H

#include "base/buffer.h"
#include "base/interpreter.h"
#include "value/parts.h"

#include <erl_nif.h>

enum { VALUE_DEPTH_MAX = 10000 };

/* Python half (value/python/pack.c, value/python/unpack.c). GIL held. */

/* Appends the packed form of `object`. 0, or -1 with a Python exception set that
 * names the path to the offending part, written from `root` (e.g. "message"; NULL: as it came):
 *   TypeError: message["rows"][3].lock: cannot pickle '_thread.lock' object */
int value_pack(PyObject *object, const char *root, struct value_packed *out);
/* The same, with nothing beside the bytes. */
int value_pack_flat(PyObject *object, const char *root, struct buffer *out);
/* Returns a new reference, or NULL with an exception set. All of the payload may go after the call:
 * what is still needed of its parts is kept. */
PyObject *value_unpack(const struct value_payload *payload);
PyObject *value_unpack_flat(const unsigned char *bytes, size_t length);
/* Why it failed: the exception that is set, which is cleared, as a text. NULL without memory. */
PyObject *value_unpack_reason(void);
/* Makes the types and finds the names that the codec needs; adds pack, unpack and Packed to
 * `_rebeam`. 0, or -1. */
int value_init(struct interpreter *interpreter, PyObject *module);

/* Erlang half (value/erlang/from_term.c, value/erlang/term.c, value/erlang/nif.c). No GIL. An error
 * text is static or lives until the calling thread's next conversion. */

/* Makes the atoms. Called once, when the NIF library loads. `empty_map_set` is this
 * Elixir's MapSet.new(), by which the codec learns how sets look; or any other term. */
void value_load(ErlNifEnv *env, ERL_NIF_TERM empty_map_set);
/* What becomes of a term. Zero-initialised is empty and valid. */
struct value_of_term {
    struct buffer bytes;
    bool flat;           /* everything is to be in `bytes` */
    size_t limit;        /* gives up with `value_too_large` when they are more; 0: no limit */
    ERL_NIF_TERM *parts; /* owned (malloc): terms of the same environment */
    size_t count, capacity;
};
/* The packed form of `term`. NULL, or a text that says why not. To be freed in both cases. */
const char *value_from_term(ErlNifEnv *env, ERL_NIF_TERM term, struct value_of_term *out);
void value_of_term_free(struct value_of_term *self);
extern const char *const value_too_large;
/* NULL and *out set, or a text that says why not. */
const char *value_to_term(ErlNifEnv *env, const struct value_payload *payload, ERL_NIF_TERM *out);

/* What the application wants; set before Python runs. */
bool value_refuses_objects(void);
size_t value_size_max(void);

/* NIFs. On a normal scheduler, large values move to a dirty one by themselves.
 * (Term) -> {ok, Binary} | {error, Text} */
ERL_NIF_TERM value_nif_pack(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Term) -> {ok, Payload} | {error, Text}: as a message has it, see value/parts.h. */
ERL_NIF_TERM value_nif_payload(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (Payload) -> {ok, Term} | {error, Text}: bytes from anywhere, for which no atom is made. */
ERL_NIF_TERM value_nif_unpack(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* The same of a message: its pids may be of nodes that are new here. */
ERL_NIF_TERM value_nif_unpack_message(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);
/* (ObjectsAllowed, SizeMax | infinity) -> ok */
ERL_NIF_TERM value_nif_options(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
