/* The part of value/python/pack.c that writes values which contain no others. GIL held. */
#ifndef REBEAM_VALUE_PYTHON_PACK_LEAF_H
#define REBEAM_VALUE_PYTHON_PACK_LEAF_H

#include "value/parts.h"

/* Each: 0, -1 with an exception, or 1 if `object` is none of these, nothing written. */

/* Values that are so small that they are written again each time: numbers and None. */
int value_pack_scalar(struct buffer *out, PyObject *object);
/* The others: str, bytes, bytearray, and names of the BEAM. */
int value_pack_leaf(struct interpreter *interpreter, struct value_packed *out, PyObject *object);

/* BYTES or BYTES_PART. Takes the part's reference. 0, or -1. */
int value_pack_memory(struct value_packed *out, struct memory_part part);

/* 0 for true; else -1, and MemoryError is set. */
int value_written(bool ok);

#endif
