/* Workers, who owns the queue, and the monitor that takes it from a slow one. */
#include "run/executor.h"

#include "run/signals.h"
#include "run/thread.h"
#include "run/trace.h"

#include <erl_nif.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

enum {
    SPIN_NANOSECONDS = 25 * 1000, /* an owner looks for work this long before it sleeps */
    MONITOR_PERIOD_NANOSECONDS = 2 * 1000 * 1000, /* a job seen at two looks is long */
    MONITOR_IDLE_LOOKS = 8,                       /* looks without work before the monitor sleeps */
    PARKED_MAX = 8,                               /* parked workers beyond this end */
    STUCK_SECONDS = 10, /* a job that has its thread for so long is told of; REBEAM_WARN_BLOCKED */
};

struct worker {
    struct executor *executor;
    struct worker *next_parked;
    PyThreadState *thread_state; /* its own, for as long as the thread lives */
    pthread_cond_t promoted;
    struct trace trace;
    struct worker *next_detached, *previous_detached;
    long since;     /* seconds, CLOCK_MONOTONIC: when it was detached, or looked at */
    bool told;      /* that its job has lasted for too long */
    void *works_on; /* GIL held */
    unsigned long thread;
    bool retiring; /* it ends with its job; its own thread's */
    atomic_bool detached;
};

struct executor {
    struct executor *next; /* all executors, for executor_counts; they never end */
    PyInterpreterState *interpreter;
    pthread_mutex_t lock; /* guards everything below but the atomics */
    pthread_cond_t work;  /* the owner sleeps here */
    pthread_cond_t watch; /* the monitor sleeps here */
    struct job *first, *last;
    struct worker *owner;  /* NULL: the next submit promotes one */
    struct worker *parked; /* a stack: the warmest first */
    struct worker *first_detached;
    bool owner_asleep;
    bool monitor_started, monitor_asleep;
    bool tick_wanted, tick_queued;
    struct job tick_job;
    bool (*tick)(void); /* set once */
    struct job stuck_job;
    executor_stuck stuck; /* set once */
    long stuck_after;     /* seconds; 0: never */
    long stuck_looked;
    bool stuck_queued, stuck_left;
    unsigned long parked_count, threads, detached;
    atomic_ulong queued;
    atomic_ulong jobs;          /* counts jobs begun */
    atomic_bool running;        /* the owner is inside a job */
    atomic_int_least64_t clock; /* nanoseconds: when the monitor looked, or was woken */
    struct executor_tally tally;
};

static _Atomic(struct executor *) executors;

/* Of the calling thread; NULL on threads that are no worker. */
static _Thread_local struct worker *worker_current;

static void *worker_main(void *argument);
static void *monitor_main(void *argument);

/* Held for some instructions only: worth a short spin before the kernel is asked. */
static void init_lock(pthread_mutex_t *lock) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
    pthread_mutex_init(lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

static long seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void set_clock(struct executor *self) {
    atomic_store_explicit(&self->clock, nanoseconds(), memory_order_relaxed);
}

static long read_stuck_after(void) {
    char text[16];
    size_t size = sizeof text;
    return enif_getenv("REBEAM_WARN_BLOCKED", text, &size) == 0 ? strtol(text, NULL, 10)
                                                                : STUCK_SECONDS;
}

struct executor *executor_new(bool (*tick)(void), executor_stuck stuck) {
    struct executor *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->interpreter = PyInterpreterState_Get();
    self->tick = tick;
    self->stuck = stuck;
    self->stuck_after = read_stuck_after();
    init_lock(&self->lock);
    pthread_cond_init(&self->work, NULL);
    pthread_cond_init(&self->watch, NULL);
    self->next = atomic_load(&executors);
    while (!atomic_compare_exchange_weak(&executors, &self->next, self))
        ;
    return self;
}

int64_t executor_number(const struct executor *self) {
    return PyInterpreterState_GetID(self->interpreter);
}

PyInterpreterState *executor_interpreter(struct executor *self) {
    return self->interpreter;
}

/* ---- ownership; the lock is held in these -------------------------------- */

static bool worker_spawn(struct executor *self) {
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL)
        return false;
    worker->executor = self;
    pthread_cond_init(&worker->promoted, NULL);
    if (!thread_start("rebeam_worker", worker_main, worker)) {
        pthread_cond_destroy(&worker->promoted);
        free(worker);
        return false;
    }
    self->owner = worker;
    self->threads++;
    return true;
}

