#include "suspend/suspend.h"

#include "suspend/private.h"
#include "suspend/runtime/await.h"
#include "suspend/runtime/bridge.h"
#include "suspend/runtime/call.h"
#include "suspend/runtime/delegate.h"
#include "suspend/runtime/initializer.h"
#include "suspend/runtime/mark.h"
#include "suspend/runtime/place.h"
#include "suspend/runtime/primitive.h"
#include "suspend/runtime/step.h"
#include "suspend/walker/names.h"
#include "suspend/walker/pair.h"
#include "suspend/walker/rewrite.h"
#include "suspend/walker/scan.h"
#include "suspend/walker/twin.h"

#include <stdlib.h>
#include <string.h>

int suspend_init(struct interpreter *interpreter) {
    const char *mode = getenv("REBEAM_SUSPEND");
    struct suspend_state *state = calloc(1, sizeof *state);
    if (state == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    interpreter->suspend = state;
    state->all = mode != NULL && strcmp(mode, "all") == 0;
    if (suspend_tree_init(&state->tree) < 0 || suspend_mark_init(state) < 0 ||
        suspend_await_init(state) < 0 || suspend_bridge_init(state) < 0 ||
        suspend_delegate_init(state) < 0 || suspend_initializer_init(state) < 0 ||
        suspend_primitive_init(state) < 0 || suspend_twin_init(state) < 0 ||
        suspend_place_init(state) < 0)
        return -1;
    return suspend_call_init(state);
}

int suspend_add_functions(PyObject *module) {
    static PyMethodDef methods[] = {
        {"suspend_scan", suspend_scan, METH_O, "Summary of what a module's tree calls."},
        {"suspend_names", suspend_names, METH_O, "Names that may stand for what suspends."},
        {"suspend_rewrite", suspend_rewrite, METH_VARARGS, "Makes a tree asynchronous, in place."},
        {"suspend_pair", suspend_pair, METH_VARARGS, "Ties two trees of code objects."},
        {"suspend_twin", suspend_twin, METH_O, "The code of a code's twin, or None."},
        {"suspend_run", (PyCFunction)(void (*)(void))suspend_run, METH_FASTCALL | METH_KEYWORDS,
         "Calls through twins and waits on this thread."},
        {"_initializer", suspend_initializer, METH_O,
         "_initializer(function, /)\n--\n\nStands in a class for its __init__."},
        {"_made", suspend_made, METH_O, "_made(instance, /)\n--\n\n__init__ comes next."},
        {"suspend_record", suspend_record, METH_O,
         "suspend_record(function, /)\n--\n\nWhat hears of each use of a primitive, or None."},
        {"suspend_count", suspend_count, METH_NOARGS, "How often runs have stopped."},
        {NULL, NULL, 0, NULL},
    };
    return PyModule_AddFunctions(module, methods);
}
