#include "value/buffer_head.h"

#include <string.h>

bool value_buffer_read(struct value_reader *reader, struct value_buffer_head *head) {
    uint8_t kind, columns;
    uint64_t ndim;
    if (!value_read_byte(reader, &kind) || kind >= VALUE_BUFFER_KINDS ||
        !value_read_data(reader, &head->format, &head->format_length) ||
        head->format_length > VALUE_BUFFER_FORMAT_MAX ||
        memchr(head->format, '\0', head->format_length) != NULL ||
        !value_read_byte(reader, &columns) || columns > 1 ||
        !value_read_varint(reader, &head->itemsize) || !value_read_varint(reader, &ndim) ||
        ndim > VALUE_BUFFER_DIMENSIONS_MAX)
        return false;
    head->kind = (enum value_buffer_kind)kind;
    head->columns = columns != 0;
    head->ndim = (size_t)ndim;
    for (size_t i = 0; i < head->ndim; i++)
        if (!value_read_varint(reader, &head->shape[i]))
            return false;
    return true;
}

bool value_buffer_put(struct buffer *out, const struct value_buffer_head *head) {
    bool ok = value_put_tag(out, VALUE_BUFFER) && buffer_append_byte(out, (uint8_t)head->kind) &&
              value_put_data(out, head->format, head->format_length) &&
              buffer_append_byte(out, head->columns) && value_put_count(out, head->itemsize) &&
              value_put_count(out, head->ndim);
    for (size_t i = 0; ok && i < head->ndim; i++)
        ok = value_put_count(out, head->shape[i]);
    return ok;
}

/* The size of the items that memoryview reads by such a format without asking; 0: it asks. */
static uint64_t native_size(const unsigned char *format, size_t length) {
    static const char sizes[] = "c1b1B1?1h2H2e2i4I4f4l8L8q8Q8n8N8P8d8";
    if (length == 2 && format[0] == '@')
        format++, length--;
    for (const char *at = sizes; length == 1 && *at != '\0'; at += 2)
        if ((unsigned char)*at == format[0])
            return (uint64_t)(at[1] - '0');
    return 0;
}

bool value_buffer_size(const struct value_buffer_head *head, uint64_t *size) {
    bool python = head->kind == VALUE_BUFFER_VIEW || head->kind == VALUE_BUFFER_ARRAY;
    uint64_t native = python ? native_size(head->format, head->format_length) : 0;
    if ((native != 0 && native != head->itemsize) || head->itemsize > INT32_MAX)
        return false;
    /* Also when there is none, the other sizes and the strides must be numbers. */
    bool empty = head->itemsize == 0;
    uint64_t all = empty ? 1 : head->itemsize;
    for (size_t i = 0; i < head->ndim; i++) {
        uint64_t count = head->shape[i] > 0 ? head->shape[i] : 1;
        empty |= head->shape[i] == 0;
        if (count > (uint64_t)INT64_MAX / 2 / all)
            return false;
        all *= count;
    }
    *size = empty ? 0 : all;
    return true;
}
