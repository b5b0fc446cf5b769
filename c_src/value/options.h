/* What the application wants of the codec; set before Python runs, read by both halves. Any thread,
 * no GIL. */
#ifndef REBEAM_VALUE_OPTIONS_H
#define REBEAM_VALUE_OPTIONS_H

#include <erl_nif.h>
#include <stdbool.h>
#include <stddef.h>

bool value_refuses_objects(void);
size_t value_size_max(void);

/* (ObjectsAllowed, SizeMax | infinity) -> ok */
ERL_NIF_TERM value_nif_options(ErlNifEnv *env, int argc, const ERL_NIF_TERM argv[]);

#endif
