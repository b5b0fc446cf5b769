#include "identity/identity.h"

#include "identity/atom.h"
#include "identity/process_id.h"
#include "identity/reference.h"
#include "identity/term.h"

#include <stdlib.h>

int identity_init(struct interpreter *interpreter, PyObject *module) {
    struct identity_state *state = calloc(1, sizeof *state);
    if (state == NULL || (state->env = enif_alloc_env()) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    interpreter->identity = state;
    if (identity_process_id_init(state, module) < 0 || identity_reference_init(state, module) < 0 ||
        identity_atom_init(state, module) < 0)
        return -1;
    return identity_term_init(state, module);
}
