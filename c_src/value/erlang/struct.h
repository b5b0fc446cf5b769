/* The Elixir structs that values have: building them and taking them apart.
 * No GIL, no Python. */
#ifndef REBEAM_VALUE_ERLANG_STRUCT_H
#define REBEAM_VALUE_ERLANG_STRUCT_H

#include "base/buffer.h"
#include "value/format.h"

#include <erl_nif.h>

/* Atoms that the codec writes and recognises: C name, text. */
#define VALUE_ATOMS(X)                                                                             \
    X(nil, "nil")                                                                                  \
    X(true_, "true")                                                                               \
    X(false_, "false")                                                                             \
    X(struct_, "__struct__")                                                                       \
    X(map_set, "Elixir.MapSet")                                                                    \
    X(map, "map")                                                                                  \
    X(version, "version")                                                                          \
    X(bytes, "Elixir.Rebeam.Bytes")                                                                \
    X(object, "Elixir.Rebeam.Object")                                                              \
    X(buffer, "Elixir.Rebeam.Buffer")                                                              \
    X(packed, "Elixir.Rebeam.Packed")                                                              \
    X(payload, "payload")                                                                          \
    X(dtype, "dtype")                                                                              \
    X(shape, "shape")                                                                              \
    X(order, "order")                                                                              \
    X(row, "row")                                                                                  \
    X(column, "column")                                                                            \
    X(data, "data")                                                                                \
    X(type, "type")                                                                                \
    X(text, "text")                                                                                \
    X(date, "Elixir.Date")                                                                         \
    X(time, "Elixir.Time")                                                                         \
    X(naive_date_time, "Elixir.NaiveDateTime")                                                     \
    X(date_time, "Elixir.DateTime")                                                                \
    X(calendar, "calendar")                                                                        \
    X(calendar_iso, "Elixir.Calendar.ISO")                                                         \
    X(year, "year")                                                                                \
    X(month, "month")                                                                              \
    X(day, "day")                                                                                  \
    X(hour, "hour")                                                                                \
    X(minute, "minute")                                                                            \
    X(second, "second")                                                                            \
    X(microsecond, "microsecond")                                                                  \
    X(time_zone, "time_zone")                                                                      \
    X(zone_abbr, "zone_abbr")                                                                      \
    X(utc_offset, "utc_offset")                                                                    \
    X(std_offset, "std_offset")                                                                    \
    X(ok, "ok")                                                                                    \
    X(error, "error")

/* Atoms are the same in every environment: written once, by value_load. */
struct value_atoms {
#define VALUE_ATOM_FIELD(name, text) ERL_NIF_TERM name;
    VALUE_ATOMS(VALUE_ATOM_FIELD)
#undef VALUE_ATOM_FIELD
};

extern struct value_atoms value_atoms;
/* Makes the atoms. Called once, when the NIF library loads. `empty_map_set` is this
 * Elixir's MapSet.new(), by which the codec learns how sets look; or any other term. */
void value_load(ErlNifEnv *env, ERL_NIF_TERM empty_map_set);

/* %MapSet{} over `map`, whose values are []. */
ERL_NIF_TERM value_struct_set(ErlNifEnv *env, ERL_NIF_TERM map);
/* %Rebeam.Bytes{} */
ERL_NIF_TERM value_struct_bytes(ErlNifEnv *env, ERL_NIF_TERM binary);
/* %Rebeam.Packed{} */
ERL_NIF_TERM value_struct_packed(ErlNifEnv *env, ERL_NIF_TERM payload);
/* %Rebeam.Object{}: `data` is the payload that has it alone, `type` and `text` are UTF-8. */
struct value_slice {
    const void *bytes;
    size_t length;
};
ERL_NIF_TERM value_struct_object(ErlNifEnv *env, struct value_slice type, struct value_slice text,
                                 ERL_NIF_TERM data);
/* A payload that is this value alone. */
ERL_NIF_TERM value_struct_message(ErlNifEnv *env, struct value_slice node);
/* A map of so many pairs of key and value, at most 16, whose keys differ. */
ERL_NIF_TERM value_struct_map(ErlNifEnv *env, const ERL_NIF_TERM pairs[][2], size_t count);
/* %Date{}, %Time{}, %NaiveDateTime{} or, in UTC, %DateTime{}: by the tag. */
ERL_NIF_TERM value_struct_clock(ErlNifEnv *env, enum value_tag tag,
                                const struct value_clock *clock);
/* %DateTime{}. `offset` includes `dst`. */
ERL_NIF_TERM value_struct_zoned(ErlNifEnv *env, const struct value_clock *clock, int64_t offset,
                                int64_t dst, struct value_slice zone,
                                struct value_slice abbreviation);

/* What a map is for the codec. */
enum value_struct_kind {
    VALUE_STRUCT_NONE,   /* a plain map, or a struct without a Python word */
    VALUE_STRUCT_CLOCK,  /* a date or time: it is written */
    VALUE_STRUCT_SET,    /* *content is the map whose keys are the elements */
    VALUE_STRUCT_BYTES,  /* *content is the binary */
    VALUE_STRUCT_OBJECT, /* *content is the payload that holds the packed object */
    VALUE_STRUCT_PACKED, /* *content is the payload */
    VALUE_STRUCT_BUFFER, /* see value/erlang/buffer_term.h */
    VALUE_STRUCT_MEMORY, /* memory ran out */
};

/* Appends dates and times; says of the others what they are. */
enum value_struct_kind value_struct_put(ErlNifEnv *env, ERL_NIF_TERM map, struct buffer *out,
                                        ERL_NIF_TERM *content);

#endif
