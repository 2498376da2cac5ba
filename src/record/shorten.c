/* SPDX-License-Identifier: MIT */
#include "record/shorten.h"

#include "base/put.h"
#include "record/decode.h"

enum { PREFIX_MAX = 3 }; /* bytes of the length in front of a variable field */

size_t p2i_fair_share(const size_t *sizes, size_t count, size_t room)
{
    for (size_t limit = 0;;) {
        size_t shorter_size = 0;
        size_t longer_count = 0;
        for (size_t i = 0; i < count; i++) {
            bool longer = sizes[i] > limit;
            longer_count += longer;
            shorter_size += longer ? 0 : sizes[i];
        }
        size_t share = longer_count > 0 ? (room - shorter_size) / longer_count : limit;
        if (share == limit) {
            return limit;
        }
        limit = share;
    }
}

static bool may_cut(const struct p2i_wire_field *field)
{
    return field->length == P2I_VARIABLE && !field->rigid;
}

/* Computes the room left for values that may be cut. False: none. */
static bool find_room(const struct p2i_wire_field *fields, const struct p2i_view *values,
                      size_t count, size_t limit, size_t *room)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        used += fields[i].length == P2I_VARIABLE ? PREFIX_MAX : 0;
        used += may_cut(&fields[i]) ? 0 : values[i].size;
    }
    *room = limit - used;
    return used <= limit;
}

/* The value, or the part of it that fits and ends with a whole character. */
static struct p2i_view cut(const struct p2i_wire_field *field, struct p2i_view value, size_t limit)
{
    if (!may_cut(field) || value.size <= limit) {
        return value;
    }
    size_t size = limit;
    while (field->text && size > 0 && (value.data[size] & 0xc0) == 0x80) {
        size--;
    }
    return p2i_view_first(value, size);
}

/* A length of three bytes keeps its form, as RFC 7011 section 7 allows: the exporter may rely on
 * it. */
static uint8_t *put_value(uint8_t *at, const struct p2i_wire_field *field, struct p2i_view value,
                          bool long_form)
{
    if (field->length == P2I_VARIABLE && !long_form) {
        *at++ = (uint8_t)value.size;
    } else if (field->length == P2I_VARIABLE) {
        *at++ = 255;
        at = p2i_put16(at, (uint16_t)value.size);
    }
    if (value.size > 0) {
        memcpy(at, value.data, value.size);
    }
    return at + value.size;
}

size_t p2i_shorten(const struct p2i_wire_field *fields, size_t count, struct p2i_view record,
                   size_t limit, uint8_t *out)
{
    struct p2i_view values[P2I_SHORTEN_MAX];
    size_t sizes[P2I_SHORTEN_MAX] = {0};
    bool long_form[P2I_SHORTEN_MAX];
    size_t size_count = 0;
    size_t room = 0;
    struct p2i_cursor cursor = p2i_cursor_of(record);
    if (count > P2I_SHORTEN_MAX) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        long_form[i] = cursor.rest.size > 0 && cursor.rest.data[0] == 255;
        values[i] = p2i_take_value(&cursor, fields[i].length);
        if (may_cut(&fields[i])) {
            sizes[size_count++] = values[i].size;
        }
    }
    if (cursor.failed || !find_room(fields, values, count, limit, &room)) {
        return 0;
    }
    size_t longest = p2i_fair_share(sizes, size_count, room);
    uint8_t *at = out;
    for (size_t i = 0; i < count; i++) {
        at = put_value(at, &fields[i], cut(&fields[i], values[i], longest), long_form[i]);
    }
    return (size_t)(at - out);
}
