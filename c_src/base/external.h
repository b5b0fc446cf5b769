/* What the codec knows of Erlang's external term format. No GIL, no Python. */
#ifndef REBEAM_BASE_EXTERNAL_H
#define REBEAM_BASE_EXTERNAL_H

#include <stddef.h>

/* The first byte, and tags. */
enum {
    EXTERNAL_VERSION = 131,
    EXTERNAL_PID = 88,
    EXTERNAL_REFERENCE = 90,
    EXTERNAL_ATOM = 119,        /* UTF-8, one byte of size */
    EXTERNAL_LONG_ATOM = 118,   /* UTF-8, two bytes of size */
    EXTERNAL_SMALL_LATIN = 115, /* Latin-1, one byte of size */
    EXTERNAL_SMALL_BIG = 110,   /* one byte of size, sign, magnitude from its low end */
    EXTERNAL_LARGE_BIG = 111,   /* the same with four bytes of size */
    EXTERNAL_LATIN = 100,       /* Latin-1, two bytes of size */
};

/* Room for a pid or reference: twice what the longest takes. */
enum { EXTERNAL_NAME_MAX = 1024 };

/* Rewrites a pid or reference (by `tag`) so that its node's name is an EXTERNAL_ATOM:
 * OTP releases differ in that, and equal things must have equal bytes. `plain` has room
 * for EXTERNAL_NAME_MAX. Returns the new length, or 0 if the bytes are no such thing. */
size_t external_normalize(const unsigned char *bytes, size_t length, int tag, unsigned char *plain);

#endif
