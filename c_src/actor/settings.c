#include "actor/settings.h"

#include "actor/context.h"
#include "actor/life.h"
#include "actor/private.h"
#include "actor/queue.h"
#include "actor/state.h"

static bool bound_mailbox(struct actor *self, PyObject *limit) {
    if (Py_IsNone(limit) || actor_queue_count(self, PyLong_AsLong(limit))) /* it is checked */
        return true;
    PyErr_NoMemory();
    return false;
}

static void watch_idleness(struct actor *self, PyObject *later) {
    self->watched = !Py_IsNone(PyTuple_GetItem(later, 1)) || !Py_IsNone(PyTuple_GetItem(later, 2));
}

bool actor_settings_apply(struct actor *self, PyObject **later) {
    PyObject *find = actor_late(LATE_SETTINGS);
    PyObject *settings = find ? PyObject_CallFunctionObjArgs(find, self->instance, NULL) : NULL;
    *later = Py_NewRef(Py_None);
    bool ok = settings != NULL;
    if (ok && !Py_IsNone(settings)) { /* (mailbox limit, later, context), None for each */
        ok = bound_mailbox(self, PyTuple_GetItem(settings, 0));
        Py_DECREF(*later);
        *later = Py_NewRef(PyTuple_GetItem(settings, 1));
        if (!Py_IsNone(*later))
            watch_idleness(self, *later);
        if (!Py_IsNone(PyTuple_GetItem(settings, 2)))
            actor_context_adopt(self, PyTuple_GetItem(settings, 2));
    }
    Py_XDECREF(settings);
    return ok;
}
