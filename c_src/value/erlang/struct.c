#include "value/erlang/struct.h"

#include <string.h>

struct value_atoms value_atoms;

/* Whether this Elixir's MapSet has a `version` key: it went away in Elixir 1.15. */
static bool set_has_version = true;

void value_load(ErlNifEnv *env, ERL_NIF_TERM empty_map_set) {
#define VALUE_ATOM_MAKE(name, text) value_atoms.name = enif_make_atom(env, text);
    VALUE_ATOMS(VALUE_ATOM_MAKE)
#undef VALUE_ATOM_MAKE
    ERL_NIF_TERM version;
    if (enif_is_map(env, empty_map_set))
        set_has_version = enif_get_map_value(env, empty_map_set, value_atoms.version, &version);
}

/* ---- building --------------------------------------------------------- */

ERL_NIF_TERM value_struct_map(ErlNifEnv *env, const ERL_NIF_TERM pairs[][2], size_t count) {
    ERL_NIF_TERM keys[16], values[16], map;
    for (size_t i = 0; i < count; i++) {
        keys[i] = pairs[i][0];
        values[i] = pairs[i][1];
    }
    enif_make_map_from_arrays(env, keys, values, count, &map); /* keys differ: cannot fail */
    return map;
}

static ERL_NIF_TERM make_binary(ErlNifEnv *env, struct value_slice slice) {
    ERL_NIF_TERM binary;
    unsigned char *bytes = enif_make_new_binary(env, slice.length, &binary);
    if (slice.length > 0)
        memcpy(bytes, slice.bytes, slice.length);
    return binary;
}

ERL_NIF_TERM value_struct_set(ErlNifEnv *env, ERL_NIF_TERM map) {
    const ERL_NIF_TERM pairs[][2] = {{value_atoms.struct_, value_atoms.map_set},
                                     {value_atoms.map, map},
                                     {value_atoms.version, enif_make_int(env, 2)}};
    return value_struct_map(env, pairs, set_has_version ? 3 : 2);
}

ERL_NIF_TERM value_struct_bytes(ErlNifEnv *env, ERL_NIF_TERM binary) {
    const ERL_NIF_TERM pairs[][2] = {{value_atoms.struct_, value_atoms.bytes},
                                     {value_atoms.data, binary}};
    return value_struct_map(env, pairs, 2);
}

ERL_NIF_TERM value_struct_packed(ErlNifEnv *env, ERL_NIF_TERM payload) {
    const ERL_NIF_TERM pairs[][2] = {{value_atoms.struct_, value_atoms.packed},
                                     {value_atoms.payload, payload}};
    return value_struct_map(env, pairs, 2);
}

ERL_NIF_TERM value_struct_message(ErlNifEnv *env, struct value_slice node) {
    ERL_NIF_TERM data;
    unsigned char *bytes = enif_make_new_binary(env, node.length + 1, &data);
    bytes[0] = VALUE_VERSION;
    memcpy(bytes + 1, node.bytes, node.length);
    return data;
}

ERL_NIF_TERM value_struct_object(ErlNifEnv *env, struct value_slice type, struct value_slice text,
                                 ERL_NIF_TERM data) {
    const ERL_NIF_TERM pairs[][2] = {{value_atoms.struct_, value_atoms.object},
                                     {value_atoms.type, make_binary(env, type)},
                                     {value_atoms.text, make_binary(env, text)},
                                     {value_atoms.data, data}};
    return value_struct_map(env, pairs, 4);
}

/* Elixir keeps how many digits a fraction was written with: six, or none for none. */
static ERL_NIF_TERM make_microsecond(ErlNifEnv *env, int microsecond) {
    return enif_make_tuple2(env, enif_make_int(env, microsecond),
                            enif_make_int(env, microsecond == 0 ? 0 : 6));
}

