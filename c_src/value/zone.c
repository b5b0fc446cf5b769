#include "value/zone.h"

#include <stdio.h>

static const int64_t DAYS_MAX = 999999999;
static const int64_t SECOND = 1000000, DAY = (int64_t)86400 * 1000000;

bool value_span_read(struct value_reader *reader, struct value_span *span) {
    return value_read_int(reader, &span->days) && value_read_int(reader, &span->microseconds) &&
           -DAYS_MAX <= span->days && span->days <= DAYS_MAX && 0 <= span->microseconds &&
           span->microseconds < DAY;
}

static bool read_text(struct value_reader *reader, struct value_zone *zone) {
    uint8_t marked;
    if (!value_read_byte(reader, &marked) || marked > 1 ||
        !value_read_data(reader, &zone->text, &zone->length))
        return false;
    zone->marked = marked == 1;
    return value_is_utf8(zone->text, zone->length);
}

bool value_zone_read(struct value_reader *reader, enum value_tag tag, struct value_zone *zone) {
    *zone = (struct value_zone){.tag = tag};
    if (tag == VALUE_ZONEINFO)
        return read_text(reader, zone);
    return tag == VALUE_TIMEZONE && value_read_int(reader, &zone->offset) && -DAY < zone->offset &&
           zone->offset < DAY && read_text(reader, zone);
}

bool value_aware_read(struct value_reader *reader, struct value_aware *aware) {
    enum value_tag tag;
    return value_read_data(reader, &aware->bytes, &aware->size) &&
           (aware->size == VALUE_TIME_SIZE || aware->size == VALUE_DATETIME_SIZE) &&
           value_clock_read(aware->bytes, aware->size, &aware->clock) &&
           value_read_tag(reader, &tag) && value_zone_read(reader, tag, &aware->zone);
}

/* ---- texts ---------------------------------------------------------------*/

/* Nothing here is longer than its buffer. */
static size_t length_of(int printed) {
    return printed > 0 ? (size_t)printed : 0;
}

static size_t put_fraction(int64_t microseconds, char *text) {
    if (microseconds == 0)
        return 0;
    return length_of(snprintf(text, 8, ".%06d", (int)(microseconds % SECOND)));
}

size_t value_span_text(const struct value_span *span, char *text) {
    size_t length = 0;
    int seconds = (int)(span->microseconds / SECOND);
    if (span->days != 0)
        length = length_of(snprintf(text, 24, "%d day%s, ", (int)span->days,
                                    span->days == 1 || span->days == -1 ? "" : "s"));
    length += length_of(snprintf(text + length, 24, "%d:%02d:%02d", seconds / 3600,
                                 seconds / 60 % 60, seconds % 60));
    return length + put_fraction(span->microseconds % SECOND, text + length);
}

size_t value_offset_text(const char *before, int64_t offset, char *text) {
    int64_t microseconds = offset < 0 ? -offset : offset;
    int seconds = (int)(microseconds / SECOND);
    size_t length = length_of(snprintf(text, 24, "%s%c%02d:%02d", before, offset < 0 ? '-' : '+',
                                       seconds / 3600, seconds / 60 % 60));
    if (microseconds % (60 * SECOND) == 0)
        return length;
    length += length_of(snprintf(text + length, 8, ":%02d", seconds % 60));
    return length + put_fraction(microseconds % SECOND, text + length);
}

size_t value_aware_text(const struct value_aware *aware, char *text) {
    const struct value_clock *clock = &aware->clock;
    size_t length = 0;
    if (aware->size == VALUE_DATETIME_SIZE)
        length = length_of(snprintf(text, 16, "%04u-%02u-%02u ", (unsigned)clock->year % 10000U,
                                    (unsigned)clock->month % 100U, (unsigned)clock->day % 100U));
    length += length_of(snprintf(text + length, 12, "%02u:%02u:%02u", (unsigned)clock->hour % 100U,
                                 (unsigned)clock->minute % 100U, (unsigned)clock->second % 100U));
    length += put_fraction(clock->microsecond, text + length);
    if (aware->zone.tag == VALUE_TIMEZONE)
        length += value_offset_text("", aware->zone.offset, text + length);
    else
        text[length++] = ' '; /* before its key */
    return length;
}
