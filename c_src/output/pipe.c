#include "output/pipe.h"

#include "base/atoms.h"
#include "base/term.h"
#include "output/output.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_MAX = 64 * 1024 };

/* The reading end, a resource: the relay has it, and the list. */
struct pipe {
    struct pipe *next;
    int64_t number;
    int ends[2];
};

/* As many as there were group leaders for which a process was started. Guarded by the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pipe *first;
static ErlNifResourceType *pipe_type;

static void stop(ErlNifEnv *env, void *resource, ErlNifEvent event, int is_direct_call) {
    (void)env, (void)resource, (void)event, (void)is_direct_call;
}

bool pipe_load(ErlNifEnv *env) {
    const ErlNifResourceTypeInit callbacks = {.stop = stop};
    pipe_type = enif_open_resource_type_x(env, "rebeam_pipe", &callbacks,
                                          ERL_NIF_RT_CREATE | ERL_NIF_RT_TAKEOVER, NULL);
    return pipe_type != NULL;
}

static void tell(struct pipe *self) {
    ErlNifEnv *env = enif_alloc_env();
    output_tell(env, enif_make_tuple4(env, atoms.protocol, atoms.pipe,
                                      enif_make_int64(env, self->number),
                                      enif_make_resource(env, self)));
}

/* The lock is held. Into the list, which keeps it; NULL with errno. */
static struct pipe *make(int64_t number) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return NULL;
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) {
        close(ends[0]);
        close(ends[1]);
        return NULL;
    }
    struct pipe *self = enif_alloc_resource(pipe_type, sizeof *self);
    *self = (struct pipe){.next = first, .number = number, .ends = {ends[0], ends[1]}};
    first = self;
    return self;
}

int pipe_descriptor(int64_t number) {
    pthread_mutex_lock(&lock);
    struct pipe *self = first;
    while (self != NULL && self->number != number)
        self = self->next;
    bool is_new = self == NULL;
    if (is_new)
        self = make(number);
    pthread_mutex_unlock(&lock);
    if (self == NULL)
        return -1;
    if (is_new)
        tell(self);
    return self->ends[1];
}

static struct pipe *get(ErlNifEnv *env, ERL_NIF_TERM term) {
    void *self;
    return enif_get_resource(env, term, pipe_type, &self) ? self : NULL;
}

ERL_NIF_TERM pipe_nif_read(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct pipe *self = get(env, argv[0]);
    char *bytes = malloc(READ_MAX);
    ssize_t length = self != NULL && bytes != NULL ? read(self->ends[0], bytes, READ_MAX) : -1;
    ERL_NIF_TERM result = length > 0 ? term_binary(env, bytes, (size_t)length) : atoms.nil;
    (void)argc;
    free(bytes);
    return result;
}

ERL_NIF_TERM pipe_nif_select(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct pipe *self = get(env, argv[0]);
    (void)argc;
    if (self == NULL)
        return enif_make_badarg(env);
    enif_select(env, self->ends[0], ERL_NIF_SELECT_READ, self, NULL,
                enif_make_atom(env, "undefined"));
    return atoms.ok;
}
