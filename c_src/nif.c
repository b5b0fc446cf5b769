/* The table of NIFs, and what happens when the library is loaded. */
#include "actor/nif.h"
#include "actor/direct.h"
#include "actor/many.h"

#include "actor/asked.h"
#include "actor/helper.h"
#include "actor/interrupt.h"
#include "actor/life.h"
#include "actor/stack.h"
#include "actor/survey.h"
#include "actor/tracing.h"
#include "base/atoms.h"
#include "counter/cell.h"
#include "embed/embed.h"
#include "embed/subinterpreter.h"
#include "embed/tell.h"
#include "memory/file.h"
#include "memory/memory.h"
#include "message/mailbox.h"
#include "message/names.h"
#include "output/output.h"
#include "output/pipe.h"
#include "run/executor.h"
#include "run/handle.h"
#include "value/erlang/nif.h"
#include "value/erlang/struct.h"
#include "value/options.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* () -> ok. The calling process acts for threads that have no process. */
static ERL_NIF_TERM set_clients(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    ErlNifPid pid;
    (void)argc, (void)argv;
    actor_set_clients(enif_self(env, &pid));
    return atoms.ok;
}

static ERL_NIF_TERM make_counts(ErlNifEnv *env, const struct executor_counts *of) {
    ERL_NIF_TERM keys[] = {atoms.actors,    atoms.suspended, atoms.blocked, atoms.handles,
                           atoms.threads,   atoms.detached,  atoms.queued,  atoms.jobs,
                           atoms.abandoned, atoms.dedicated, atoms.shared,  atoms.helpers};
    ERL_NIF_TERM values[] = {
        enif_make_ulong(env, of->actors),     enif_make_ulong(env, of->suspended),
        enif_make_ulong(env, of->blocked),    enif_make_ulong(env, of->handles),
        enif_make_ulong(env, of->threads),    enif_make_ulong(env, of->detached),
        enif_make_ulong(env, of->queued),     enif_make_ulong(env, of->jobs),
        enif_make_ulong(env, of->abandoned),  enif_make_ulong(env, of->dedicated),
        enif_make_ulong(env, memory_count()), enif_make_ulong(env, actor_helper_count()),
    };
    ERL_NIF_TERM map = atoms.error;
    enif_make_map_from_arrays(env, keys, values, sizeof keys / sizeof keys[0], &map);
    return map;
}

/* () -> #{actors, suspended, blocked, handles, ... => Count}, of all interpreters together */
static ERL_NIF_TERM counts(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct executor_counts all = executor_counts(NULL);
    (void)argc, (void)argv;
    return make_counts(env, &all);
}

/* (Handle) -> the same of its interpreter */
static ERL_NIF_TERM interpreter_counts(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct executor *executor;
    (void)argc;
    if (handle_get(env, argv[0], &executor) == NULL)
        return enif_make_badarg(env);
    struct executor_counts own = executor_counts(executor);
    return make_counts(env, &own);
}

/* (Handle) -> the number of its interpreter */
static ERL_NIF_TERM interpreter_number(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    struct executor *executor;
    (void)argc;
    if (handle_get(env, argv[0], &executor) == NULL)
        return enif_make_badarg(env);
    return enif_make_int64(env, executor_number(executor));
}

/* What C code printed and left in its buffer; unless a thread is at it. */
static void flush_stdio(FILE *stream) {
    if (ftrylockfile(stream) == 0) {
        fflush_unlocked(stream);
        funlockfile(stream);
    }
}

/* (Status). Ends the OS process at once: threads may be in Python, so no C exit handlers run.
 * Ctrl-C ends it as the signal would, so that a shell stops its loop. */
static ERL_NIF_TERM halt(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]) {
    int status;
    (void)argc;
    if (!enif_get_int(env, argv[0], &status))
        return enif_make_badarg(env);
    flush_stdio(stdout);
    flush_stdio(stderr);
    if (status == EMBED_STATUS_INTERRUPTED) {
        sigset_t interrupt;
        sigemptyset(&interrupt);
        sigaddset(&interrupt, SIGINT);
        signal(SIGINT, SIG_DFL);
        pthread_sigmask(SIG_UNBLOCK, &interrupt, NULL);
        raise(SIGINT);
    }
    _exit(status);
}

