/* `_rebeam` as the tests of suspension need it: the walker and the runtime in a
 * plain Python extension, with one primitive whose answers a Python test gives.
 *
 *   call(*args)           the primitive; its result is answer(*args)
 *   set_answer(function)  who answers
 *   start(f, *args, **kwargs) -> (outcome, run, value)   suspend_start
 *   step(run) -> (outcome, value)                        suspend_step
 *   finish(suspension, value), fail(suspension, exception), request(suspension)
 *   replace(function)     `call` takes its place in twins
 */
#include "../../c_src/suspend.h"

static const char *const outcomes[] = {
    [SUSPEND_DONE] = "done", [SUSPEND_PENDING] = "pending", [SUSPEND_RAISED] = "raised"};

/* One interpreter only, so these two may be global. */
static PyObject *answer;
static PyObject *primitive;

static void request_free(void *request) {
    Py_DECREF((PyObject *)request);
}

static PyObject *call_begin(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) {
    if (kwnames != NULL) {
        PyErr_SetString(PyExc_TypeError, "call() takes no keyword arguments");
        return NULL;
    }
    PyObject *request = PyTuple_New(nargs);
    for (Py_ssize_t i = 0; request != NULL && i < nargs; i++)
        PyTuple_SetItem(request, i, Py_NewRef(args[i]));
    return request ? suspension_new(request, request_free) : NULL;
}

static PyObject *call_wait(PyObject *suspension) {
    PyObject *value = PyObject_Call(answer, suspension_request(suspension), NULL);
    if (value == NULL || !PyExceptionInstance_Check(value))
        return value;
    PyErr_SetObject((PyObject *)Py_TYPE(value), value); /* an exception is the answer: raise it */
    Py_DECREF(value);
    return NULL;
}

static PyObject *test_start(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames) {
    PyObject *run, *out;
    (void)self;
    enum suspend_outcome outcome = suspend_start(args[0], args + 1, nargs - 1, kwnames, &run, &out);
    if (outcome == SUSPEND_RAISED)
        return NULL;
    return Py_BuildValue("sNN", outcomes[outcome], run ? run : Py_NewRef(Py_None), out);
}

static PyObject *test_step(PyObject *self, PyObject *run) {
    PyObject *out;
    (void)self;
    enum suspend_outcome outcome = suspend_step(run, &out);
    return outcome == SUSPEND_RAISED ? NULL : Py_BuildValue("sN", outcomes[outcome], out);
}

static PyObject *test_finish(PyObject *self, PyObject *args) {
    PyObject *suspension, *value;
    (void)self;
    if (!PyArg_ParseTuple(args, "OO", &suspension, &value))
        return NULL;
    suspension_finish(suspension, Py_NewRef(value));
    Py_RETURN_NONE;
}

static PyObject *test_fail(PyObject *self, PyObject *args) {
    PyObject *suspension, *exception;
    (void)self;
    if (!PyArg_ParseTuple(args, "OO", &suspension, &exception))
        return NULL;
    suspension_fail(suspension, Py_NewRef(exception));
    Py_RETURN_NONE;
}

static PyObject *test_request(PyObject *self, PyObject *suspension) {
    (void)self;
    return Py_NewRef((PyObject *)suspension_request(suspension));
}

static PyObject *test_set_answer(PyObject *self, PyObject *function) {
    (void)self;
    PyObject *old = answer;
    answer = Py_NewRef(function);
    Py_XDECREF(old);
    Py_RETURN_NONE;
}

static PyObject *test_replace(PyObject *self, PyObject *function) {
    (void)self;
    if (suspend_replace(function, primitive) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"start", (PyCFunction)(void (*)(void))test_start, METH_FASTCALL | METH_KEYWORDS, NULL},
    {"step", test_step, METH_O, NULL},
    {"finish", test_finish, METH_VARARGS, NULL},
    {"fail", test_fail, METH_VARARGS, NULL},
    {"request", test_request, METH_O, NULL},
    {"set_answer", test_set_answer, METH_O, NULL},
    {"replace", test_replace, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_rebeam", .m_size = -1,
                                 .m_methods = methods};

PyMODINIT_FUNC PyInit__rebeam(void) {
    const char *missing = python_extra_load();
    if (missing != NULL)
        return PyErr_Format(PyExc_ImportError, "libpython lacks %s", missing);
    struct interpreter *interpreter = interpreter_new();
    PyObject *module = interpreter ? PyModule_Create(&definition) : NULL;
    if (module == NULL || suspend_init(interpreter) < 0 || suspend_add_functions(module) < 0)
        goto failed;
    primitive = suspend_primitive_new("call", "call(*args)\n--\n\nThe tests' primitive.",
                                      call_begin, call_wait);
    if (primitive == NULL || PyModule_AddObjectRef(module, "call", primitive) < 0)
        goto failed;
    return module;
failed:
    Py_XDECREF(module);
    return NULL;
}
