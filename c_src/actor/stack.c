#include "actor/stack.h"

#include "actor/context.h"
#include "actor/directory.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/state.h"
#include "base/atoms.h"
#include "base/term.h"
#include "value/python/pack.h"

#include <stdlib.h>

struct stack_job {
    struct job base;
    struct actor *actor; /* a reference to the resource */
    ErlNifPid asker;
    ErlNifEnv *env; /* owned, with the reference */
    ERL_NIF_TERM reference;
};

static PyObject *or_none(PyObject *object) {
    return Py_NewRef(object != NULL ? object : Py_None);
}

/* Where the thread of the event loop is. A new reference. */
static PyObject *frame_of_loop(void) {
    PyThreadState *thread = interpreter_get()->actor->loop_thread;
    PyObject *frame = thread != NULL ? actor_frame_of(thread) : NULL;
    return frame != NULL ? frame : Py_NewRef(Py_None);
}

/* rebeam._engine.stacks.describe(frame, run, place, loop_frame); a new reference, or NULL with an
 * exception. */
static PyObject *describe(struct actor *self) {
    PyObject *stacks = PyImport_ImportModule("rebeam._engine.stacks");
    PyObject *run = or_none(self->run);
    PyObject *frame = actor_frame(self);
    PyObject *loop_frame = frame_of_loop();
    PyObject *place = actor_context_place(self);
    PyObject *at = frame != NULL ? frame : Py_None;
    PyObject *told =
        stacks ? PyObject_CallMethod(stacks, "describe", "OOOO", at, run, place, loop_frame) : NULL;
    Py_XDECREF(stacks);
    Py_XDECREF(frame);
    Py_DECREF(loop_frame);
    Py_DECREF(place);
    Py_DECREF(run);
    return told;
}

static void run(struct job *base) {
    struct stack_job *job = (struct stack_job *)base;
    struct buffer packed = {0};
    PyObject *told = describe(job->actor);
    if (told == NULL || value_pack_flat(told, "stack", &packed) < 0)
        PyErr_WriteUnraisable(NULL);
    ERL_NIF_TERM bytes = term_binary(job->env, packed.bytes, packed.length);
    enif_send(NULL, &job->asker, job->env, enif_make_tuple2(job->env, job->reference, bytes));
    buffer_free(&packed);
    Py_XDECREF(told);
    actor_release(job->actor);
    enif_free_env(job->env);
    free(job);
}

ERL_NIF_TERM stack_nif_ask(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid pid;
    (void)argc;
    struct actor *actor = enif_get_local_pid(env, argv[0], &pid) ? directory_find(&pid) : NULL;
    if (actor == NULL)
        return atoms.nil;
    struct stack_job *job = calloc(1, sizeof *job);
    ErlNifEnv *own = enif_alloc_env();
    if (job == NULL || own == NULL) {
        free(job);
        actor_release(actor);
        return enif_raise_exception(env, atoms.system_limit);
    }
    *job = (struct stack_job){.base.run = run, .actor = actor, .env = own};
    job->reference = enif_make_copy(own, argv[1]);
    enif_self(env, &job->asker);
    executor_submit(actor->executor, &job->base);
    return atoms.ok;
}
