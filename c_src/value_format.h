/* The bytes of a packed value: what both halves of the codec agree on.
 *
 * A message is VALUE_VERSION and one value. A value is a tag and what the table
 * below says. `size` and `count` are LEB128 varints, `int` a zigzag varint,
 * `text` and `data` a size and that many bytes, multi-byte numbers big-endian.
 *
 * Sharing: SHARED before a value gives it the next number, BACK names a number.
 * List, dict and set take theirs when they open, so that they may contain
 * themselves; all others when they are complete. A tuple that contains itself
 * (through a list, say) is met again before it is complete: the inner copy takes
 * the number, and the outer one is written as RECURSIVE, with the number of the
 * copy after its items; readers drop the outer one and use the copy.
 *
 * No Python and no Erlang in here.
 */
#ifndef REBEAM_VALUE_FORMAT_H
#define REBEAM_VALUE_FORMAT_H

#include "buffer.h"

/* The order is the wire format: append only, or raise VALUE_VERSION. */
#define VALUE_TAGS(X)                                                                              \
    X(NONE)           /* */                                                                        \
    X(TRUE)           /* */                                                                        \
    X(FALSE)          /* */                                                                        \
    X(INT)            /* int, fits int64 */                                                        \
    X(BIGINT)         /* byte 1 if negative, data: magnitude, little-endian */                     \
    X(FLOAT)          /* 8 bytes IEEE 754 */                                                       \
    X(STR)            /* text, UTF-8 */                                                            \
    X(STR_SURROGATES) /* text, UTF-8 with lone surrogates encoded as three bytes */                \
    X(BYTES)          /* data */                                                                   \
    X(BYTEARRAY)      /* data */                                                                   \
    X(LIST)           /* count, values */                                                          \
    X(TUPLE)          /* count, values */                                                          \
    X(DICT)           /* count, that many pairs key, value in order */                             \
    X(SET)            /* count, values */                                                          \
    X(FROZENSET)      /* count, values */                                                          \
    X(DATE)           /* 4 bytes, see value_clock */                                               \
    X(TIME)           /* 6 bytes, without a time zone */                                           \
    X(DATETIME)       /* 10 bytes, without a time zone */                                          \
    X(DATETIME_UTC)   /* 10 bytes, tzinfo is exactly timezone.utc */                               \
    X(DATETIME_ZONED) /* 10 bytes, int offset, int dst (seconds), text zone, text abbreviation, */ \
                      /* value: the tzinfo, or NONE if Erlang made it */                           \
    X(DECIMAL)        /* text */                                                                   \
    X(PID)            /* data: external term format */                                             \
    X(REFERENCE)      /* data: external term format */                                             \
    X(ATOM)           /* text */                                                                   \
    X(TERM)           /* data: external term format */                                             \
    X(PICKLE)         /* text: module and class, data: pickle */                                   \
    X(NESTED)         /* data: a whole message with numbers of its own */                          \
    X(SHARED)         /* value */                                                                  \
    X(RECURSIVE)      /* TUPLE value, count: the number of its copy */                             \
    X(BACK)           /* count: the number */                                                      \
    X(PID_REQUEST)    /* data, data: external term format of a pid, and of the {Pid, Tag} by */    \
                      /* which a call is answered. A plain pid in Erlang */

enum value_tag {
#define VALUE_TAG_ENUM(name) VALUE_##name,
    VALUE_TAGS(VALUE_TAG_ENUM)
#undef VALUE_TAG_ENUM
        VALUE_TAG_COUNT
};

enum { VALUE_VERSION = 1, VALUE_VARINT_MAX = 10 };

/* Writers. False when memory ran out. */
bool value_put_tag(struct buffer *out, enum value_tag tag);
bool value_put_count(struct buffer *out, uint64_t count);
bool value_put_tag_count(struct buffer *out, enum value_tag tag, uint64_t count);
bool value_put_int(struct buffer *out, int64_t number);
bool value_put_tag_int(struct buffer *out, int64_t number); /* VALUE_INT and the number */
bool value_put_data(struct buffer *out, const void *bytes, size_t length);
bool value_put_float(struct buffer *out, double number);

/* A reader borrows the bytes between `at` and `end`. Each function moves `at`
 * behind what it read; false means that the bytes are malformed. */
struct value_reader {
    const unsigned char *at;
    const unsigned char *end;
};

bool value_read_byte(struct value_reader *reader, uint8_t *byte);
/* A known tag. */
bool value_read_tag(struct value_reader *reader, enum value_tag *tag);
bool value_read_varint(struct value_reader *reader, uint64_t *number);
/* A number of values each at least `each` bytes long: no more than can follow. */
bool value_read_count(struct value_reader *reader, size_t each, size_t *count);
bool value_read_int(struct value_reader *reader, int64_t *number);
bool value_read_fixed(struct value_reader *reader, size_t length, const unsigned char **bytes);
bool value_read_data(struct value_reader *reader, const unsigned char **bytes, size_t *length);
bool value_read_float(struct value_reader *reader, double *number);

/* Calendar fields, in the layout that datetime's own pickles use:
 *   DATE      year (2 bytes) month day
 *   TIME      hour minute second microsecond (3 bytes); the hour's top bit is `fold`
 *   DATETIME  a date and a time; `fold` is the month's top bit instead */
enum { VALUE_DATE_SIZE = 4, VALUE_TIME_SIZE = 6, VALUE_DATETIME_SIZE = 10 };

struct value_clock {
    int year, month, day;
    int hour, minute, second, microsecond;
};

/* Which fields count depends on `size`; the others become a valid default.
 * False if a field is out of its range. */
bool value_clock_read(const unsigned char *bytes, size_t size, struct value_clock *clock);
/* False, and nothing written, if a field is out of its range. */
bool value_clock_write(const struct value_clock *clock, size_t size, unsigned char *bytes);

/* True if the bytes are UTF-8 that Python and Erlang both accept. */
bool value_is_utf8(const unsigned char *bytes, size_t length);

/* Doubles *items, an array of *capacity elements that starts out as `first`, an
 * array inside its owner. False, and nothing changed, when memory ran out. */
bool value_grow(void **items, size_t *capacity, size_t element, const void *first);

#endif
