/* SPDX-License-Identifier: MIT */
#include "record/decode.h"

struct p2i_view p2i_take_value(struct p2i_cursor *cursor, uint16_t length)
{
    size_t size = length;
    if (length == P2I_VARIABLE) {
        size = p2i_u8(cursor);
        if (size == 255) {
            size = p2i_be16(cursor);
        }
    }
    return p2i_take(cursor, size);
}

size_t p2i_decode_record(const struct p2i_template *of, struct p2i_view bytes,
                         struct p2i_view *values)
{
    struct p2i_cursor cursor = p2i_cursor_of(bytes);
    for (size_t i = 0; i < of->field_count; i++) {
        values[i] = p2i_take_value(&cursor, of->fields[i].length);
    }
    return cursor.failed ? 0 : bytes.size - cursor.rest.size;
}

size_t p2i_field_index(const struct p2i_template *of, uint32_t pen, uint16_t id)
{
    size_t i = 0;
    while (i < of->field_count &&
           (of->fields[i].element->id != id || of->fields[i].element->pen != pen)) {
        i++;
    }
    return i;
}

uint64_t p2i_value_number(struct p2i_view value)
{
    uint64_t number = 0;
    if (value.size > 8) {
        return 0;
    }
    for (size_t i = 0; i < value.size; i++) {
        number = number << 8 | value.data[i];
    }
    return number;
}
