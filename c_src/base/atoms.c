#include "base/atoms.h"

struct atoms atoms;

void atoms_init(ErlNifEnv *env) {
#define X(name, text) atoms.name = enif_make_atom(env, text);
    ATOMS(X)
#undef X
}
