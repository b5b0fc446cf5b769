#include "embed/printing.h"

#include "actor/context.h"
#include "actor/life.h"
#include "output/output.h"
#include "output/pipe.h"

#include <stdint.h>
#include <string.h>

static int64_t number_here(const struct actor *self) {
    return self != NULL ? actor_output(self) : output_of_thread();
}

/* Whose lines are not to be mixed: an actor, wherever its code runs, or else a thread. */
static uint64_t writer_here(const struct actor *self) {
    return self != NULL ? (uint64_t)(uintptr_t)self : (uint64_t)PyThread_get_thread_ident();
}

PyObject *printing_output(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    return PyLong_FromLongLong(number_here(actor_current()));
}

PyObject *printing_progress(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    output_progress();
    return Py_NewRef(Py_None);
}

PyObject *printing_write(PyObject *module, PyObject *args) {
    Py_buffer data;
    int wait;
    int64_t sequence = -1;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*p", &data, &wait))
        return NULL;
    struct actor *self = actor_current();
    int64_t number = number_here(self);
    if (number != 0)
        sequence = output_send(number, writer_here(self), data.buf, (size_t)data.len, wait != 0);
    PyBuffer_Release(&data);
    return PyLong_FromLongLong(sequence);
}

enum { LARGE = 8192 };

static bool is_part_of_line(const Py_buffer *data) {
    return data->len < LARGE &&
           (data->len == 0 || memchr(data->buf, '\n', (size_t)data->len) == NULL);
}

/* Here no line of Python runs, so no other thread prints between the parts of one print. */
static PyObject *write_part(PyObject *whole, PyObject *data) {
    Py_buffer buffer;
    struct actor *self = actor_current();
    int64_t number = number_here(self);
    int64_t sent = -1;
    if (PyObject_GetBuffer(data, &buffer, PyBUF_SIMPLE) < 0)
        return NULL;
    Py_ssize_t length = buffer.len;
    if (number != 0 && is_part_of_line(&buffer))
        sent = output_send(number, writer_here(self), buffer.buf, (size_t)length, false);
    PyBuffer_Release(&buffer);
    return sent < 0 ? PyObject_CallFunctionObjArgs(whole, data, NULL) : PyLong_FromSsize_t(length);
}

PyObject *printing_writer(PyObject *module, PyObject *whole) {
    static PyMethodDef definition = {"write", write_part, METH_O, NULL};
    (void)module;
    return PyCFunction_NewEx(&definition, whole, NULL);
}

PyObject *printing_await(PyObject *module, PyObject *sequence) {
    int64_t awaited = PyLong_AsLongLong(sequence);
    bool written;
    (void)module;
    if (awaited == -1 && PyErr_Occurred())
        return NULL;
    Py_BEGIN_ALLOW_THREADS;
    written = output_await(awaited);
    Py_END_ALLOW_THREADS;
    return PyBool_FromLong(written);
}

PyObject *printing_inherit(PyObject *module, PyObject *number) {
    int64_t inherited = PyLong_AsLongLong(number);
    (void)module;
    if (inherited == -1 && PyErr_Occurred())
        return NULL;
    output_inherit(inherited);
    return Py_NewRef(Py_None);
}

PyObject *printing_descriptor(PyObject *module, PyObject *unused) {
    int64_t number = number_here(actor_current());
    int descriptor = number == 0 ? -1 : pipe_descriptor(number);
    (void)module, (void)unused;
    if (number != 0 && descriptor < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    return PyLong_FromLong(descriptor);
}
