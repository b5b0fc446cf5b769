#include "message/origin.h"

#include "base/term.h"

#include <string.h>

enum process_kind { OF_THIS_VM, EXTERNAL };

/* Where the parts of a step are. */
struct view {
    const unsigned char *process, *subject, *end;
    size_t process_length, subject_length;
    unsigned char kind, work;
};

/* ---- writing ---------------------------------------------------------------------------- */

void origin_begin(struct origin *self, const char *trace, size_t length) {
    if (length > ORIGIN_TRACE_MAX)
        length = 0;
    self->bytes[0] = (unsigned char)length;
    if (length > 0)
        memcpy(self->bytes + 1, trace, length);
    self->length = 1 + length;
    self->steps = 0;
}

ErlNifBinary origin_bytes(const struct origin *self) {
    return (ErlNifBinary){.data = (unsigned char *)(uintptr_t)self->bytes, .size = self->length};
}

/* False if there is no place for so many bytes. */
static bool put(unsigned char *bytes, size_t *length, size_t most, const struct view *step) {
    size_t needed = 4 + step->process_length + step->subject_length;
    if (step->process_length > UINT8_MAX || *length + needed > most)
        return false;
    unsigned char *place = bytes + *length;
    *place++ = step->kind;
    *place++ = (unsigned char)step->process_length;
    memcpy(place, step->process, step->process_length);
    place += step->process_length;
    *place++ = step->work;
    *place++ = (unsigned char)step->subject_length;
    if (step->subject_length > 0)
        memcpy(place, step->subject, step->subject_length);
    *length += needed;
    return true;
}

/* A character is not cut. */
static size_t cut(const unsigned char *text, size_t length) {
    if (length <= ORIGIN_SUBJECT_MAX)
        return length;
    length = ORIGIN_SUBJECT_MAX;
    while (length > 0 && (text[length] & 0xC0) == 0x80)
        length--;
    return length;
}

static bool add(struct origin *self, const struct view *step) {
    bool added =
        self->steps < ORIGIN_STEPS_MAX && put(self->bytes, &self->length, sizeof self->bytes, step);
    self->steps += added;
    return added;
}

void origin_step(struct origin *self, const ErlNifPid *pid, unsigned char work,
                 const unsigned char *subject, size_t length) {
    add(self, &(struct view){.kind = OF_THIS_VM,
                             .process = (const unsigned char *)pid,
                             .process_length = sizeof *pid,
                             .work = work,
                             .subject = subject,
                             .subject_length = cut(subject, length)});
}

/* ---- reading ---------------------------------------------------------------------------- */

/* False at the end, and for what is none: others may have sent it. */
static bool view(const unsigned char *bytes, const unsigned char *end, struct view *out) {
    if (end - bytes < 4 || (size_t)(end - bytes) < 4 + (size_t)bytes[1])
        return false;
    out->kind = bytes[0];
    out->process_length = bytes[1];
    out->process = bytes + 2;
    bytes = out->process + out->process_length;
    out->work = bytes[0];
    out->subject_length = bytes[1];
    out->subject = bytes + 2;
    out->end = out->subject + out->subject_length;
    return (size_t)(end - out->subject) >= out->subject_length;
}

size_t origin_open(const unsigned char *bytes, size_t length, const unsigned char **trace,
                   struct origin_reader *steps) {
    *steps = (struct origin_reader){0};
    *trace = NULL;
    if (length == 0 || bytes[0] >= length)
        return 0;
    *trace = bytes + 1;
    *steps = (struct origin_reader){.next = bytes + 1 + bytes[0], .end = bytes + length};
    return bytes[0];
}

void origin_go_on(struct origin *self, const unsigned char *bytes, size_t length) {
    const unsigned char *trace;
    struct origin_reader steps;
    struct view step;
    origin_open(bytes, length, &trace, &steps);
    while (steps.next != NULL && view(steps.next, steps.end, &step) && add(self, &step))
        steps.next = step.end;
}

static bool read_pid(ErlNifEnv *env, const struct view *step, ERL_NIF_TERM *out) {
    ErlNifPid pid;
    if (step->kind == EXTERNAL)
        return enif_binary_to_term(env, step->process, step->process_length, out,
                                   ERL_NIF_BIN2TERM_SAFE) > 0 &&
               enif_is_pid(env, *out);
    if (step->kind != OF_THIS_VM || step->process_length != sizeof pid)
        return false;
    memcpy(&pid, step->process, sizeof pid);
    *out = enif_make_pid(env, &pid);
    return true;
}

bool origin_next(ErlNifEnv *env, struct origin_reader *steps, struct origin_step *out) {
    struct view step;
    while (steps->next != NULL && view(steps->next, steps->end, &step)) {
        steps->next = step.end;
        if (!read_pid(env, &step, &out->pid)) /* of a node that is not known here any more */
            continue;
        out->work = step.work;
        out->subject = step.subject;
        out->length = step.subject_length;
        return true;
    }
    return false;
}

/* ---- through processes ------------------------------------------------------------------ */

size_t origin_externalize(ErlNifEnv *env, const struct origin *self,
                          unsigned char bytes[ORIGIN_EXTERNAL_MAX]) {
    const unsigned char *trace;
    struct origin_reader steps;
    struct view step;
    size_t length = 1 + origin_open(self->bytes, self->length, &trace, &steps);
    memcpy(bytes, self->bytes, length);
    while (view(steps.next, steps.end, &step)) {
        ErlNifBinary external = {0};
        ERL_NIF_TERM pid;
        bool made = step.kind == OF_THIS_VM && read_pid(env, &step, &pid) &&
                    enif_term_to_binary(env, pid, &external);
        steps.next = step.end;
        if (made) {
            step.kind = EXTERNAL;
            step.process = external.data;
            step.process_length = external.size;
        }
        bool fits = put(bytes, &length, ORIGIN_EXTERNAL_MAX, &step);
        if (made)
            enif_release_binary(&external);
        if (!fits)
            break;
    }
    return length;
}

ERL_NIF_TERM origin_attach(ErlNifEnv *env, ERL_NIF_TERM payload, const struct origin *self) {
    unsigned char bytes[ORIGIN_EXTERNAL_MAX];
    ERL_NIF_TERM list = enif_is_list(env, payload) ? payload : enif_make_list1(env, payload);
    ERL_NIF_TERM backwards, head;
    if (self->length == 0 || !enif_make_reverse_list(env, list, &backwards))
        return payload;
    size_t length = origin_externalize(env, self, bytes);
    list = enif_make_list1(env, term_binary(env, bytes, length));
    while (enif_get_list_cell(env, backwards, &head, &backwards))
        list = enif_make_list_cell(env, head, list);
    return list;
}

ERL_NIF_TERM origin_detach(ErlNifEnv *env, ERL_NIF_TERM payload, ErlNifBinary *out) {
    ERL_NIF_TERM backwards, last, rest;
    if (!enif_is_list(env, payload) || !enif_make_reverse_list(env, payload, &backwards) ||
        !enif_get_list_cell(env, backwards, &last, &rest) || enif_is_empty_list(env, rest) ||
        !enif_inspect_binary(env, last, out) || out->size > ORIGIN_EXTERNAL_MAX) {
        *out = (ErlNifBinary){0};
        return payload;
    }
    ERL_NIF_TERM list, head = 0;
    enif_make_reverse_list(env, rest, &list);
    enif_get_list_cell(env, list, &head, &rest);
    return enif_is_empty_list(env, rest) ? head : list;
}
