#include "actor/life.h"

#include "actor/directory.h"
#include "actor/private.h"
#include "message/request.h"
#include "output/output.h"
#include "run/handle.h"

#include <string.h>

static ErlNifResourceType *actor_type;

static ErlNifPid clients; /* written once, before any Python runs */
static atomic_bool has_clients;

static _Thread_local struct actor *current;

/* ---- life ------------------------------------------------------------------ */

static void release(struct actor *self, PyObject **slot) {
    if (*slot != NULL)
        handle_release(self->executor, *slot);
    *slot = NULL;
}

/* A dead actor's struct may stay for a while, in terms that no process has collected yet. */
static void uncount(struct actor *self) {
    if (atomic_exchange(&self->counted, false))
        atomic_fetch_sub(&executor_tally(self->executor)->actors, 1);
}

/* The process that works for its wait, if there is one by now. */
static bool server(struct actor *self, ErlNifPid *pid) {
    pthread_mutex_lock(&self->lock);
    bool served = self->served;
    *pid = self->server;
    pthread_mutex_unlock(&self->lock);
    return served;
}

void actor_end(struct actor *self) {
    atomic_store(&self->dead, true);
    uncount(self);
    directory_remove(self);
}

void actor_settle(struct actor *self, uint64_t sequence) {
    ErlNifPid pid;
    if (actor_is_dead(self))
        return;
    if (!self->has_owner) /* before the server is looked for, as who serves from now on sees that */
        actor_end(self);
    if (actor_owner(self, &pid) || server(self, &pid))
        request_settled(&pid, sequence);
}

bool actor_serve(struct actor *self, const ErlNifPid *pid) {
    pthread_mutex_lock(&self->lock);
    self->served = true;
    self->server = *pid;
    pthread_mutex_unlock(&self->lock);
    return !actor_is_dead(self);
}

void actor_free(struct actor *self) {
    if (self->run != NULL)
        atomic_fetch_sub(&executor_tally(self->executor)->suspended, 1);
    release(self, &self->run);
    release(self, &self->waiting);
    release(self, &self->instance);
    release(self, &self->table.handlers);
    release(self, &self->context);
    mailbox_free(self->mailbox);
    dedicated_free(self->dedicated);
    pthread_mutex_destroy(&self->lock);
    uncount(self);
}

bool actor_life_load(ErlNifEnv *env, const ErlNifResourceTypeInit *callbacks) {
    actor_type = enif_open_resource_type_x(env, "rebeam_actor", callbacks,
                                           ERL_NIF_RT_CREATE | ERL_NIF_RT_TAKEOVER, NULL);
    return actor_type != NULL;
}

struct actor *actor_new(struct executor *executor, const ErlNifPid *owner) {
    struct actor *self = enif_alloc_resource(actor_type, sizeof *self);
    memset(self, 0, sizeof *self);
    self->executor = executor;
    pthread_mutex_init(&self->lock, NULL);
    if (owner != NULL) {
        self->owner = *owner;
        self->has_owner = true;
        directory_add(self);
    } else {
        self->output = output_of_thread();
    }
    atomic_store(&self->counted, true);
    atomic_fetch_add(&executor_tally(executor)->actors, 1);
    return self;
}

ERL_NIF_TERM actor_term(ErlNifEnv *env, struct actor *self) {
    return enif_make_resource(env, self);
}

void actor_keep(struct actor *self) {
    enif_keep_resource(self);
}

void actor_release(struct actor *self) {
    enif_release_resource(self);
}

struct actor *actor_get(ErlNifEnv *env, ERL_NIF_TERM term) {
    void *self;
    return enif_get_resource(env, term, actor_type, &self) ? self : NULL;
}

bool actor_owner(const struct actor *self, ErlNifPid *pid) {
    if (self->has_owner)
        *pid = self->owner;
    return self->has_owner;
}

void actor_print_to(struct actor *self, int64_t number) {
    self->output = number;
}

int64_t actor_output(const struct actor *self) {
    return self->output;
}

bool actor_is_dead(const struct actor *self) {
    return atomic_load(&self->dead);
}

/* ---- whose code runs --------------------------------------------------------- */

struct actor *actor_of_thread(void) {
    return current;
}

struct actor *actor_enter(struct actor *self) {
    struct actor *before = current;
    current = self;
    return before;
}

void actor_be_script(struct actor *self) {
    atomic_store(&self->account.kind, ACCOUNT_SCRIPT);
}

void actor_run_here(struct actor *self) {
    self->thread = PyThread_get_thread_ident();
    self->thread_state = PyThreadState_Get();
}

PyObject *actor_frame_of(PyThreadState *thread) {
    int collects = PyGC_Disable();
    PyObject *frame = (PyObject *)PyThreadState_GetFrame(thread);
    if (collects)
        PyGC_Enable();
    return frame;
}

PyObject *actor_frame(const struct actor *self) {
    return self->thread != 0 ? actor_frame_of(self->thread_state) : NULL;
}

void actor_run_body(struct actor *self) {
    self->body = true;
    actor_run_here(self);
}

uint64_t actor_next_sequences(struct actor *self, size_t count) {
    uint64_t next = atomic_load_explicit(&self->sequence, memory_order_relaxed) + 1;
    atomic_store_explicit(&self->sequence, next + count - 1, memory_order_relaxed);
    return next;
}

uint64_t actor_next_sequence(struct actor *self) {
    return actor_next_sequences(self, 1);
}

/* ---- who acts for threads ------------------------------------------------------ */

void actor_set_clients(const ErlNifPid *pid) {
    clients = *pid;
    atomic_store(&has_clients, true);
}

bool actor_clients(ErlNifPid *pid) {
    if (!atomic_load(&has_clients))
        return false;
    *pid = clients;
    return true;
}
