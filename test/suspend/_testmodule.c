/* `_rebeam` as the tests of suspension need it: the walker and the runtime in a
 * plain Python extension, with one primitive whose answers a Python test gives.
 *
 *   call(*args)           the primitive; its result is answer(*args)
 *   set_answer(function)  who answers
 *   start(f, *args, **kwargs) -> (outcome, run, value)   suspend_start
 *   step(run) -> (outcome, value)                        suspend_step
 *   finish(suspension, value), fail(suspension, exception), request(suspension)
 *   replace(function)     `call` takes its place in twins
 *   hold(bool)            whether waits beside their code are to be answered by the test
 *   beside() -> (suspension, wake) of those waits, oldest first, but for the dropped ones.
 *               Finish or fail the suspension, then call wake().
 */
#include "suspend/runtime/await.h"
#include "suspend/runtime/primitive.h"
#include "suspend/runtime/step.h"
#include "suspend/suspend.h"

static const char *const outcomes[] = {
    [SUSPEND_DONE] = "done", [SUSPEND_PENDING] = "pending", [SUSPEND_RAISED] = "raised"};

/* One interpreter only, so these two may be global. */
static PyObject *answer;
static PyObject *primitive;
static PyObject *waits; /* list of (suspension, wake) */
static int hold;

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

static int answer_now(PyObject *suspension, PyObject *wake) {
    PyObject *value = call_wait(suspension);
    if (value == NULL)
        return -1;
    suspension_finish(suspension, value);
    PyObject *woken = PyObject_CallNoArgs(wake);
    Py_XDECREF(woken);
    return woken ? 0 : -1;
}

static int call_beside(PyObject *suspension, PyObject *wake) {
    if (!hold)
        return answer_now(suspension, wake);
    PyObject *pair = PyTuple_Pack(2, suspension, wake);
    int status = pair ? PyList_Append(waits, pair) : -1;
    Py_XDECREF(pair);
    return status;
}

static void call_drop(PyObject *suspension) {
    for (Py_ssize_t i = PyList_Size(waits); i-- > 0;)
        if (PyTuple_GetItem(PyList_GetItem(waits, i), 0) == suspension)
            PySequence_DelItem(waits, i);
}

static const struct suspend_waiting waiting = {call_wait, call_beside, call_drop};

static PyObject *test_hold(PyObject *self, PyObject *on) {
    (void)self;
    hold = PyObject_IsTrue(on);
    Py_RETURN_NONE;
}

static PyObject *test_beside(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    PyObject *taken = waits;
    waits = PyList_New(0);
    return taken;
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
    {"hold", test_hold, METH_O, NULL},
    {"beside", test_beside, METH_NOARGS, NULL},
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
    waits = PyList_New(0);
    primitive = suspend_primitive_new("call", "call(*args)\n--\n\nThe tests' primitive.",
                                      call_begin, &waiting);
    if (primitive == NULL || PyModule_AddObjectRef(module, "call", primitive) < 0)
        goto failed;
    return module;
failed:
    Py_XDECREF(module);
    return NULL;
}