static ErlNifFunc functions[] = {
    {"python_start", 2, embed_nif_start, 0},
    {"python_script", 5, embed_nif_script, 0},
    {"python_finish", 0, embed_nif_finish, 0},
    {"heed_signals", 0, embed_nif_heed_signals, 0},
    {"end_signals", 0, embed_nif_end_signals, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"interpreter_start", 1, subinterpreter_nif_start, 0},
    {"interpreter_counts", 1, interpreter_counts, 0},
    {"interpreter_number", 1, interpreter_number, 0},
    {"set_clients", 0, set_clients, 0},
    {"counts", 0, counts, 0},
    {"halt", 1, halt, 0},
    {"actor_new", 3, actor_nif_new, 0},
    {"actor_work", 6, actor_nif_work, 0},
    {"actor_withdraw", 3, actor_nif_withdraw, 0},
    {"actor_interrupt", 2, actor_nif_interrupt, 0},
    {"actor_count", 2, actor_nif_count, 0},
    {"actor_enlist", 1, actor_nif_enlist, 0},
    {"actor_open", 2, actor_nif_open, 0},
    {"actor_arrived", 1, actor_nif_arrived, 0},
    {"actor_stay", 1, actor_nif_stay, 0},
    {"actor_leave", 1, actor_nif_leave, 0},
    {"actor_close", 2, actor_nif_close, 0},
    {"actor_resume", 5, actor_nif_resume, 0},
    {"actor_cast", 3, actor_nif_cast, 0},
    {"actor_unanswered", 2, actor_nif_unanswered, 0},
    {"actor_help", 1, actor_nif_help, 0},
    {"actor_asked", 4, actor_nif_asked, 0},
    {"states_new", 1, actor_nif_states_new, 0},
    {"states_exchange", 4, actor_nif_states_exchange, 0},
    {"actor_reply", 3, actor_nif_reply, 0},
    {"actor_idle", 2, actor_nif_idle, 0},
    {"survey_take", 0, survey_nif_take, ERL_NIF_DIRTY_JOB_CPU_BOUND},
    {"survey_rows", 4, survey_nif_rows, ERL_NIF_DIRTY_JOB_CPU_BOUND},
    {"survey_pids", 1, survey_nif_pids, ERL_NIF_DIRTY_JOB_CPU_BOUND},
    {"survey_row", 3, survey_nif_row, 0},
    {"survey_names", 2, survey_nif_names, ERL_NIF_DIRTY_JOB_CPU_BOUND},
    {"survey_ended", 0, survey_nif_ended, 0},
    {"survey_between", 2, survey_nif_between, 0},
    {"survey_aim", 3, survey_nif_aim, 0},
    {"survey_look", 1, survey_nif_look, 0},
    {"stack_ask", 2, stack_nif_ask, 0},
    {"tracing_start", 2, tracing_nif_start, 0},
    {"mailbox_cast", 5, mailbox_nif_cast, 0},
    {"mailbox_publish", 4, mailbox_nif_publish, 0},
    {"mailbox_cancel", 1, mailbox_nif_cancel, 0},
    {"mailbox_send", 2, mailbox_nif_send, 0},
    {"mailbox_detour", 1, mailbox_nif_detour, 0},
    {"memory_lend", 1, memory_file_nif_lend, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"memory_take", 1, memory_file_nif_take, 0},
    {"memory_map", 1, memory_file_nif_map, 0},
    {"memory_close", 1, memory_file_nif_close, 0},
    {"cell_share", 0, cell_nif_share, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"cell_join", 1, cell_nif_join, ERL_NIF_DIRTY_JOB_IO_BOUND},
    {"cell_get", 2, cell_nif_get, 0},
    {"cell_add", 3, cell_nif_add, 0},
    {"cell_exchange", 3, cell_nif_exchange, 0},
    {"names_version", 1, names_nif_version, 0},
    {"names_learn", 3, names_nif_learn, 0},
    {"names_changed", 0, names_nif_changed, 0},
    {"names_forget", 1, names_nif_forget, 0},
    {"actor_kill", 1, actor_nif_kill, 0},
    {"actor_output", 1, actor_nif_output, 0},
    {"output_progress", 0, output_nif_progress, 0},
    {"output_attach", 0, output_nif_attach, 0},
    {"output_detach", 0, output_nif_detach, 0},
    {"output_written", 1, output_nif_written, 0},
    {"pipe_read", 1, pipe_nif_read, 0},
    {"pipe_select", 1, pipe_nif_select, 0},
    {"value_pack", 1, value_nif_pack, 0},
    {"value_payload", 1, value_nif_payload, 0},
    {"value_unpack", 1, value_nif_unpack, 0},
    {"value_unpack_message", 1, value_nif_unpack_message, 0},
    {"value_options", 2, value_nif_options, 0},
};

/* The emulator sets thresholds of glibc's malloc, which then does not raise them by itself any
 * more, as it does under python: each buffer of more than 128 kB would be mapped, faulted in and
 * unmapped, each time. What is larger than 4 MiB still is: it is given back when it is freed. */
static void tune_malloc(void) {
#ifdef __GLIBC__
    enum { MMAP_THRESHOLD = 4 << 20, TRIM_THRESHOLD = 8 << 20 };
    mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
    mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD);
#endif
}

static int load(ErlNifEnv *env, void **private_data, ERL_NIF_TERM info) {
    (void)private_data;
    tune_malloc();
    atoms_init(env);
    value_load(env, info); /* an empty MapSet */
    return handle_load(env) && memory_load(env) && memory_file_load(env) && pipe_load(env) &&
                   actor_load(env) && survey_load(env)
               ? 0
               : 1;
}

static int upgrade(ErlNifEnv *env, void **private_data, void **old, ERL_NIF_TERM info) {
    (void)old;
    return load(env, private_data, info);
}

ERL_NIF_INIT(Elixir.Rebeam.Native, functions, load, NULL, upgrade, NULL)
