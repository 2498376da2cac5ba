/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/values.h"

#include <stdio.h>
#include <stdlib.h>

enum { SMALLEST = 4096 };

bool p2i_buffer_reserve(struct p2i_buffer *buffer, size_t size)
{
    if (size <= buffer->capacity - buffer->size) {
        return true;
    }
    if (size > SIZE_MAX / 2 - buffer->size) {
        return false;
    }
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : SMALLEST;
    while (capacity - buffer->size < size) {
        capacity *= 2;
    }
    uint8_t *data = realloc(buffer->data, capacity);
    if (data == NULL) {
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void p2i_buffer_free(struct p2i_buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct p2i_buffer){0};
}

bool p2i_append(struct p2i_buffer *out, struct p2i_view bytes)
{
    if (!p2i_buffer_reserve(out, bytes.size)) {
        return false;
    }
    if (bytes.size > 0) {
        memcpy(out->data + out->size, bytes.data, bytes.size);
        out->size += bytes.size;
    }
    return true;
}

/* 0 is the sign of an error. */
static ssize_t append_to(void *context, const char *bytes, size_t size)
{
    return p2i_append(context, p2i_view_of(bytes, size)) ? (ssize_t)size : 0;
}

FILE *p2i_buffer_stream(struct p2i_buffer *buffer)
{
    static const cookie_io_functions_t functions = {.write = append_to};
    return fopencookie(buffer, "w", functions);
}
