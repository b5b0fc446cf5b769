/* Interpreter units: sub-interpreters with a GIL each, in which actors run as in the main one.
 *
 *   start --> MAKING --ready--> IDLE --the program ends--> FINISHED
 *                \--failed--> over
 *
 * A unit has a thread of its own: it makes the interpreter and imports rebeam there, which makes
 * it the main thread of that interpreter's `threading`; then it waits for the end of the program.
 * Actors run on the workers of the unit's executor. What belongs to one interpreter is in its
 * struct interpreter; an actor and a handle know theirs by their executor. Messages between units
 * are bytes, and an answer is a job for the executor of who waits: no object ever crosses.
 *
 * An interpreter is never ended before the VM: threads may be in it.
 *
 * Messages to the process that started it:
 *   {'$rebeam', ready, Maker}   the handle of this interpreter's rebeam._engine.elixir.make
 *   {'$rebeam', failed, Text}
 */
#ifndef REBEAM_EMBED_SUBINTERPRETER_H
#define REBEAM_EMBED_SUBINTERPRETER_H

#include "base/python.h"

#include <erl_nif.h>
#include <stdbool.h>

/* (Packed) -> ok | {error, Text}. Python must be ready. Packed is given to
 * rebeam._engine.units.begin in the new interpreter, unless it is empty. */
ERL_NIF_TERM subinterpreter_nif_start(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

/* _main_load(name, path or None), for `_rebeam`: rebeam._engine.interpreter.load in the main
 * interpreter. None, or the text of what was raised there. */
PyObject *subinterpreter_main_load(PyObject *module, PyObject *args);

/* True once any was started: the main interpreter must not be finalised then. */
bool subinterpreter_any(void);
/* Has every unit do what python does at its end, each on its own thread. */
void subinterpreter_finish(void);
/* Waits for that, some seconds at most. Without the GIL. */
void subinterpreter_await_finish(void);

#endif
