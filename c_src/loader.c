/* Stub for the build; the loader proper follows. */
#include <erl_nif.h>
static ErlNifFunc functions[] = {{NULL, 0, NULL, 0}};
ERL_NIF_INIT(Elixir.Rebeam.Loader, functions, NULL, NULL, NULL, NULL)