/* Gives the queue to a parked or a new worker, if there is work and no owner. */
static bool promote(struct executor *self) {
    if (self->owner != NULL || self->first == NULL)
        return true;
    struct worker *worker = self->parked;
    if (worker == NULL)
        return worker_spawn(self);
    self->parked = worker->next_parked;
    self->parked_count--;
    self->owner = worker;
    pthread_cond_signal(&worker->promoted);
    return true;
}

static void detach(struct executor *self) {
    struct worker *worker = self->owner;
    worker->since = seconds();
    worker->told = false;
    atomic_store(&worker->detached, true);
    worker->previous_detached = NULL;
    worker->next_detached = self->first_detached;
    if (self->first_detached != NULL)
        self->first_detached->previous_detached = worker;
    self->first_detached = worker;
    self->owner = NULL;
    self->detached++;
    atomic_store(&self->running, false);
    promote(self);
}

static void attach(struct executor *self, struct worker *worker) {
    *(worker->previous_detached ? &worker->previous_detached->next_detached
                                : &self->first_detached) = worker->next_detached;
    if (worker->next_detached != NULL)
        worker->next_detached->previous_detached = worker->previous_detached;
    self->detached--;
    atomic_store(&worker->detached, false);
}

static void wake_monitor(struct executor *self) {
    if (!self->monitor_started || self->monitor_asleep)
        set_clock(self);
    if (!self->monitor_started)
        self->monitor_started = thread_start("rebeam_monitor", monitor_main, self);
    if (self->monitor_asleep)
        pthread_cond_signal(&self->watch);
}

static bool enqueue(struct executor *self, struct job *job) {
    job->next = NULL;
    if (self->last != NULL)
        self->last->next = job;
    else
        self->first = job;
    self->last = job;
    atomic_fetch_add(&self->queued, 1);
    bool served = true;
    if (self->owner == NULL)
        served = promote(self);
    else if (self->owner_asleep)
        pthread_cond_signal(&self->work);
    return served;
}

bool executor_submit(struct executor *self, struct job *job) {
    pthread_mutex_lock(&self->lock);
    bool served = enqueue(self, job);
    pthread_mutex_unlock(&self->lock);
    return served;
}

static void tick_run(struct job *job) {
    struct executor *self =
        (struct executor *)(void *)((char *)job - offsetof(struct executor, tick_job));
    bool again = self->tick();
    pthread_mutex_lock(&self->lock);
    self->tick_queued = false;
    self->tick_wanted = self->tick_wanted || again;
    if (self->tick_wanted)
        wake_monitor(self);
    pthread_mutex_unlock(&self->lock);
}

void executor_tick(struct executor *self) {
    pthread_mutex_lock(&self->lock);
    if (!self->tick_wanted) {
        self->tick_wanted = true;
        wake_monitor(self);
    }
    pthread_mutex_unlock(&self->lock);
}

void executor_block(void) {
    struct worker *worker = worker_current;
    if (worker == NULL)
        return;
    struct executor *self = worker->executor;
    pthread_mutex_lock(&self->lock);
    if (self->owner == worker)
        detach(self);
    pthread_mutex_unlock(&self->lock);
}

/* The monitor sleeps while a job goes on that has its thread for itself. */
static int64_t clock_of(const struct worker *worker) {
    if (worker == NULL || atomic_load_explicit(&worker->detached, memory_order_relaxed))
        return nanoseconds();
    return atomic_load_explicit(&worker->executor->clock, memory_order_relaxed);
}

int64_t executor_clock(void) {
    return clock_of(worker_current);
}

int64_t executor_works_on(void *what) {
    struct worker *worker = worker_current;
    if (worker != NULL)
        worker->works_on = what;
    return clock_of(worker);
}

void executor_retire(void) {
    executor_block();
    if (worker_current != NULL)
        worker_current->retiring = true;
}

struct executor_tally *executor_tally(struct executor *self) {
    return &self->tally;
}

