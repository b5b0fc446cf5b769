/* Spans of time, zones, and clocks with a zone that Erlang has no term for: what follows their
 * tags, as both halves of the codec read it. Each function is false for malformed bytes.
 *
 * No Python and no Erlang in here. */
#ifndef REBEAM_VALUE_ZONE_H
#define REBEAM_VALUE_ZONE_H

#include "value/format.h"

#include <stdbool.h>

/* As datetime.timedelta has it: the days may be negative, the rest is not. */
struct value_span {
    int64_t days, microseconds;
};
bool value_span_read(struct value_reader *reader, struct value_span *span);

/* A TIMEZONE or ZONEINFO. */
struct value_zone {
    enum value_tag tag;
    int64_t offset; /* of a TIMEZONE, in microseconds */
    bool marked;    /* a TIMEZONE that has a name; a ZONEINFO that zoneinfo does not cache */
    const unsigned char *text; /* the name; the key. UTF-8; borrowed */
    size_t length;
};
bool value_zone_read(struct value_reader *reader, enum value_tag tag, struct value_zone *zone);

/* An AWARE. */
struct value_aware {
    const unsigned char *bytes; /* borrowed */
    size_t size;                /* VALUE_TIME_SIZE or VALUE_DATETIME_SIZE */
    struct value_clock clock;
    struct value_zone zone;
};
bool value_aware_read(struct value_reader *reader, struct value_aware *aware);

/* As Python's str() has them, in VALUE_ZONE_TEXT_MAX bytes; `before` comes before an offset. To
 * that of an AWARE with a ZONEINFO, which ends in a space, its key is still to be added. Each
 * returns the length. */
enum { VALUE_ZONE_TEXT_MAX = 64 };
size_t value_span_text(const struct value_span *span, char *text);
size_t value_offset_text(const char *before, int64_t offset, char *text);
size_t value_aware_text(const struct value_aware *aware, char *text);

#endif