static ERL_NIF_TERM make_zoned(ErlNifEnv *env, const struct value_clock *clock, ERL_NIF_TERM zone,
                               ERL_NIF_TERM abbreviation, int64_t utc_offset, int64_t std_offset) {
    const ERL_NIF_TERM pairs[][2] = {
        {value_atoms.struct_, value_atoms.date_time},
        {value_atoms.calendar, value_atoms.calendar_iso},
        {value_atoms.year, enif_make_int(env, clock->year)},
        {value_atoms.month, enif_make_int(env, clock->month)},
        {value_atoms.day, enif_make_int(env, clock->day)},
        {value_atoms.hour, enif_make_int(env, clock->hour)},
        {value_atoms.minute, enif_make_int(env, clock->minute)},
        {value_atoms.second, enif_make_int(env, clock->second)},
        {value_atoms.microsecond, make_microsecond(env, clock->microsecond)},
        {value_atoms.time_zone, zone},
        {value_atoms.zone_abbr, abbreviation},
        {value_atoms.utc_offset, enif_make_int64(env, utc_offset)},
        {value_atoms.std_offset, enif_make_int64(env, std_offset)}};
    return value_struct_map(env, pairs, 13);
}

ERL_NIF_TERM value_struct_zoned(ErlNifEnv *env, const struct value_clock *clock, int64_t offset,
                                int64_t dst, struct value_slice zone,
                                struct value_slice abbreviation) {
    return make_zoned(env, clock, make_binary(env, zone), make_binary(env, abbreviation),
                      offset - dst, dst);
}

ERL_NIF_TERM value_struct_clock(ErlNifEnv *env, enum value_tag tag,
                                const struct value_clock *clock) {
    if (tag == VALUE_DATETIME_UTC)
        return make_zoned(env, clock, make_binary(env, (struct value_slice){"Etc/UTC", 7}),
                          make_binary(env, (struct value_slice){"UTC", 3}), 0, 0);
    ERL_NIF_TERM pairs[9][2] = {{value_atoms.struct_, tag == VALUE_DATE ? value_atoms.date
                                                      : tag == VALUE_TIME
                                                          ? value_atoms.time
                                                          : value_atoms.naive_date_time},
                                {value_atoms.calendar, value_atoms.calendar_iso}};
    size_t count = 2;
    const ERL_NIF_TERM date[3][2] = {{value_atoms.year, enif_make_int(env, clock->year)},
                                     {value_atoms.month, enif_make_int(env, clock->month)},
                                     {value_atoms.day, enif_make_int(env, clock->day)}};
    const ERL_NIF_TERM time[4][2] = {
        {value_atoms.hour, enif_make_int(env, clock->hour)},
        {value_atoms.minute, enif_make_int(env, clock->minute)},
        {value_atoms.second, enif_make_int(env, clock->second)},
        {value_atoms.microsecond, make_microsecond(env, clock->microsecond)}};
    if (tag != VALUE_TIME) {
        memcpy(pairs + count, date, sizeof date);
        count += 3;
    }
    if (tag != VALUE_DATE) {
        memcpy(pairs + count, time, sizeof time);
        count += 4;
    }
    return value_struct_map(env, (const ERL_NIF_TERM(*)[2])pairs, count);
}

/* ---- taking apart ----------------------------------------------------- */

static bool get_binary(ErlNifEnv *env, ERL_NIF_TERM map, ERL_NIF_TERM key, ErlNifBinary *binary) {
    ERL_NIF_TERM value;
    return enif_get_map_value(env, map, key, &value) && enif_inspect_binary(env, value, binary);
}

static bool get_int(ErlNifEnv *env, ERL_NIF_TERM map, ERL_NIF_TERM key, int *number) {
    ERL_NIF_TERM value;
    return enif_get_map_value(env, map, key, &value) && enif_get_int(env, value, number);
}

static enum value_struct_kind clock_is(bool written) {
    return written ? VALUE_STRUCT_CLOCK : VALUE_STRUCT_MEMORY;
}

static bool get_date(ErlNifEnv *env, ERL_NIF_TERM map, struct value_clock *clock) {
    return get_int(env, map, value_atoms.year, &clock->year) &&
           get_int(env, map, value_atoms.month, &clock->month) &&
           get_int(env, map, value_atoms.day, &clock->day);
}

static bool get_time(ErlNifEnv *env, ERL_NIF_TERM map, struct value_clock *clock) {
    ERL_NIF_TERM microsecond;
    const ERL_NIF_TERM *parts;
    int arity;
    return get_int(env, map, value_atoms.hour, &clock->hour) &&
           get_int(env, map, value_atoms.minute, &clock->minute) &&
           get_int(env, map, value_atoms.second, &clock->second) &&
           enif_get_map_value(env, map, value_atoms.microsecond, &microsecond) &&
           enif_get_tuple(env, microsecond, &arity, &parts) && arity == 2 &&
           enif_get_int(env, parts[0], &clock->microsecond);
}

