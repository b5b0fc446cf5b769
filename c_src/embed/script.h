/* The body of a script, and what its owner hears of it: see the messages in embed/embed.h.
 *
 * Python's main thread only, GIL held.
 */
#ifndef REBEAM_EMBED_SCRIPT_H
#define REBEAM_EMBED_SCRIPT_H

#include "base/interpreter.h"

#include <erl_nif.h>
#include <stdbool.h>

/* What to run. Who made it owns its strings. */
struct script {
    ErlNifPid owner;          /* who is told, and whose actor the body is */
    char *mode, *path;        /* for rebeam._program.boot.load */
    unsigned char *arguments; /* packed: the script's sys.argv; NULL: CPython's start set it */
    size_t arguments_length;
    int64_t output;  /* where goes what it prints (output/output.h) */
    bool supervised; /* a child in a supervision tree: what fails is told, not printed */
};

/* Runs the body to its end, and tells the owner. `boot` is the module rebeam._program.boot. */
void script_run(const struct script *self, PyObject *boot);
/* The main thread runs no script's code any more: what it asks for, it asks for as any thread. */
void script_leave(void);
/* The exit status of the exception that is set; prints what python prints. */
int script_exit_status(void);

#endif
