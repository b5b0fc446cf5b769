#include "value/erlang/walk_node.h"

#include "value/buffer_head.h"
#include "value/zone.h"

static bool skip_data(struct value_reader *reader, int count) {
    const unsigned char *bytes;
    size_t length;
    for (; count > 0; count--)
        if (!value_read_data(reader, &bytes, &length))
            return false;
    return true;
}

static bool skip_fixed(struct value_reader *reader, size_t length) {
    const unsigned char *bytes;
    return value_read_fixed(reader, length, &bytes);
}

static bool read_count(struct value_reader *reader, size_t each, struct value_node *node) {
    size_t count;
    if (!value_read_count(reader, each, &count))
        return false;
    node->children = each * count;
    return true;
}

static bool read_object(struct value_reader *reader, struct value_node *node) {
    uint8_t flags;
    if (!skip_data(reader, 1) || !value_read_byte(reader, &flags) || flags > VALUE_OBJECT_ALL)
        return false;
    node->children = value_object_count(flags);
    return true;
}

static bool read_zoned(struct value_reader *reader, struct value_node *node) {
    int64_t number;
    node->children = 1;
    return skip_fixed(reader, VALUE_DATETIME_SIZE) && value_read_int(reader, &number) &&
           value_read_int(reader, &number) && skip_data(reader, 2);
}

static bool read_content(struct value_reader *reader, const struct value_parts_range *range,
                         struct value_node *node) {
    struct value_buffer_head head;
    struct value_span span;
    struct value_zone zone;
    struct value_aware aware;
    uint8_t byte;
    switch (node->tag) {
    case VALUE_NONE:
    case VALUE_TRUE:
    case VALUE_FALSE:
        return true;
    case VALUE_INT:
    case VALUE_BACK:
    case VALUE_BYTES_PART:
    case VALUE_STR_PART:
    case VALUE_BYTEARRAY_PART:
        return value_read_varint(reader, &node->index);
    case VALUE_BIGINT:
        return value_read_byte(reader, &byte) && skip_data(reader, 1);
    case VALUE_FLOAT:
        return skip_fixed(reader, 8);
    case VALUE_STR:
    case VALUE_STR_SURROGATES:
    case VALUE_BYTES:
    case VALUE_BYTEARRAY:
    case VALUE_DECIMAL:
    case VALUE_PID:
    case VALUE_REFERENCE:
    case VALUE_ATOM:
    case VALUE_TERM:
        return skip_data(reader, 1);
    case VALUE_PID_REQUEST:
        return skip_data(reader, 2);
    case VALUE_GLOBAL:
        return value_read_byte(reader, &byte) && skip_data(reader, 2);
    case VALUE_DATE:
        return skip_fixed(reader, VALUE_DATE_SIZE);
    case VALUE_TIME:
        return skip_fixed(reader, VALUE_TIME_SIZE);
    case VALUE_DATETIME:
    case VALUE_DATETIME_UTC:
        return skip_fixed(reader, VALUE_DATETIME_SIZE);
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_SET:
    case VALUE_FROZENSET:
        return read_count(reader, 1, node);
    case VALUE_DICT:
        return read_count(reader, 2, node);
    case VALUE_OBJECT:
        return read_object(reader, node);
    case VALUE_DATETIME_ZONED:
        return read_zoned(reader, node);
    case VALUE_TIMEDELTA:
        return value_span_read(reader, &span);
    case VALUE_TIMEZONE:
    case VALUE_ZONEINFO:
        return value_zone_read(reader, node->tag, &zone);
    case VALUE_AWARE:
        return value_aware_read(reader, &aware);
    case VALUE_BUFFER:
        node->children = 1;
        return value_buffer_read(reader, &head);
    case VALUE_NESTED:
    case VALUE_PACKED:
        return value_nested_read(reader, range, &node->nested);
    case VALUE_SHARED:
    case VALUE_RECURSIVE:
    case VALUE_TAG_COUNT:
        break;
    }
    return false;
}

bool value_node_read(struct value_reader *reader, const struct value_parts_range *range,
                     struct value_node *node) {
    *node = (struct value_node){.at = reader->at};
    if (!value_read_tag(reader, &node->tag))
        return false;
    node->shared = node->tag == VALUE_SHARED;
    node->recursive = node->tag == VALUE_RECURSIVE;
    if (node->shared || node->recursive) {
        if (node->shared)
            node->at = reader->at;
        if (!value_read_tag(reader, &node->tag))
            return false;
    }
    if (node->shared && (node->tag == VALUE_NESTED || node->tag == VALUE_BACK))
        return false;
    if (node->recursive && node->tag != VALUE_TUPLE && node->tag != VALUE_FROZENSET &&
        node->tag != VALUE_OBJECT && node->tag != VALUE_DATETIME_ZONED)
        return false;
    bool ok = read_content(reader, range, node);
    node->end = reader->at;
    return ok;
}

size_t value_node_numbered_after(enum value_tag tag) {
    if (tag == VALUE_LIST || tag == VALUE_DICT || tag == VALUE_SET)
        return 0;
    return tag == VALUE_OBJECT ? 2 : SIZE_MAX;
}
