#include "actor/account.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names of classes -------------------------------------------------------------- */

/* Each text is kept once, for ever, as who looks holds no lock. A program that makes classes of new
 * names without end has the last number for all further ones. */
enum { NAMES_MAX = 4096, SLOTS = 2 * NAMES_MAX, LENGTH_MAX = 120 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards what follows, but for readers */
static _Atomic(const char *) texts[NAMES_MAX];           /* number 0: no name */
static unsigned short slots[SLOTS];
static unsigned count = 1;

static struct {
    atomic_uint_least64_t handled;
    atomic_int_least64_t busy;
} ended[NAMES_MAX];

void account_ends(const struct account *self) {
    unsigned name = ACCOUNT_LOAD(self->name);
    atomic_fetch_add(&ended[name].handled, ACCOUNT_LOAD(self->handled));
    atomic_fetch_add(&ended[name].busy, ACCOUNT_LOAD(self->busy));
}

struct account_sum account_ended(unsigned name) {
    return (struct account_sum){atomic_load(&ended[name].handled), atomic_load(&ended[name].busy)};
}

unsigned account_names(void) {
    pthread_mutex_lock(&lock);
    unsigned names = count;
    pthread_mutex_unlock(&lock);
    return names;
}

const char *account_name(unsigned number) {
    const char *text = atomic_load(&texts[number]);
    return text != NULL ? text : "";
}

static unsigned hash(const char *text) {
    unsigned hash = 2166136261U;
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619U;
    return hash;
}

/* Under the lock. */
static unsigned short number_of(const char *text) {
    unsigned slot = hash(text) % SLOTS;
    while (slots[slot] != 0 && strcmp(account_name(slots[slot]), text) != 0)
        slot = (slot + 1) % SLOTS;
    if (slots[slot] != 0 || count == NAMES_MAX)
        return slots[slot];
    const char *kept = strdup(count < NAMES_MAX - 1 ? text : "(others)");
    if (kept == NULL)
        return 0;
    atomic_store(&texts[count], kept);
    slots[slot] = (unsigned short)count;
    return (unsigned short)count++;
}

static void keep(struct account *self, const char *text) {
    pthread_mutex_lock(&lock);
    unsigned short number = number_of(text);
    if (number == 0)
        number = (unsigned short)(count - 1);
    pthread_mutex_unlock(&lock);
    ACCOUNT_STORE(self->name, number);
}

/* As `module.name`, or the name alone for what is the script's. */
static void name(struct account *self, PyObject *module, PyObject *qualified) {
    char text[LENGTH_MAX];
    const char *where =
        module != NULL && PyUnicode_Check(module) ? PyUnicode_AsUTF8AndSize(module, NULL) : NULL;
    const char *what = qualified != NULL && PyUnicode_Check(qualified)
                           ? PyUnicode_AsUTF8AndSize(qualified, NULL)
                           : NULL;
    if (where == NULL || strncmp(where, "__main__", 8) == 0)
        where = "";
    snprintf(text, sizeof text, "%s%s%s", where, *where ? "." : "", what ? what : "?");
    keep(self, text);
    PyErr_Clear();
    Py_XDECREF(module);
    Py_XDECREF(qualified);
}

void account_of_class(struct account *self, enum account_kind kind, PyTypeObject *class) {
    ACCOUNT_STORE(self->kind, (unsigned char)kind);
    name(self, PyObject_GetAttrString((PyObject *)class, "__module__"), PyType_GetQualName(class));
}

void account_of_function(struct account *self, PyObject *function) {
    ACCOUNT_STORE(self->kind, ACCOUNT_FUNCTION);
    PyObject *qualified = PyObject_GetAttrString(function, "__qualname__");
    if (qualified == NULL) {
        PyErr_Clear();
        account_of_class(self, ACCOUNT_FUNCTION, Py_TYPE(function));
        return;
    }
    name(self, PyObject_GetAttrString(function, "__module__"), qualified);
}
