#include "value/erlang/nif.h"

#include "base/term.h"
#include "message/origin.h"
#include "value/erlang/from_term.h"
#include "value/erlang/struct.h"
#include "value/erlang/term.h"

/* What a normal scheduler converts by itself; more goes to a dirty one. */
enum { PROMPT_BYTES = 16384 };

static ERL_NIF_TERM failed(ErlNifEnv *env, const char *text) {
    return enif_make_tuple2(env, value_atoms.error, term_text(env, text));
}

static bool on_normal_scheduler(void) {
    return enif_thread_type() == ERL_NIF_THR_NORMAL_SCHEDULER;
}

static ERL_NIF_TERM payload_of(ErlNifEnv *env, const struct value_of_term *packed) {
    ERL_NIF_TERM bytes = term_binary(env, packed->bytes.bytes, packed->bytes.length);
    if (packed->count == 0)
        return bytes;
    ERL_NIF_TERM list = enif_make_list_from_array(env, packed->parts, (unsigned)packed->count);
    return enif_make_list_cell(env, bytes, list);
}

typedef ERL_NIF_TERM (*nif)(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

static ERL_NIF_TERM pack(ErlNifEnv *env, const ERL_NIF_TERM argv[], bool flat, nif self) {
    struct value_of_term out = {.flat = flat, .limit = on_normal_scheduler() ? PROMPT_BYTES : 0};
    ERL_NIF_TERM result;
    const char *error = value_from_term(env, argv[0], &out);
    if (error == value_too_large)
        result = enif_schedule_nif(env, "value_pack", ERL_NIF_DIRTY_JOB_CPU_BOUND, self, 1, argv);
    else if (error != NULL)
        result = failed(env, error);
    else
        result = enif_make_tuple2(env, value_atoms.ok, payload_of(env, &out));
    value_of_term_free(&out);
    return result;
}

ERL_NIF_TERM value_nif_pack(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc;
    return pack(env, argv, true, value_nif_pack);
}

ERL_NIF_TERM value_nif_payload(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc;
    return pack(env, argv, false, value_nif_payload);
}

static ERL_NIF_TERM unpack(ErlNifEnv *env, const ERL_NIF_TERM argv[], bool foreign, nif self) {
    struct value_payload payload;
    ErlNifBinary origin; /* what led to it is no part of it */
    ERL_NIF_TERM term;
    if (!value_parts_inspect(env, origin_detach(env, argv[0], &origin), &payload))
        return enif_make_badarg(env);
    /* of parts that are text, every byte is looked at */
    bool large = payload.length > PROMPT_BYTES || payload.list != 0;
    if (large && on_normal_scheduler())
        return enif_schedule_nif(env, "value_unpack", ERL_NIF_DIRTY_JOB_CPU_BOUND, self, 1, argv);
    payload.foreign = foreign;
    const char *error = value_to_term(env, &payload, &term);
    return error ? failed(env, error) : enif_make_tuple2(env, value_atoms.ok, term);
}

ERL_NIF_TERM value_nif_unpack(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc;
    return unpack(env, argv, true, value_nif_unpack);
}

ERL_NIF_TERM value_nif_unpack_message(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc;
    return unpack(env, argv, false, value_nif_unpack_message);
}
