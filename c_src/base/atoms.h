/* Every atom that the native part uses: one table. */
#ifndef REBEAM_BASE_ATOMS_H
#define REBEAM_BASE_ATOMS_H

#include <erl_nif.h>

/* X(C name, text) */
#define ATOMS(X)                                                                                   \
    X(ok, "ok")                                                                                    \
    X(error, "error")                                                                              \
    X(down, "down")                                                                                \
    X(timeout, "timeout")                                                                          \
    X(nil, "nil")                                                                                  \
    X(true_, "true")                                                                               \
    X(false_, "false")                                                                             \
    X(integer, "integer")                                                                          \
    X(float_, "float")                                                                             \
    X(nan, "nan")                                                                                  \
    X(negative_infinity, "negative_infinity")                                                      \
    X(infinity, "infinity")                                                                        \
    X(protocol, "$rebeam")                                                                         \
    X(gen_call, "$gen_call")                                                                       \
    X(gen_cast, "$gen_cast")                                                                       \
    X(message, "rebeam")                                                                           \
    X(arrived, "$rebeam_arrived")                                                                  \
    X(admitted, "rebeam_admitted")                                                                 \
    X(done, "done")                                                                                \
    X(reply, "reply")                                                                              \
    X(raised, "raised")                                                                            \
    X(stuck, "stuck")                                                                              \
    X(exited, "exited")                                                                            \
    X(started, "started")                                                                          \
    X(closed, "closed")                                                                            \
    X(closing, "closing")                                                                          \
    X(suspend, "suspend")                                                                          \
    X(client, "client")                                                                            \
    X(branch, "branch")                                                                            \
    X(settled, "settled")                                                                          \
    X(call, "call")                                                                                \
    X(cast, "cast")                                                                                \
    X(sent, "sent")                                                                                \
    X(sent_many, "sent_many")                                                                      \
    X(noproc, "noproc")                                                                            \
    X(sleep, "sleep")                                                                              \
    X(operation, "operation")                                                                      \
    X(raise, "raise")                                                                              \
    X(construct, "construct")                                                                      \
    X(construct_held, "construct_held")                                                            \
    X(start, "start")                                                                              \
    X(info, "info")                                                                                \
    X(continue_, "continue")                                                                       \
    X(idle, "idle")                                                                                \
    X(admitted_call, "admitted_call")                                                              \
    X(admitted_cast, "admitted_cast")                                                              \
    X(move, "move")                                                                                \
    X(overloaded, "overloaded")                                                                    \
    X(wake, "wake")                                                                                \
    X(stop, "stop")                                                                                \
    X(run, "run")                                                                                  \
    X(packed, "packed")                                                                            \
    X(script, "script")                                                                            \
    X(ready, "ready")                                                                              \
    X(signal, "signal")                                                                            \
    X(ended, "ended")                                                                              \
    X(failed, "failed")                                                                            \
    X(printed, "printed")                                                                          \
    X(pipe, "pipe")                                                                                \
    X(threads, "threads")                                                                          \
    X(detached, "detached")                                                                        \
    X(queued, "queued")                                                                            \
    X(jobs, "jobs")                                                                                \
    X(actors, "actors")                                                                            \
    X(suspended, "suspended")                                                                      \
    X(blocked, "blocked")                                                                          \
    X(handles, "handles")                                                                          \
    X(helpers, "helpers")                                                                          \
    X(abandoned, "abandoned")                                                                      \
    X(interrupt, "interrupt")                                                                      \
    X(withdrawn, "withdrawn")                                                                      \
    X(working, "working")                                                                          \
    X(over, "over")                                                                                \
    X(dedicated, "dedicated")                                                                      \
    X(shared, "shared")                                                                            \
    X(actor, "actor")                                                                              \
    X(machine, "machine")                                                                          \
    X(function, "function")                                                                        \
    X(running, "running")                                                                          \
    X(waiting, "waiting")                                                                          \
    X(python, "python")                                                                            \
    X(busy, "busy")                                                                                \
    X(messages, "messages")                                                                        \
    X(queue, "queue")                                                                              \
    X(load, "load")                                                                                \
    X(rate, "rate")                                                                                \
    X(age, "age")                                                                                  \
    X(trace, "$rebeam_trace")                                                                      \
    X(large, "large")                                                                              \
    X(asks, "asks")                                                                                \
    X(gets, "gets")                                                                                \
    X(system_limit, "system_limit")

/* Set by atoms_init, never changed: atoms are the same in every environment. */
struct atoms {
#define X(name, text) ERL_NIF_TERM name;
    ATOMS(X)
#undef X
};

extern struct atoms atoms;

void atoms_init(ErlNifEnv *env);

#endif
