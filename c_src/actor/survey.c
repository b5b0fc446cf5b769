#include "actor/survey.h"

#include "actor/directory.h"
#include "actor/job.h"
#include "actor/life.h"
#include "actor/private.h"
#include "base/atoms.h"
#include "base/term.h"

#include <stdlib.h>
#include <string.h>

enum { SLACK = 1024, SUBJECT_MAX = 200 };

struct row {
    ERL_NIF_TERM pid, target;
    uint64_t handled;
    int64_t busy, since, begun; /* busy: with what its present piece took so far */
    uint32_t queue, branches;
    uint16_t name, interpreter;
    uint8_t kind, state, purpose;
};

struct survey {
    int64_t time;
    size_t count, room;
    struct row *rows;
    uint32_t *places; /* by pid, of row number + 1; made when one is looked for */
    size_t mask;
    pthread_mutex_t lock; /* while that is made */
};

static ErlNifResourceType *survey_type;

static void survey_free(ErlNifEnv *env, void *resource) {
    struct survey *self = resource;
    (void)env;
    pthread_mutex_destroy(&self->lock);
    free(self->rows);
    free(self->places);
}

bool survey_load(ErlNifEnv *env) {
    survey_type = enif_open_resource_type(env, NULL, "rebeam_survey", survey_free,
                                          ERL_NIF_RT_CREATE | ERL_NIF_RT_TAKEOVER, NULL);
    return survey_type != NULL;
}

/* ---- taking one -------------------------------------------------------------------- */

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

#define LOAD(field) atomic_load_explicit(&(field), memory_order_relaxed)

static void read_row(const struct actor *each, int64_t time, struct row *row) {
    const struct account *account = &each->account;
    long waiting = each->mailbox != NULL ? mailbox_waiting(each->mailbox) : 0;
    uint32_t queued = LOAD(account->queued);
    *row = (struct row){
        .pid = each->owner.pid,
        .target = LOAD(account->target),
        .handled = LOAD(account->handled),
        .busy = LOAD(account->busy),
        .since = LOAD(account->since),
        .begun = LOAD(account->begun),
        .queue = waiting > (long)queued ? (uint32_t)waiting : queued,
        .branches = LOAD(account->branches),
        .name = LOAD(account->name),
        .interpreter = (uint16_t)executor_number(each->executor),
        .kind = LOAD(account->kind),
        .state = LOAD(account->state),
        .purpose = LOAD(account->purpose),
    };
    if (row->state == ACCOUNT_RUNS && time > row->since)
        row->busy += time - row->since;
    if (row->state == ACCOUNT_RUNS && row->begun == 0)
        row->begun = row->since;
    if (row->state == ACCOUNT_IDLE) /* a script, whose body is over */
        row->begun = 0;
}

/* More actors than there is room for came while it was taken: they are in the next one. */
static void add(struct actor *each, void *state) {
    struct survey *self = state;
    if (self->count < self->room && !actor_is_dead(each))
        read_row(each, self->time, &self->rows[self->count++]);
}

ERL_NIF_TERM survey_nif_take(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    (void)argc, (void)argv;
    size_t room = directory_count() + SLACK;
    struct row *rows = malloc(room * sizeof(struct row));
    if (rows == NULL)
        return enif_raise_exception(env, atoms.system_limit);
    struct survey *self = enif_alloc_resource(survey_type, sizeof *self);
    *self = (struct survey){.time = now(), .room = room, .rows = rows};
    pthread_mutex_init(&self->lock, NULL);
    directory_walk(add, self);
    ERL_NIF_TERM term = enif_make_resource(env, self);
    enif_release_resource(self);
    return term;
}

/* ---- two of them ------------------------------------------------------------------- */

static size_t place_of(const struct survey *self, ERL_NIF_TERM pid) {
    return (size_t)((uint64_t)pid * UINT64_C(0x9e3779b97f4a7c15) >> 20) & self->mask;
}

static void make_places(struct survey *self) {
    size_t size = 2;
    while (size < 2 * self->count)
        size *= 2;
    self->places = calloc(size, sizeof(uint32_t)); /* without memory nothing is found */
    self->mask = size - 1;
    for (size_t i = 0; self->places != NULL && i < self->count; i++) {
        size_t place = place_of(self, self->rows[i].pid);
        while (self->places[place] != 0)
            place = (place + 1) & self->mask;
        self->places[place] = (uint32_t)i + 1;
    }
}

static void index_by_pid(struct survey *self) {
    pthread_mutex_lock(&self->lock);
    if (self->places == NULL)
        make_places(self);
    pthread_mutex_unlock(&self->lock);
}

static const struct row nothing;

