/* The one way this project includes CPython: the limited API of 3.11.
 *
 * One binary serves every CPython from 3.11 on, so nothing here may depend on
 * a struct layout. The few exported functions outside the limited API are
 * looked up by name when libpython has been opened: see base/python.c.
 */
#ifndef REBEAM_BASE_PYTHON_H
#define REBEAM_BASE_PYTHON_H

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN

/* Weak: the library is loaded without a libpython where Python is in another OS process
 * (lib/rebeam/front.ex), and what needs no Python works there. */
#define PyAPI_FUNC(type) __attribute__((weak)) type
#define PyAPI_DATA(type) extern __attribute__((weak)) type
#include <Python.h>

/* The headers of 3.11 know nothing of immortal objects, which interpreters with a GIL each share:
 * what those headers count there is neither atomic nor kept, and in the end None is freed.
 * From 3.12 on an object is immortal if the lower half of its count is negative; before, no count
 * comes to that. */
#if PY_VERSION_HEX < 0x030C0000
static inline void python_incref(PyObject *object) {
    if ((int32_t)object->ob_refcnt >= 0)
        object->ob_refcnt++;
}

static inline void python_decref(PyObject *object) {
    if ((int32_t)object->ob_refcnt >= 0 && --object->ob_refcnt == 0)
        _Py_Dealloc(object);
}

static inline PyObject *python_new_ref(PyObject *object) {
    python_incref(object);
    return object;
}

static inline PyObject *python_xnew_ref(PyObject *object) {
    return object != NULL ? python_new_ref(object) : NULL;
}

static inline void python_xdecref(PyObject *object) {
    if (object != NULL)
        python_decref(object);
}

#undef Py_INCREF
#undef Py_DECREF
#undef Py_XINCREF
#undef Py_XDECREF
#undef Py_NewRef
#undef Py_XNewRef
#define Py_INCREF(object) python_incref((PyObject *)(object))
#define Py_DECREF(object) python_decref((PyObject *)(object))
#define Py_XINCREF(object) ((void)python_xnew_ref((PyObject *)(object)))
#define Py_XDECREF(object) python_xdecref((PyObject *)(object))
#define Py_NewRef(object) python_new_ref((PyObject *)(object))
#define Py_XNewRef(object) python_xnew_ref((PyObject *)(object))
#endif

/* `co_extra` release function, called when a code object dies (GIL held). */
typedef void (*python_extra_free)(void *);

/* PyStatus as PyConfig-era CPythons return it (by value, since 3.8). */
typedef struct {
    int type; /* 0 ok, 1 error, 2 exit */
    const char *func;
    const char *message;
    int exitcode;
} python_status;

/* PyInterpreterConfig, as in CPython 3.12 to 3.14. */
typedef struct {
    int use_main_obmalloc;
    int allow_fork;
    int allow_exec;
    int allow_threads;
    int allow_daemon_threads;
    int check_multi_interp_extensions;
    int gil;
} python_interpreter_config;

#define PYTHON_OWN_GIL 2

/* Functions outside the limited API. Signatures as in CPython 3.11 to 3.14.
 * "borrowed" and "new" say what the caller gets. */
struct python_extra {
    PyObject *(*function_new)(PyObject *code, PyObject *globals); /* new */
    PyObject *(*function_code)(PyObject *function);               /* borrowed */
    PyObject *(*function_globals)(PyObject *function);            /* borrowed */
    PyObject *(*function_defaults)(PyObject *function);           /* borrowed, may be NULL */
    PyObject *(*function_kwdefaults)(PyObject *function);         /* borrowed, may be NULL */
    PyObject *(*function_closure)(PyObject *function);            /* borrowed, may be NULL */
    int (*function_set_defaults)(PyObject *function, PyObject *tuple_or_none);
    int (*function_set_kwdefaults)(PyObject *function, PyObject *dict_or_none);
    int (*function_set_closure)(PyObject *function, PyObject *tuple_or_none);
    PyObject *(*method_function)(PyObject *method); /* borrowed */
    PyObject *(*method_self)(PyObject *method);     /* borrowed */
    PyObject *(*vectorcall)(PyObject *callable, PyObject *const *args, size_t nargsf,
                            PyObject *kwnames); /* new */
    Py_ssize_t (*code_extra_index)(python_extra_free release);
    int (*code_extra_get)(PyObject *code, Py_ssize_t index, void **value);
    int (*code_extra_set)(PyObject *code, Py_ssize_t index, void *value);
    void (*config_init)(void *config);
    python_status (*config_set_argv)(void *config, Py_ssize_t argc, char *const *argv);
    python_status (*initialize)(const void *config);
    int (*add_audit_hook)(int (*hook)(const char *, PyObject *, void *), void *data);
    /* NULL ends it; the tracer's second argument is a frame. */
    void (*set_trace)(int (*tracer)(PyObject *, struct _frame *, int, PyObject *), PyObject *);
    PyObject *(*context_new)(void);                                        /* new */
    int (*context_enter)(PyObject *context);                               /* 0, or -1 */
    int (*context_exit)(PyObject *context);                                /* 0, or -1 */
    PyObject *(*context_variable_new)(const char *name, PyObject *absent); /* new */
    int (*context_variable_get)(PyObject *variable, PyObject *absent, PyObject **value); /* new */
    PyObject *(*context_variable_set)(PyObject *variable, PyObject *value);              /* new */
    /* The new interpreter's thread state is current then. NULL before CPython 3.12. */
    python_status (*new_interpreter)(PyThreadState **made, const python_interpreter_config *config);
    /* What `python` does around its program: debuggers that attach to the process look for its main
     * thread. They do from CPython 3.14 on; NULL before 3.13. */
    int (*set_running_main)(PyInterpreterState *interpreter); /* 0, or -1 */
    void (*set_not_running_main)(PyInterpreterState *interpreter);
    PyThreadState *(*thread_first)(PyInterpreterState *interpreter);
    PyThreadState *(*thread_next)(PyThreadState *thread);
    PyTypeObject *function_type;
    PyTypeObject *method_type;
    PyTypeObject *code_type;
    void (*enter_tracing)(PyThreadState *thread); /* tracers are told nothing, until the next */
    void (*leave_tracing)(PyThreadState *thread);
};

extern struct python_extra python_extra;

/* Fills `python_extra`. Returns NULL, or the name of the symbol that this
 * libpython lacks. No GIL needed; call once, before CPython is initialised. */
const char *python_extra_load(void);

/* PY_VECTORCALL_ARGUMENTS_OFFSET is outside the 3.11 limited API; its value is fixed by PEP 590. */
#define PYTHON_ARGUMENTS_OFFSET ((size_t)1 << (8 * sizeof(size_t) - 1))

/* Types, as C expressions that are true for exact type or subtype. */
#define PYTHON_IS_FUNCTION(o) (Py_TYPE(o) == python_extra.function_type)
#define PYTHON_IS_METHOD(o) (Py_TYPE(o) == python_extra.method_type)
#define PYTHON_IS_CODE(o) (Py_TYPE(o) == python_extra.code_type)

#endif
