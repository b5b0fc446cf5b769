#include "actor/instances.h"

#include "actor/directory.h"
#include "actor/private.h"
#include "base/interpreter.h"
#include "identity/process_id.h"

#include <stdlib.h>

struct found {
    PyObject *instance; /* owned */
    ErlNifPid owner;
};

struct walk {
    struct executor *executor;
    struct found *found;
    size_t count, room;
};

/* The GIL is held, so that what an actor of this interpreter has stays; no code runs. */
static void look(struct actor *each, void *state) {
    struct walk *walk = state;
    if (each->executor != walk->executor || each->instance == NULL)
        return;
    if (walk->count == walk->room) {
        size_t room = walk->room ? 2 * walk->room : 64;
        struct found *grown = realloc(walk->found, room * sizeof *grown);
        if (grown == NULL)
            return;
        walk->found = grown;
        walk->room = room;
    }
    walk->found[walk->count++] = (struct found){Py_NewRef(each->instance), each->owner};
}

/* Takes the instance. */
static PyObject *pair(const struct found *found) {
    PyObject *id = identity_process_id_local(&found->owner);
    PyObject *made = id ? PyTuple_Pack(2, found->instance, id) : NULL;
    Py_XDECREF(id);
    Py_DECREF(found->instance);
    return made;
}

PyObject *actor_instances(PyObject *module, PyObject *unused) {
    struct walk walk = {.executor = interpreter_get()->executor};
    (void)module, (void)unused;
    directory_walk(look, &walk);
    PyObject *list = PyList_New(0);
    for (size_t i = 0; i < walk.count; i++) {
        PyObject *made = pair(&walk.found[i]);
        if (list != NULL && (made == NULL || PyList_Append(list, made) < 0))
            Py_CLEAR(list);
        Py_XDECREF(made);
    }
    free(walk.found);
    return list;
}
