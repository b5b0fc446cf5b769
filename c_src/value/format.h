/* The bytes of a packed value: what both halves of the codec agree on.
 *
 * A message is VALUE_VERSION and one value. A value is a tag and what the table
 * below says. `size` and `count` are LEB128 varints, `int` a zigzag varint,
 * `text` and `data` a size and that many bytes, multi-byte numbers big-endian.
 *
 * Sharing: SHARED before a value gives it the next number, BACK names a number.
 * List, dict and set take theirs when they open, so that they may contain
 * themselves, and an object when it is made, before its state; all others when
 * they are complete. A tuple that contains itself (through a list, say) is met
 * again before it is complete: the inner copy takes the number, and the outer one
 * is written as RECURSIVE, with the number of the copy after its items; readers
 * drop the outer one and use the copy. So with what an object is made from.
 *
 * Parts: large runs of bytes are not in here but beside it, so that nothing copies
 * them; see value/parts.h.
 *
 * No Python and no Erlang in here.
 */
#ifndef REBEAM_VALUE_FORMAT_H
#define REBEAM_VALUE_FORMAT_H

#include "base/buffer.h"

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
    X(OBJECT)         /* text: module and class, byte: value_object_flags, then as many values */  \
    X(NESTED)         /* count: its first part, count: its parts, data: a message by itself */     \
    X(SHARED)         /* value */                                                                  \
    X(RECURSIVE)      /* a value that is numbered late or an OBJECT, count: its copy's number */   \
    X(BACK)           /* count: the number */                                                      \
    X(PID_REQUEST)    /* data, data: external term format of a pid, and of the {Pid, Tag} by */    \
                      /* which a call is answered. A plain pid in Erlang */                        \
    X(GLOBAL)         /* byte: value_global_kind, text: module, text: qualified name */            \
    X(BYTES_PART)     /* count: which part of the message is the data of these BYTES */            \
    X(STR_PART)       /* the same of a STR */                                                      \
    X(BYTEARRAY_PART) /* of a BYTEARRAY */                                                         \
    X(BUFFER)         /* byte: value_buffer_kind, text: format, byte: 1 if column-major, */        \
                      /* count: bytes of an item, count, that many counts: shape; */               \
                      /* BYTES or BYTES_PART */                                                    \
    X(PACKED)         /* as NESTED: a message that stays packed */                                 \
    X(TIMEDELTA)      /* int: days, int: microseconds of a day */                                  \
    X(TIMEZONE)       /* int: offset in microseconds, byte: 1 if it has a name, text: the name */  \
    X(ZONEINFO) /* byte: 1 if it is not the one that zoneinfo keeps of that key, text: key */      \
    X(AWARE)    /* data: as of a TIME or DATETIME, then its TIMEZONE or ZONEINFO: what */          \
                /* Erlang has no term for */

enum value_tag {
#define VALUE_TAG_ENUM(name) VALUE_##name,
    VALUE_TAGS(VALUE_TAG_ENUM)
#undef VALUE_TAG_ENUM
        VALUE_TAG_COUNT
};

enum { VALUE_VERSION = 2, VALUE_VARINT_MAX = 10 };

/* What follows the callable and the arguments that an object is made from, in this order. */
enum value_object_flags {
    VALUE_OBJECT_NEW = 1,   /* the callable is a class: its __new__ makes the object */
    VALUE_OBJECT_ITEMS = 2, /* a list: appended */
    VALUE_OBJECT_PAIRS = 4, /* a list of keys and values by turns: set */
    VALUE_OBJECT_STATE = 8,
    VALUE_OBJECT_SETTER = 16, /* a function that takes object and state */
    VALUE_OBJECT_ALL = 31
};
/* What is named, for Erlang to show. */
enum value_global_kind {
    VALUE_GLOBAL_CLASS,
    VALUE_GLOBAL_FUNCTION,
    VALUE_GLOBAL_OTHER,
    VALUE_GLOBAL_KINDS
};

/* How many values an OBJECT with these flags has. */
unsigned value_object_count(unsigned flags);

enum value_buffer_kind {
    VALUE_BUFFER_NUMPY, /* format: dtype.str */
    VALUE_BUFFER_VIEW,  /* memoryview; format as PEP 3118 has it */
    VALUE_BUFFER_ARRAY, /* array.array; format: typecode */
    VALUE_BUFFER_PLAIN, /* whatever has this memory: a PickleBuffer */
    VALUE_BUFFER_KINDS
};
enum { VALUE_BUFFER_DIMENSIONS_MAX = 64, VALUE_BUFFER_FORMAT_MAX = 255 };

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

/* The parts of a message that one in it has, by their numbers in all. */
struct value_parts_range {
    size_t first;
    size_t count;
};
/* What follows the tag of a NESTED or PACKED. */
struct value_nested {
    const unsigned char *bytes; /* a whole message, or one that says that it is */
    size_t length;
    struct value_parts_range range;
};
bool value_nested_read(struct value_reader *reader, const struct value_parts_range *outer,
                       struct value_nested *nested);

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
