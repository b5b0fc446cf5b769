/* Rebeam.Native.value_pack/1 and value_unpack/1. */
#include "term.h"
#include "value.h"
#include "value_struct.h"

/* What a normal scheduler converts by itself; more goes to a dirty one. */
enum { PROMPT_BYTES = 16384 };

static ERL_NIF_TERM failed(ErlNifEnv *env, const char *text) {
    return enif_make_tuple2(env, value_atoms.error, term_text(env, text));
}

static bool on_normal_scheduler(void) {
    return enif_thread_type() == ERL_NIF_THR_NORMAL_SCHEDULER;
}

/* (Term) -> {ok, Binary} | {error, Text} */
ERL_NIF_TERM value_nif_pack(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct buffer out = {0};
    ERL_NIF_TERM binary, result;
    size_t limit = on_normal_scheduler() ? PROMPT_BYTES : SIZE_MAX;
    const char *error = value_from_term_within(env, argv[0], &out, limit);
    if (error == value_too_large) {
        result = enif_schedule_nif(env, "value_pack", ERL_NIF_DIRTY_JOB_CPU_BOUND, value_nif_pack,
                                   argc, argv);
    } else if (error != NULL) {
        result = failed(env, error);
    } else {
        binary = term_binary(env, out.bytes, out.length);
        result = enif_make_tuple2(env, value_atoms.ok, binary);
    }
    buffer_free(&out);
    return result;
}

/* (Binary) -> {ok, Term} | {error, Text} */
ERL_NIF_TERM value_nif_unpack(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifBinary packed;
    ERL_NIF_TERM term;
    if (!enif_inspect_binary(env, argv[0], &packed))
        return enif_make_badarg(env);
    if (packed.size > PROMPT_BYTES && on_normal_scheduler())
        return enif_schedule_nif(env, "value_unpack", ERL_NIF_DIRTY_JOB_CPU_BOUND, value_nif_unpack,
                                 argc, argv);
    const char *error = value_to_term(env, packed.data, packed.size, &term);
    return error ? failed(env, error) : enif_make_tuple2(env, value_atoms.ok, term);
}
