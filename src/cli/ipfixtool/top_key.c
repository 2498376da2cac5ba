/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/top_key.h"

#include <stdlib.h>

#include "pcap2ipfix/value_names.h"

enum {
    ID_RDATA = 3205,
    TYPES_MAX = 4096, /* beyond it the last type stands for all */
    VALUE_HEAD = 4,   /* bytes before a value: its type and its size */
};

/* 1900 to 1970 in seconds (RFC 7011 section 6.1.9). */
static const uint64_t ntp_epoch_s = 2208988800;

/* ---- Types ---- */

static bool is_number_type(int type)
{
    return type >= P2I_TYPE_UNSIGNED8 && type <= P2I_TYPE_UNSIGNED64;
}

/* Elements that are shown alike have one type, so that equal values of them are one. */
static struct p2i_top_type type_of(const struct p2i_layout *layout,
                                   const struct p2i_read_record *record, int field)
{
    const struct p2i_layout_field *of = &layout->fields[field];
    struct p2i_nearest none = p2i_nearest_to("");
    bool rdata = of->pen == P2I_PEN && of->id == ID_RDATA;
    bool named = rdata || p2i_value_is_hex(of->pen, of->id) ||
                 (is_number_type(of->type) && p2i_value_names_offer(of->pen, of->id, &none));
    int type = of->type;
    int semantics = of->semantics == P2I_SEMANTICS_IDENTIFIER && type == P2I_TYPE_UNSIGNED64
                        ? P2I_SEMANTICS_IDENTIFIER
                        : P2I_SEMANTICS_DEFAULT;
    type = is_number_type(type)    ? P2I_TYPE_UNSIGNED64
           : type == P2I_TYPE_IPV6 ? P2I_TYPE_IPV4
                                   : type;
    int rr_type = rdata && layout->rr_type >= 0
                      ? (int)(uint16_t)p2i_value_number(p2i_layout_value(record, layout->rr_type))
                      : -1;
    return (struct p2i_top_type){.pen = named ? of->pen : 0,
                                 .id = named ? of->id : 0,
                                 .type = type,
                                 .semantics = semantics,
                                 .rr_type = rr_type};
}

static bool is_same(const struct p2i_top_type *a, const struct p2i_top_type *b)
{
    return a->pen == b->pen && a->id == b->id && a->type == b->type &&
           a->semantics == b->semantics && a->rr_type == b->rr_type;
}

/* The number of a type; SIZE_MAX: out of memory. */
static size_t add_type(struct p2i_top_keys *keys, const struct p2i_top_type *type)
{
    for (size_t i = 0; i < keys->type_count; i++) {
        if (is_same(&keys->types[i], type)) {
            return i;
        }
    }
    if (keys->type_count == TYPES_MAX) {
        return TYPES_MAX - 1;
    }
    struct p2i_top_type *types = realloc(keys->types, (keys->type_count + 1) * sizeof *types);
    if (types == NULL) {
        return SIZE_MAX;
    }
    keys->types = types;
    keys->types[keys->type_count] = *type;
    return keys->type_count++;
}

/* The type of an element that was met; that of RDATA depends on the record. */
struct p2i_top_element {
    uint32_t pen;
    uint16_t id;
    uint8_t type;
    size_t number;
};

/* The number of the type of a field; SIZE_MAX: out of memory. */
static size_t number_of(struct p2i_top_keys *keys, const struct p2i_top_record *record, int field)
{
    const struct p2i_layout_field *of = &record->layout->fields[field];
    bool rdata = of->pen == P2I_PEN && of->id == ID_RDATA;
    for (size_t i = 0; !rdata && i < keys->element_count; i++) {
        const struct p2i_top_element *element = &keys->elements[i];
        if (element->id == of->id && element->pen == of->pen && element->type == of->type) {
            return element->number;
        }
    }
    struct p2i_top_type type = type_of(record->layout, record->record, field);
    size_t number = add_type(keys, &type);
    struct p2i_top_element *elements =
        rdata || number == SIZE_MAX
            ? NULL
            : realloc(keys->elements, (keys->element_count + 1) * sizeof *elements);
    if (elements != NULL) {
        keys->elements = elements;
        elements[keys->element_count++] =
            (struct p2i_top_element){of->pen, of->id, of->type, number};
    }
    return number;
}

/* ---- Values ---- */

static struct p2i_view without_zeros(struct p2i_view number)
{
    while (number.size > 1 && number.data[0] == 0) {
        number = p2i_view_from(number, 1);
    }
    return number;
}

/* Finds the value of a column, and in *field the field that has it: LAYOUT_NONE of texts that are
 * made here. False: the record lacks it. */
