/* Functions of _rebeam for what is printed (python/rebeam/_engine/output.py). GIL held. */
#ifndef REBEAM_EMBED_PRINTING_H
#define REBEAM_EMBED_PRINTING_H

#include "base/python.h"

PyObject *printing_output(PyObject *module, PyObject *unused);
PyObject *printing_write(PyObject *module, PyObject *args);
/* A function that prints bytes: parts of lines by itself, the rest by `whole`. */
PyObject *printing_writer(PyObject *module, PyObject *whole);
PyObject *printing_await(PyObject *module, PyObject *sequence);
PyObject *printing_inherit(PyObject *module, PyObject *number);
PyObject *printing_progress(PyObject *module, PyObject *unused);
PyObject *printing_descriptor(PyObject *module, PyObject *unused);

#endif