static bool is_utc(const ErlNifBinary *zone) {
    return zone->size == 7 && memcmp(zone->data, "Etc/UTC", 7) == 0;
}

static enum value_struct_kind put_zoned(ErlNifEnv *env, ERL_NIF_TERM map,
                                        const unsigned char *bytes, struct buffer *out) {
    ErlNifBinary zone, abbreviation;
    int utc_offset, std_offset;
    if (!get_binary(env, map, value_atoms.time_zone, &zone) ||
        !get_binary(env, map, value_atoms.zone_abbr, &abbreviation) ||
        !get_int(env, map, value_atoms.utc_offset, &utc_offset) ||
        !get_int(env, map, value_atoms.std_offset, &std_offset) ||
        !value_is_utf8(zone.data, zone.size) ||
        !value_is_utf8(abbreviation.data, abbreviation.size))
        return VALUE_STRUCT_NONE;
    int64_t offset = (int64_t)utc_offset + std_offset;
    if (offset <= -86400 || offset >= 86400) /* more than Python's timezone takes */
        return VALUE_STRUCT_NONE;
    if (is_utc(&zone) && offset == 0)
        return clock_is(value_put_tag(out, VALUE_DATETIME_UTC) &&
                        buffer_append(out, bytes, VALUE_DATETIME_SIZE));
    return clock_is(value_put_tag(out, VALUE_DATETIME_ZONED) &&
                    buffer_append(out, bytes, VALUE_DATETIME_SIZE) && value_put_int(out, offset) &&
                    value_put_int(out, std_offset) && value_put_data(out, zone.data, zone.size) &&
                    value_put_data(out, abbreviation.data, abbreviation.size) &&
                    value_put_tag(out, VALUE_NONE));
}

/* Other calendars, and years that Python lacks, stay maps. */
static enum value_struct_kind put_clock(ErlNifEnv *env, ERL_NIF_TERM map, ERL_NIF_TERM name,
                                        struct buffer *out) {
    struct value_clock clock = {.year = 1, .month = 1, .day = 1};
    unsigned char bytes[VALUE_DATETIME_SIZE];
    ERL_NIF_TERM calendar;
    bool has_date = name != value_atoms.time, has_time = name != value_atoms.date;
    size_t size = !has_time ? VALUE_DATE_SIZE : has_date ? VALUE_DATETIME_SIZE : VALUE_TIME_SIZE;
    if (!enif_get_map_value(env, map, value_atoms.calendar, &calendar) ||
        calendar != value_atoms.calendar_iso || (has_date && !get_date(env, map, &clock)) ||
        (has_time && !get_time(env, map, &clock)) || !value_clock_write(&clock, size, bytes))
        return VALUE_STRUCT_NONE;
    if (name == value_atoms.date_time)
        return put_zoned(env, map, bytes, out);
    enum value_tag tag = !has_time ? VALUE_DATE : has_date ? VALUE_DATETIME : VALUE_TIME;
    return clock_is(value_put_tag(out, tag) && buffer_append(out, bytes, size));
}

enum value_struct_kind value_struct_put(ErlNifEnv *env, ERL_NIF_TERM map, struct buffer *out,
                                        ERL_NIF_TERM *content) {
    ERL_NIF_TERM name;
    if (!enif_get_map_value(env, map, value_atoms.struct_, &name))
        return VALUE_STRUCT_NONE;
    if (name == value_atoms.date || name == value_atoms.time ||
        name == value_atoms.naive_date_time || name == value_atoms.date_time)
        return put_clock(env, map, name, out);
    if (name == value_atoms.map_set && enif_get_map_value(env, map, value_atoms.map, content) &&
        enif_is_map(env, *content))
        return VALUE_STRUCT_SET;
    if (name == value_atoms.buffer)
        return VALUE_STRUCT_BUFFER;
    if (name == value_atoms.packed && enif_get_map_value(env, map, value_atoms.payload, content))
        return VALUE_STRUCT_PACKED;
    if (!enif_get_map_value(env, map, value_atoms.data, content))
        return VALUE_STRUCT_NONE;
    if (name == value_atoms.bytes && enif_is_binary(env, *content))
        return VALUE_STRUCT_BYTES;
    return name == value_atoms.object ? VALUE_STRUCT_OBJECT : VALUE_STRUCT_NONE;
}
