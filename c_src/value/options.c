#include "value/options.h"

#include "base/atoms.h"

#include <stdatomic.h>
#include <stdint.h>

static atomic_bool objects_refused;
static _Atomic size_t size_max = SIZE_MAX;

bool value_refuses_objects(void) {
    return atomic_load(&objects_refused);
}

size_t value_size_max(void) {
    return atomic_load(&size_max);
}

ERL_NIF_TERM value_nif_options(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifUInt64 size;
    (void)argc;
    atomic_store(&objects_refused, argv[0] == atoms.false_);
    atomic_store(&size_max, enif_get_uint64(env, argv[1], &size) ? (size_t)size : SIZE_MAX);
    return atoms.ok;
}
