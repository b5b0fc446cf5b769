/* What the threads of one interpreter are at. sys._current_frames() tells that of all interpreters
 * together, and makes frames in this one that another one's threads then free. */
#ifndef REBEAM_BASE_FRAMES_H
#define REBEAM_BASE_FRAMES_H

#include "base/python.h"

/* _thread_frames(): a list with the innermost frame of each thread that runs Python code. GIL
 * held. */
PyObject *frames_of_threads(PyObject *module, PyObject *unused);

#endif
