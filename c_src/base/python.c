/* CPython functions outside the limited API, found by name at run time. */
#include "base/python.h"

#include <dlfcn.h>
#include <string.h>

struct python_extra python_extra;

/* Some functions changed their name when they became official; the first that exists wins. */
struct symbol {
    void **slot;
    const char *name;
    const char *older_name; /* NULL if it always had this one */
};

#define SLOT(field) ((void **)(void *)&python_extra.field)

const char *python_extra_load(void) {
    const struct symbol symbols[] = {
        {SLOT(function_new), "PyFunction_New", NULL},
        {SLOT(function_code), "PyFunction_GetCode", NULL},
        {SLOT(function_globals), "PyFunction_GetGlobals", NULL},
        {SLOT(function_defaults), "PyFunction_GetDefaults", NULL},
        {SLOT(function_kwdefaults), "PyFunction_GetKwDefaults", NULL},
        {SLOT(function_closure), "PyFunction_GetClosure", NULL},
        {SLOT(function_set_defaults), "PyFunction_SetDefaults", NULL},
        {SLOT(function_set_kwdefaults), "PyFunction_SetKwDefaults", NULL},
        {SLOT(function_set_closure), "PyFunction_SetClosure", NULL},
        {SLOT(method_function), "PyMethod_Function", NULL},
        {SLOT(method_self), "PyMethod_Self", NULL},
        {SLOT(vectorcall), "PyObject_Vectorcall", NULL},
        {SLOT(code_extra_index), "PyUnstable_Eval_RequestCodeExtraIndex",
         "_PyEval_RequestCodeExtraIndex"},
        {SLOT(code_extra_get), "PyUnstable_Code_GetExtra", "_PyCode_GetExtra"},
        {SLOT(code_extra_set), "PyUnstable_Code_SetExtra", "_PyCode_SetExtra"},
        {SLOT(config_init), "PyConfig_InitPythonConfig", NULL},
        {SLOT(config_set_argv), "PyConfig_SetBytesArgv", NULL},
        {SLOT(initialize), "Py_InitializeFromConfig", NULL},
        {SLOT(add_audit_hook), "PySys_AddAuditHook", NULL},
        {SLOT(set_trace), "PyEval_SetTrace", NULL},
        {SLOT(enter_tracing), "PyThreadState_EnterTracing", NULL},
        {SLOT(leave_tracing), "PyThreadState_LeaveTracing", NULL},
        {SLOT(context_new), "PyContext_New", NULL},
        {SLOT(context_enter), "PyContext_Enter", NULL},
        {SLOT(context_exit), "PyContext_Exit", NULL},
        {SLOT(context_variable_new), "PyContextVar_New", NULL},
        {SLOT(context_variable_get), "PyContextVar_Get", NULL},
        {SLOT(context_variable_set), "PyContextVar_Set", NULL},
        {SLOT(thread_first), "PyInterpreterState_ThreadHead", NULL},
        {SLOT(thread_next), "PyThreadState_Next", NULL},
        {SLOT(function_type), "PyFunction_Type", NULL},
        {SLOT(method_type), "PyMethod_Type", NULL},
        {SLOT(code_type), "PyCode_Type", NULL},
    };
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        void *found = dlsym(RTLD_DEFAULT, symbols[i].name);
        if (found == NULL && symbols[i].older_name != NULL)
            found = dlsym(RTLD_DEFAULT, symbols[i].older_name);
        if (found == NULL)
            return symbols[i].name;
        memcpy(symbols[i].slot, &found, sizeof found);
    }
    const struct symbol optional[] = {
        {SLOT(new_interpreter), "Py_NewInterpreterFromConfig", NULL},
        {SLOT(set_running_main), "_PyInterpreterState_SetRunningMain", NULL},
        {SLOT(set_not_running_main), "_PyInterpreterState_SetNotRunningMain", NULL},
    };
    for (size_t i = 0; i < sizeof optional / sizeof optional[0]; i++) {
        void *found = dlsym(RTLD_DEFAULT, optional[i].name);
        memcpy(optional[i].slot, &found, sizeof found);
    }
    return NULL;
}