/* NULL if it is not there. */
static const struct row *find(struct survey *self, ERL_NIF_TERM pid) {
    index_by_pid(self);
    size_t place = self->places != NULL ? place_of(self, pid) : 0;
    for (; self->places != NULL && self->places[place] != 0; place = (place + 1) & self->mask) {
        const struct row *found = &self->rows[self->places[place] - 1];
        if (found->pid == pid)
            return found;
    }
    return NULL;
}

/* A survey, and what it is compared with. */
struct pair {
    struct survey *survey, *earlier; /* the latter NULL: nothing is new */
    size_t next;                     /* where the next row of `earlier` is looked for first */
};

/* Rows that are asked for one after another mostly stand one after another there, too. */
static const struct row *find_earlier(struct pair *pair, ERL_NIF_TERM pid) {
    struct survey *earlier = pair->earlier;
    bool next = pair->next < earlier->count && earlier->rows[pair->next].pid == pid;
    const struct row *found = next ? &earlier->rows[pair->next] : find(earlier, pid);
    if (found != NULL)
        pair->next = (size_t)(found - earlier->rows) + 1;
    return found;
}

/* What was known of the same actor; of one that is new, nothing. */
static const struct row *before(struct pair *pair, const struct row *row) {
    if (pair->earlier == NULL)
        return row;
    const struct row *found = find_earlier(pair, row->pid);
    bool same = found != NULL && found->handled <= row->handled && found->busy <= row->busy;
    return same ? found : &nothing;
}

static bool get(ErlNifEnv *env, ERL_NIF_TERM term, struct survey **survey) {
    return enif_get_resource(env, term, survey_type, (void **)survey);
}

/* The arguments that most functions begin with. */
static bool get_pair(ErlNifEnv *env, const ERL_NIF_TERM argv[], struct pair *pair) {
    *pair = (struct pair){0};
    return get(env, argv[0], &pair->survey) &&
           (argv[1] == atoms.nil || get(env, argv[1], &pair->earlier));
}

ERL_NIF_TERM survey_nif_between(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct survey *survey, *earlier;
    (void)argc;
    if (!get(env, argv[0], &survey) || !get(env, argv[1], &earlier))
        return enif_make_badarg(env);
    return enif_make_int64(env, survey->time - earlier->time);
}

/* ---- rows as terms ------------------------------------------------------------------ */

static ERL_NIF_TERM kind_atom(unsigned kind) {
    const ERL_NIF_TERM atoms_of[] = {atoms.nil, atoms.script, atoms.actor, atoms.machine,
                                     atoms.function};
    return atoms_of[kind];
}

static ERL_NIF_TERM state_atom(unsigned state) {
    const ERL_NIF_TERM atoms_of[] = {atoms.idle, atoms.running, atoms.waiting, atoms.blocked};
    return atoms_of[state];
}

static ERL_NIF_TERM purpose_atom(unsigned purpose) {
    const ERL_NIF_TERM atoms_of[] = {atoms.call, atoms.operation, atoms.sleep, atoms.python};
    return atoms_of[purpose];
}

static ERL_NIF_TERM make_pid(ErlNifEnv *env, ERL_NIF_TERM term) {
    const ErlNifPid pid = {term};
    return enif_make_pid(env, &pid);
}

static bool waits(const struct row *row) {
    return row->state == ACCOUNT_WAITS || row->state == ACCOUNT_BLOCKS;
}

static ERL_NIF_TERM make_row(ErlNifEnv *env, const struct row *row, int64_t time,
                             const struct row *earlier) {
    bool waiting = waits(row), aimed = waiting && row->purpose == ACCOUNT_CALL && row->target != 0;
    ERL_NIF_TERM fields[] = {
        make_pid(env, row->pid),
        kind_atom(row->kind),
        term_text(env, account_name(row->name)),
        enif_make_uint(env, row->interpreter),
        state_atom(row->state),
        waiting ? purpose_atom(row->purpose) : atoms.nil,
        aimed ? make_pid(env, row->target) : atoms.nil,
        enif_make_int64(env, row->since != 0 && time > row->since ? time - row->since : 0),
        row->begun != 0 ? enif_make_int64(env, time > row->begun ? time - row->begun : 0)
                        : atoms.nil,
        enif_make_uint(env, row->queue),
        enif_make_uint64(env, row->handled),
        enif_make_int64(env, row->busy),
        enif_make_uint64(env, row->handled - earlier->handled),
        enif_make_int64(env, row->busy - earlier->busy),
        enif_make_uint(env, row->branches),
    };
    return enif_make_tuple_from_array(env, fields, sizeof fields / sizeof fields[0]);
}

/* ---- the first of them -------------------------------------------------------------- */

struct ranked {
    int64_t value;
    ERL_NIF_TERM pid;
    uint32_t row;
};

/* The higher value first; of equal ones the older process. */
static bool comes_first(const struct ranked *a, const struct ranked *b) {
    return a->value != b->value ? a->value > b->value : a->pid < b->pid;
}