static bool find_value(const struct p2i_top_record *record, int column, struct p2i_view *value,
                       int *field)
{
    const struct p2i_layout *layout = record->layout;
    *field = LAYOUT_NONE;
    if (column == COLUMN_RECORD) {
        *value = p2i_view_of(layout->kind, strlen(layout->kind));
        return true;
    }
    if (column == COLUMN_CAPTURE && record->capture.size > 0) {
        *value = record->capture;
        return true;
    }
    *field = column == COLUMN_TIME          ? layout->parts.time
             : column == COLUMN_SOURCE      ? layout->parts.source
             : column == COLUMN_DESTINATION ? layout->parts.destination
                                            : p2i_layout_field(layout, record->record, column);
    if (*field < 0) {
        return false;
    }
    *value = p2i_layout_value(record->record, *field);
    if (is_number_type(layout->fields[*field].type)) {
        *value = without_zeros(*value);
    }
    return true;
}

bool p2i_top_value(const struct p2i_top_record *record, int column, struct p2i_view *value)
{
    int field;
    return find_value(record, column, value, &field);
}

/* ---- Keys ---- */

/* Unix seconds of a record, rounded down to a bucket; times before 1970 and after 2106 are in the
 * first and the last. */
static uint32_t bucket_of(const struct p2i_top_keys *keys, const struct p2i_top_record *record)
{
    int at = record->layout->parts.time;
    uint64_t time = record->record->export_time_s;
    if (at >= 0) {
        struct p2i_view value = p2i_layout_value(record->record, at);
        int type = record->layout->fields[at].type;
        time = p2i_value_number(value);
        if (type == P2I_TYPE_MILLISECONDS) {
            time /= 1000;
        } else if (type == P2I_TYPE_MICROSECONDS || type == P2I_TYPE_NANOSECONDS) {
            time >>= 32;
            time -= time >> 31 != 0 ? ntp_epoch_s : ntp_epoch_s - (UINT64_C(1) << 32);
        }
    }
    time = time >> 63 != 0 ? 0 : time < UINT32_MAX ? time : UINT32_MAX;
    return (uint32_t)(time - time % keys->every_s);
}

static bool append_number(struct p2i_buffer *out, uint64_t number, size_t size)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(number >> (8 * (size - 1 - i)));
    }
    return p2i_append(out, p2i_view_of(bytes, size));
}

bool p2i_top_key(struct p2i_top_keys *keys, const struct p2i_top_record *record, size_t count,
                 struct p2i_view *key)
{
    static const struct p2i_top_type text = {.type = P2I_TYPE_STRING, .rr_type = -1};
    keys->key.size = 0;
    bool done = keys->every_s == 0 || append_number(&keys->key, bucket_of(keys, record), 4);
    for (size_t i = 0; done && i < count; i++) {
        struct p2i_view value;
        int field;
        if (!find_value(record, record->layout->columns[i], &value, &field)) {
            return false;
        }
        size_t number = field >= 0 ? number_of(keys, record, field) : add_type(keys, &text);
        size_t used = keys->key.size + VALUE_HEAD;
        value = p2i_view_first(value, used < P2I_TOP_KEY_MAX ? P2I_TOP_KEY_MAX - used : 0);
        done = number != SIZE_MAX && append_number(&keys->key, number, 2) &&
               append_number(&keys->key, value.size, 2) && p2i_append(&keys->key, value);
    }
    keys->failed = keys->failed || !done;
    *key = p2i_view_of(keys->key.data, keys->key.size);
    return done;
}

static uint32_t take_number(struct p2i_view *key, size_t size)
{
    uint32_t number = (uint32_t)p2i_value_number(p2i_view_first(*key, size));
    *key = p2i_view_from(*key, size);
    return number;
}

uint32_t p2i_top_take_time(struct p2i_view *key)
{
    return take_number(key, 4);
}

struct p2i_view p2i_top_take_value(const struct p2i_top_keys *keys, struct p2i_view *key,
                                   const struct p2i_top_type **type)
{
    *type = &keys->types[take_number(key, 2)];
    size_t size = take_number(key, 2);
    struct p2i_view value = p2i_view_first(*key, size);
    *key = p2i_view_from(*key, size);
    return value;
}

bool p2i_top_text(struct p2i_buffer *out, const struct p2i_form *form,
                  const struct p2i_top_type *type, struct p2i_view value)
{
    if (type->type == P2I_TYPE_STRING) {
        return p2i_append(out, value);
    }
    const struct p2i_value of = {
        .pen = type->pen, .id = type->id, .size = (uint16_t)value.size, .data = value.data};
    return type->id == 0 || (form->format == FORMAT_JSON && !form->names)
               ? p2i_form_text(out, form, type->type, value)
               : p2i_form_named(out, form, &of, type->type, type->rr_type);
}

void p2i_top_keys_free(struct p2i_top_keys *keys)
{
    free(keys->types);
    free(keys->elements);
    p2i_buffer_free(&keys->key);
}