static void count(struct executor *self, struct executor_counts *counts) {
    pthread_mutex_lock(&self->lock);
    counts->threads += self->threads;
    counts->detached += self->detached;
    counts->queued += atomic_load(&self->queued);
    counts->jobs += atomic_load(&self->jobs);
    pthread_mutex_unlock(&self->lock);
    counts->actors += atomic_load(&self->tally.actors);
    counts->suspended += atomic_load(&self->tally.suspended);
    counts->blocked += atomic_load(&self->tally.blocked);
    counts->abandoned += atomic_load(&self->tally.abandoned);
    counts->handles += atomic_load(&self->tally.handles);
    counts->dedicated += atomic_load(&self->tally.dedicated);
}

struct executor_counts executor_counts(struct executor *self) {
    struct executor_counts counts = {0};
    if (self != NULL)
        count(self, &counts);
    else
        for (self = atomic_load(&executors); self != NULL; self = self->next)
            count(self, &counts);
    return counts;
}

/* ---- workers -------------------------------------------------------------- */

/* Returns the next job, or NULL if the queue is empty or no longer the worker's. */
static struct job *take(struct worker *worker) {
    struct executor *self = worker->executor;
    struct job *job = NULL;
    pthread_mutex_lock(&self->lock);
    if (self->owner == worker)
        atomic_store(&self->running, false);
    if (self->owner == worker && self->first != NULL) {
        job = self->first;
        self->first = job->next;
        if (self->first == NULL)
            self->last = NULL;
        atomic_fetch_sub(&self->queued, 1);
        atomic_fetch_add(&self->jobs, 1);
        atomic_store(&self->running, true);
        wake_monitor(self); /* no job runs unwatched, however its worker came to it */
    }
    pthread_mutex_unlock(&self->lock);
    return job;
}

/* The GIL first, then the job: one that waits for the GIL is queued, not running. */
static void run_jobs(struct worker *worker) {
    struct job *job;
    if (atomic_load(&worker->executor->queued) == 0)
        return;
    PyEval_RestoreThread(worker->thread_state);
    trace_follow(&worker->trace);
    while ((job = take(worker)) != NULL) {
        job->run(job);
        signals_refuse_again();
    }
    PyEval_SaveThread();
}

static bool is_owner(struct worker *worker) {
    struct executor *self = worker->executor;
    pthread_mutex_lock(&self->lock);
    bool owner = self->owner == worker;
    pthread_mutex_unlock(&self->lock);
    return owner;
}

static bool spin(struct executor *self) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long end = now.tv_sec * 1000000000LL + now.tv_nsec + SPIN_NANOSECONDS;
    do {
        for (int i = 0; i < 32; i++) {
            if (atomic_load_explicit(&self->queued, memory_order_relaxed) > 0)
                return true;
            thread_pause();
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec * 1000000000LL + now.tv_nsec < end);
    return false;
}

/* The owner waits for work. False when it is the owner no more. */
static bool await_work(struct worker *worker) {
    struct executor *self = worker->executor;
    if (spin(self))
        return true;
    pthread_mutex_lock(&self->lock);
    while (self->owner == worker && self->first == NULL) {
        self->owner_asleep = true;
        pthread_cond_wait(&self->work, &self->lock);
        self->owner_asleep = false;
    }
    bool owner = self->owner == worker;
    if (owner)
        wake_monitor(self);
    pthread_mutex_unlock(&self->lock);
    return owner;
}

/* A detached worker whose job has ended waits to be needed again. False: it shall end. */
static bool park(struct worker *worker) {
    struct executor *self = worker->executor;
    bool stay = true;
    pthread_mutex_lock(&self->lock);
    if (self->owner != worker) {
        attach(self, worker);
        stay = self->parked_count < PARKED_MAX && !worker->retiring;
        if (!stay)
            self->threads--;
    }
    if (stay && self->owner != worker) {
        worker->next_parked = self->parked;
        self->parked = worker;
        self->parked_count++;
        promote(self); /* the queue has no owner if a thread could not be made for it */
        while (self->owner != worker)
            pthread_cond_wait(&worker->promoted, &self->lock);
        wake_monitor(self);
    }
    pthread_mutex_unlock(&self->lock);
    return stay;
}

static void worker_end(struct worker *worker) {
    PyEval_RestoreThread(worker->thread_state);
    trace_free(&worker->trace);
    PyThreadState_Clear(worker->thread_state);
    PyEval_SaveThread();
    PyThreadState_Delete(worker->thread_state);
    pthread_cond_destroy(&worker->promoted);
    free(worker);
}