static int64_t rank(const struct row *row, const struct row *earlier, ERL_NIF_TERM order,
                    int64_t time) {
    if (order == atoms.load)
        return row->busy - earlier->busy;
    if (order == atoms.rate)
        return (int64_t)(row->handled - earlier->handled);
    if (order == atoms.queue)
        return row->queue;
    if (order == atoms.messages)
        return (int64_t)row->handled;
    if (order == atoms.busy)
        return row->busy;
    if (order == atoms.age)
        return row->begun != 0 ? time - row->begun : -1;
    return 0;
}

/* Into an array of the highest ones, which has room for one more than `limit`. */
static size_t insert(struct ranked *first, size_t count, size_t limit, struct ranked new) {
    size_t place = count;
    while (place > 0 && comes_first(&new, &first[place - 1]))
        place--;
    if (place == limit)
        return count;
    memmove(first + place + 1, first + place, (count - place) * sizeof(struct ranked));
    first[place] = new;
    return count < limit ? count + 1 : count;
}

/* Of more than that is no insertion sort. */
enum { FEW = 1024 };

static int compare(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    return comes_first(x, y) ? -1 : 1;
}

/* Without an order: who waits for an answer, itself or by its asynchronous code. */
static bool is_waiter(const struct row *row) {
    return (waits(row) && row->purpose == ACCOUNT_CALL) || row->branches > 0;
}

static size_t select_rows(struct pair *pair, ERL_NIF_TERM order, size_t limit,
                          struct ranked *first) {
    const struct survey *survey = pair->survey;
    size_t count = 0;
    for (size_t i = 0; i < survey->count; i++) {
        const struct row *row = &survey->rows[i];
        if (order == atoms.nil && !is_waiter(row))
            continue;
        int64_t value = rank(row, before(pair, row), order, survey->time);
        struct ranked new = {value, row->pid, (uint32_t)i};
        if (limit > FEW)
            first[count++] = new;
        else if (count < limit || comes_first(&new, &first[count - 1]))
            count = insert(first, count, limit, new);
    }
    if (limit > FEW)
        qsort(first, count, sizeof(struct ranked), compare);
    return count < limit ? count : limit;
}

ERL_NIF_TERM survey_nif_rows(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct pair pair;
    unsigned long limit;
    (void)argc;
    if (!get_pair(env, argv, &pair) || !enif_get_ulong(env, argv[3], &limit))
        return enif_make_badarg(env);
    const struct survey *survey = pair.survey;
    if (limit > survey->count)
        limit = survey->count;
    size_t room = limit > FEW ? survey->count : limit;
    struct ranked *first = malloc((room + 1) * sizeof(struct ranked));
    if (first == NULL)
        return enif_raise_exception(env, atoms.system_limit);
    size_t count = limit == 0 ? 0 : select_rows(&pair, argv[2], limit, first);
    ERL_NIF_TERM list = enif_make_list(env, 0);
    while (count-- > 0) {
        const struct row *row = &survey->rows[first[count].row];
        ERL_NIF_TERM term = make_row(env, row, survey->time, before(&pair, row));
        list = enif_make_list_cell(env, term, list);
    }
    free(first);
    return list;
}

/* ---- all of one name ---------------------------------------------------------------- */

struct sum {
    bool used;
    struct row row; /* its numbers are sums */
    unsigned long count, running, waiting, queue;
    uint64_t new_handled;
    int64_t new_busy;
};

enum { SUMS = 8192 };

/* Of a name, a kind and an interpreter: the sums are as many as there are different ones. */
static struct sum *sum_of(struct sum *sums, const struct row *row) {
    size_t place = (row->name * 31U + row->kind * 7U + row->interpreter * 131U) % SUMS;
    for (size_t tried = 0; tried < SUMS; tried++, place = (place + 1) % SUMS) {
        struct sum *sum = &sums[place];
        if (!sum->used) {
            sum->used = true;
            sum->row.name = row->name;
            sum->row.kind = row->kind;
            sum->row.interpreter = row->interpreter;
            return sum;
        }
        if (sum->row.name == row->name && sum->row.kind == row->kind &&
            sum->row.interpreter == row->interpreter)
            return sum;
    }
    return &sums[place];
}

static void count_row(struct sum *sum, const struct row *row, const struct row *earlier) {
    sum->count++;
    sum->running += row->state == ACCOUNT_RUNS;
    sum->waiting += waits(row);
    sum->queue += row->queue;
    sum->row.handled += row->handled;
    sum->row.busy += row->busy;
    sum->new_handled += row->handled - earlier->handled;
    sum->new_busy += row->busy - earlier->busy;
}

