#include "memory/memory.h"

#include "run/executor.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Made with the memory, so that its end needs no memory. */
struct return_job {
    struct job base;
    Py_buffer view; /* owned */
};

/* One of the four is what it holds. */
struct memory {
    const unsigned char *data; /* all of it */
    size_t size;
    struct executor *executor; /* of the interpreter that `loan` belongs to */
    struct return_job *loan;   /* owned: a view of somebody's memory */
    unsigned char *bytes;      /* owned: malloc */
    ErlNifEnv *env;            /* owned: keeps a binary */
    void *mapping;             /* owned: mmap */
};

static ErlNifResourceType *memory_type;
static atomic_ulong live;

/* ---- life ------------------------------------------------------------------------ */

static void give_back(struct job *base) {
    struct return_job *job = (struct return_job *)base;
    PyBuffer_Release(&job->view);
    free(job);
}

static void destroy(ErlNifEnv *env, void *resource) {
    struct memory *self = resource;
    (void)env;
    if (self->loan != NULL)
        executor_submit(self->executor, &self->loan->base);
    free(self->bytes);
    if (self->env != NULL)
        enif_free_env(self->env);
    if (self->mapping != NULL)
        munmap(self->mapping, self->size);
    atomic_fetch_sub(&live, 1);
}

bool memory_load(ErlNifEnv *env) {
    memory_type = enif_open_resource_type(env, NULL, "rebeam_memory", destroy,
                                          ERL_NIF_RT_CREATE | ERL_NIF_RT_TAKEOVER, NULL);
    return memory_type != NULL;
}

unsigned long memory_count(void) {
    return atomic_load(&live);
}

void memory_keep(struct memory *self) {
    enif_keep_resource(self);
}

void memory_release(struct memory *self) {
    enif_release_resource(self);
}

static struct memory *make(struct memory content) {
    struct memory *self = enif_alloc_resource(memory_type, sizeof *self);
    if (self != NULL) {
        *self = content;
        atomic_fetch_add(&live, 1);
    }
    return self;
}

struct memory *memory_of_view(const Py_buffer *view) {
    struct memory *self = NULL;
    struct return_job *loan = malloc(sizeof *loan);
    Py_buffer taken = *view;
    if (loan != NULL) {
        *loan = (struct return_job){.base.run = give_back, .view = *view};
        self = make((struct memory){.data = view->buf,
                                    .size = (size_t)view->len,
                                    .executor = interpreter_get()->executor,
                                    .loan = loan});
    }
    if (self == NULL) {
        free(loan);
        PyBuffer_Release(&taken);
    }
    return self;
}

struct memory *memory_new(size_t size, unsigned char **data) {
    *data = malloc(size > 0 ? size : 1);
    struct memory content = {.data = *data, .size = size, .bytes = *data};
    struct memory *self = *data ? make(content) : NULL;
    if (self == NULL)
        free(*data);
    return self;
}

struct memory *memory_of_mapping(void *data, size_t size) {
    struct memory *self = make((struct memory){.data = data, .size = size, .mapping = data});
    if (self == NULL)
        munmap(data, size);
    return self;
}

/* ---- as terms -------------------------------------------------------------------- */

ERL_NIF_TERM memory_term(ErlNifEnv *env, const struct memory_part *part) {
    ERL_NIF_TERM reference = enif_make_resource(env, part->memory);
    ERL_NIF_TERM binary = enif_make_resource_binary(env, part->memory, part->data, part->size);
    return enif_make_tuple2(env, reference, binary);
}

bool memory_inspect(ErlNifEnv *env, ERL_NIF_TERM term, ERL_NIF_TERM *binary) {
    const ERL_NIF_TERM *pair;
    int arity;
    *binary = term;
    if (enif_get_tuple(env, term, &arity, &pair) && arity == 2 && enif_is_ref(env, pair[0]))
        *binary = pair[1];
    return enif_is_binary(env, *binary);
}

/* The binary of a term of `env` keeps its memory only as long as `env`: so it gets one of its own.
 */
static bool keep_binary(ERL_NIF_TERM binary, struct memory_part *part) {
    ErlNifBinary kept;
    ErlNifEnv *env = enif_alloc_env();
    if (env == NULL)
        return false;
    if (!enif_inspect_binary(env, enif_make_copy(env, binary), &kept)) {
        enif_free_env(env);
        return false;
    }
    *part = (struct memory_part){.data = kept.data, .size = kept.size};
    part->memory = make((struct memory){.data = kept.data, .size = kept.size, .env = env});
    if (part->memory == NULL)
        enif_free_env(env);
    return part->memory != NULL;
}

/* A binary that was on another node, or in Elixir's hands, may be a copy beside a reference that
 * means the memory still. */
static bool holds(const struct memory *self, const ErlNifBinary *bytes) {
    uintptr_t first = (uintptr_t)self->data, at = (uintptr_t)bytes->data;
    return at >= first && bytes->size <= self->size && at - first <= self->size - bytes->size;
}

bool memory_from_term(ErlNifEnv *env, ERL_NIF_TERM term, struct memory_part *part) {
    const ERL_NIF_TERM *pair;
    ERL_NIF_TERM binary;
    ErlNifBinary bytes;
    void *memory;
    int arity;
    if (!memory_inspect(env, term, &binary))
        return false;
    if (binary == term || !enif_get_tuple(env, term, &arity, &pair) ||
        !enif_get_resource(env, pair[0], memory_type, &memory))
        return keep_binary(binary, part);
    if (!enif_inspect_binary(env, binary, &bytes))
        return false;
    if (!holds(memory, &bytes))
        return keep_binary(binary, part);
    *part = (struct memory_part){.memory = memory, .data = bytes.data, .size = bytes.size};
    memory_keep(memory);
    return true;
}

PyObject *memory_bytes(const struct memory_part *part) {
    const struct memory *self = part->memory;
    if (self->loan == NULL || self->executor != interpreter_get()->executor)
        return NULL;
    const Py_buffer *view = &self->loan->view;
    bool whole = view->buf == part->data && view->len == (Py_ssize_t)part->size;
    return whole && view->obj != NULL && PyBytes_CheckExact(view->obj) ? view->obj : NULL;
}