static void *worker_main(void *argument) {
    struct worker *worker = argument;
    worker_current = worker;
    worker->thread = PyThread_get_thread_ident();
    worker->thread_state = PyThreadState_New(worker->executor->interpreter);
    pthread_mutex_lock(&worker->executor->lock);
    wake_monitor(worker->executor);
    pthread_mutex_unlock(&worker->executor->lock);
    do {
        do
            run_jobs(worker);
        while (is_owner(worker) && await_work(worker));
    } while (park(worker));
    worker_end(worker);
    return NULL;
}

/* ---- jobs that keep their threads ------------------------------------------ */

/* The next one to be told of, and for how long it has its thread; or NULL. */
static struct worker *next_stuck(struct executor *self, long time) {
    struct worker *worker = self->first_detached;
    while (worker != NULL && (worker->told || time - worker->since < self->stuck_after))
        worker = worker->next_detached;
    return worker;
}

/* Has the GIL, without which no worker ends its job: so what one works on is there until `stuck`
 * gives it away, which it does only for one that it tells of. */
static void stuck_run(struct job *job) {
    struct executor *self =
        (struct executor *)(void *)((char *)job - offsetof(struct executor, stuck_job));
    long time = seconds();
    for (;;) {
        pthread_mutex_lock(&self->lock);
        struct worker *worker = next_stuck(self, time);
        if (worker != NULL)
            worker->told = true;
        else
            self->stuck_queued = false;
        pthread_mutex_unlock(&self->lock);
        if (worker == NULL)
            return;
        if (worker->works_on == NULL ||
            self->stuck(worker->works_on, worker->thread, time - worker->since))
            continue;
        pthread_mutex_lock(&self->lock);
        worker->told = false;
        worker->since = time;
        pthread_mutex_unlock(&self->lock);
    }
}

/* Once a second: whether any is left that may be told of. The lock is held. */
static bool look_for_stuck(struct executor *self) {
    if (self->first_detached == NULL || self->stuck_after <= 0)
        return false;
    long time = seconds();
    if (time == self->stuck_looked)
        return self->stuck_left;
    self->stuck_looked = time;
    self->stuck_left = false;
    for (struct worker *each = self->first_detached; each != NULL; each = each->next_detached)
        self->stuck_left = self->stuck_left || !each->told;
    if (!self->stuck_queued && next_stuck(self, time) != NULL) {
        self->stuck_queued = true;
        self->stuck_job.run = stuck_run;
        enqueue(self, &self->stuck_job);
    }
    return self->stuck_left;
}

/* The monitor sleeps until it is woken, or for a second. The lock is held. */
static void rest(struct executor *self, bool brief) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    self->monitor_asleep = true;
    if (brief)
        pthread_cond_timedwait(&self->watch, &self->lock, &until);
    else
        pthread_cond_wait(&self->watch, &self->lock);
    self->monitor_asleep = false;
}

/* ---- the monitor ---------------------------------------------------------- */

/* Looks at the owner now and then; a job that is there at two looks is long. The
 * monitor sleeps for good while the executor is idle. */
static void *monitor_main(void *argument) {
    struct executor *self = argument;
    const struct timespec period = {.tv_nsec = MONITOR_PERIOD_NANOSECONDS};
    unsigned long seen = 0;
    int idle = 0;
    for (;;) {
        nanosleep(&period, NULL);
        pthread_mutex_lock(&self->lock);
        set_clock(self);
        unsigned long now = atomic_load(&self->jobs);
        bool running = self->owner != NULL && atomic_load(&self->running);
        if (running && now == seen)
            detach(self);
        promote(self); /* again, if a thread could not be made before */
        if (self->tick_wanted && !self->tick_queued) {
            self->tick_wanted = false;
            self->tick_queued = true;
            self->tick_job.run = tick_run;
            enqueue(self, &self->tick_job);
        }
        bool stuck = look_for_stuck(self);
        /* An owner with a queue may be waiting for the GIL: it will be running. */
        bool busy = running || now != seen || self->first != NULL || self->tick_wanted;
        idle = busy ? 0 : idle + 1;
        seen = now;
        if (idle >= MONITOR_IDLE_LOOKS) {
            rest(self, stuck);
            idle = 0;
        }
        pthread_mutex_unlock(&self->lock);
    }
    return NULL;
}
