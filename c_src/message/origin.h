/* What led to a message, as bytes that travel with it: the trace of OpenTelemetry's that it belongs
 * to, if any, and steps, the nearest first: who was at what when it sent what led here.
 *
 *   byte: length of the trace, the trace
 *   steps: byte: kind of the process, byte: length, the process; byte: work; byte: length, subject
 *
 * In a job they are as they are here (actor/job.h). A message that goes through processes has them
 * as a last part of its payload, of which the packed value knows nothing: a part of a value is
 * never as short (value/parts.h). So whatever hands payloads on needs not know of them.
 *
 * Any thread, no GIL.
 */
#ifndef REBEAM_MESSAGE_ORIGIN_H
#define REBEAM_MESSAGE_ORIGIN_H

#include <erl_nif.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of what is more, the farthest steps are left out. */
enum { ORIGIN_MAX = 512, ORIGIN_EXTERNAL_MAX = 1024 /* as a part */ };
enum { ORIGIN_STEPS_MAX = 8, ORIGIN_SUBJECT_MAX = 40, ORIGIN_TRACE_MAX = 64 };

/* Nothing, if `length` is 0: the rest is not initialised then. */
struct origin {
    size_t length, steps;
    unsigned char bytes[ORIGIN_MAX];
};

/* Its bytes, borrowed. */
ErlNifBinary origin_bytes(const struct origin *self);
/* Begins one, with a trace that may be empty; what is too long to be one is none. */
void origin_begin(struct origin *self, const char *trace, size_t length);
/* Adds a process of this VM; of what does not fit, nothing. */
void origin_step(struct origin *self, const ErlNifPid *pid, unsigned char work,
                 const unsigned char *subject, size_t length);
/* Adds the steps of another one, as many as fit. */
void origin_go_on(struct origin *self, const unsigned char *bytes, size_t length);

/* Its bytes with processes as every VM can read them, and how many; `env` is for what is made
 * meanwhile. */
size_t origin_externalize(ErlNifEnv *env, const struct origin *self,
                          unsigned char bytes[ORIGIN_EXTERNAL_MAX]);
/* The payload with it: a term of `env`, which has the payload. */
ERL_NIF_TERM origin_attach(ErlNifEnv *env, ERL_NIF_TERM payload, const struct origin *self);
/* The payload without it, which is in `out` then. */
ERL_NIF_TERM origin_detach(ErlNifEnv *env, ERL_NIF_TERM payload, ErlNifBinary *out);

/* One step, as it is read; false at the end. */
struct origin_step {
    ERL_NIF_TERM pid; /* a term of `env` */
    unsigned char work;
    const unsigned char *subject;
    size_t length;
};
struct origin_reader {
    const unsigned char *next, *end;
};
/* The trace, and what reads the steps. */
size_t origin_open(const unsigned char *bytes, size_t length, const unsigned char **trace,
                   struct origin_reader *steps);
bool origin_next(ErlNifEnv *env, struct origin_reader *steps, struct origin_step *out);

#endif