static ERL_NIF_TERM make_sum(ErlNifEnv *env, const struct sum *sum) {
    ERL_NIF_TERM fields[] = {
        kind_atom(sum->row.kind),
        term_text(env, account_name(sum->row.name)),
        enif_make_uint(env, sum->row.interpreter),
        enif_make_ulong(env, sum->count),
        enif_make_ulong(env, sum->running),
        enif_make_ulong(env, sum->waiting),
        enif_make_ulong(env, sum->queue),
        enif_make_uint64(env, sum->row.handled),
        enif_make_int64(env, sum->row.busy),
        enif_make_uint64(env, sum->new_handled),
        enif_make_int64(env, sum->new_busy),
    };
    return enif_make_tuple_from_array(env, fields, sizeof fields / sizeof fields[0]);
}

ERL_NIF_TERM survey_nif_names(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct pair pair;
    (void)argc;
    if (!get_pair(env, argv, &pair))
        return enif_make_badarg(env);
    const struct survey *survey = pair.survey;
    struct sum *sums = calloc(SUMS, sizeof(struct sum));
    if (sums == NULL)
        return enif_raise_exception(env, atoms.system_limit);
    for (size_t i = 0; i < survey->count; i++) {
        const struct row *row = &survey->rows[i];
        count_row(sum_of(sums, row), row, before(&pair, row));
    }
    ERL_NIF_TERM list = enif_make_list(env, 0);
    for (size_t i = 0; i < SUMS; i++)
        if (sums[i].used)
            list = enif_make_list_cell(env, make_sum(env, &sums[i]), list);
    free(sums);
    return list;
}

ERL_NIF_TERM survey_nif_ended(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ERL_NIF_TERM list = enif_make_list(env, 0);
    (void)argc, (void)argv;
    for (unsigned name = account_names(); name-- > 0;) {
        struct account_sum sum = account_ended(name);
        if (sum.handled == 0 && sum.busy == 0)
            continue;
        ERL_NIF_TERM row =
            enif_make_tuple3(env, term_text(env, account_name(name)),
                             enif_make_uint64(env, sum.handled), enif_make_int64(env, sum.busy));
        list = enif_make_list_cell(env, row, list);
    }
    return list;
}

/* ---- actors one by one ------------------------------------------------------------ */

ERL_NIF_TERM survey_nif_pids(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct survey *survey;
    (void)argc;
    if (!get(env, argv[0], &survey))
        return enif_make_badarg(env);
    ERL_NIF_TERM list = enif_make_list(env, 0);
    for (size_t i = survey->count; i-- > 0;)
        list = enif_make_list_cell(env, make_pid(env, survey->rows[i].pid), list);
    return list;
}

ERL_NIF_TERM survey_nif_row(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct pair pair;
    ErlNifPid pid;
    (void)argc;
    if (!get_pair(env, argv, &pair) || !enif_get_local_pid(env, argv[2], &pid))
        return enif_make_badarg(env);
    const struct row *row = find(pair.survey, pid.pid);
    return row == NULL ? atoms.nil : make_row(env, row, pair.survey->time, before(&pair, row));
}

/* ---- what one works on ---------------------------------------------------------------------- */

ERL_NIF_TERM survey_nif_aim(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct actor *self = actor_get(env, argv[0]);
    ErlNifUInt64 sequence;
    ErlNifPid pid;
    (void)argc;
    if (self == NULL || !enif_get_uint64(env, argv[1], &sequence) ||
        !enif_get_local_pid(env, argv[2], &pid))
        return enif_make_badarg(env);
    if (LOAD(self->sequence) == sequence) /* a wait that is over is shown for a moment, at worst */
        atomic_store_explicit(&self->account.target, pid.pid, memory_order_relaxed);
    return atoms.ok;
}

ERL_NIF_TERM survey_nif_look(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid pid;
    (void)argc;
    struct actor *self = enif_get_local_pid(env, argv[0], &pid) ? directory_find(&pid) : NULL;
    if (self == NULL)
        return atoms.nil;
    unsigned char subject[SUBJECT_MAX];
    size_t length = 0;
    ERL_NIF_TERM work = atoms.nil, caller = atoms.nil;
    int64_t time = now();
    struct row row;
    pthread_mutex_lock(&self->lock); /* what it works on stays for so long */
    read_row(self, time, &row);
    const struct actor_job *job = self->working;
    if (job != NULL) {
        work = actor_job_work_atom(job->work);
        length = job->subject_length < SUBJECT_MAX ? job->subject_length : SUBJECT_MAX;
        memcpy(subject, job->subject, length);
        caller = actor_job_sender(job, env);
    }
    pthread_mutex_unlock(&self->lock);
    ERL_NIF_TERM result = enif_make_tuple4(env, make_row(env, &row, time, &row), work,
                                           term_binary(env, subject, length), caller);
    actor_release(self);
    return result;
}
