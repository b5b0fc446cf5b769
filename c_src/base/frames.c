#include "base/frames.h"

/* Threads come and go with the GIL, or are put before the first: so the way along their list is
 * safe for as long as nothing gives the GIL away. A collection of garbage would, as it runs
 * __del__. */
static int add_frames(PyObject *frames) {
    int status = 0;
    PyThreadState *thread = python_extra.thread_first(PyInterpreterState_Get());
    for (; status == 0 && thread != NULL; thread = python_extra.thread_next(thread)) {
        PyObject *frame = (PyObject *)PyThreadState_GetFrame(thread);
        if (frame != NULL)
            status = PyList_Append(frames, frame);
        Py_XDECREF(frame);
    }
    return status;
}

PyObject *frames_of_threads(PyObject *module, PyObject *unused) {
    (void)module, (void)unused;
    PyObject *frames = PyList_New(0);
    int collects = PyGC_Disable();
    if (frames != NULL && add_frames(frames) < 0)
        Py_CLEAR(frames);
    if (collects)
        PyGC_Enable();
    return frames;
}
