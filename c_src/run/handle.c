#include "run/handle.h"

#include "run/executor.h"

#include <stdlib.h>

struct handle {
    struct executor *executor;
    PyObject *object; /* owned */
};

static ErlNifResourceType *handle_type;

struct release_job {
    struct job base;
    PyObject *object; /* owned */
};

static void release_run(struct job *base) {
    struct release_job *job = (struct release_job *)base;
    Py_DECREF(job->object);
    free(job);
}

void handle_release(struct executor *executor, PyObject *object) {
    struct release_job *job = malloc(sizeof *job);
    if (job == NULL)
        return; /* without memory for a job, one object more stays: the lesser harm */
    job->base.run = release_run;
    job->object = object;
    executor_submit(executor, &job->base);
}

static void destroy(ErlNifEnv *env, void *resource) {
    struct handle *self = resource;
    (void)env;
    handle_release(self->executor, self->object);
    atomic_fetch_sub(&executor_tally(self->executor)->handles, 1);
}

bool handle_load(ErlNifEnv *env) {
    handle_type = enif_open_resource_type(env, NULL, "rebeam_handle", destroy,
                                          ERL_NIF_RT_CREATE | ERL_NIF_RT_TAKEOVER, NULL);
    return handle_type != NULL;
}

ERL_NIF_TERM handle_make(ErlNifEnv *env, PyObject *object) {
    struct handle *self = enif_alloc_resource(handle_type, sizeof *self);
    self->executor = interpreter_get()->executor;
    self->object = Py_NewRef(object);
    atomic_fetch_add(&executor_tally(self->executor)->handles, 1);
    ERL_NIF_TERM term = enif_make_resource(env, self);
    enif_release_resource(self);
    return term;
}

struct handle *handle_keep(ErlNifEnv *env, ERL_NIF_TERM term) {
    struct handle *self;
    if (!enif_get_resource(env, term, handle_type, (void **)&self))
        return NULL;
    enif_keep_resource(self);
    return self;
}

void handle_drop(struct handle *self) {
    enif_release_resource(self);
}

PyObject *handle_get(ErlNifEnv *env, ERL_NIF_TERM term, struct executor **executor) {
    struct handle *self;
    if (!enif_get_resource(env, term, handle_type, (void **)&self))
        return NULL;
    *executor = self->executor;
    return self->object;
}
