/* SPDX-License-Identifier: MIT */
/* The values of a record, for the callbacks of pcap2ipfix/engine.h. */
#include <string.h>

#include "base/ntp.h"
#include "pcap2ipfix/engine.h"
#include "pcap2ipfix/values.h"
#include "record/decode.h"
#include "record/json.h"

enum p2i_record_kind p2i_record_kind_of(const struct p2i_record *record)
{
    return record->kind;
}

const struct p2i_template *p2i_record_template(const struct p2i_record *record)
{
    return p2i_template_of_record(record);
}

uint64_t p2i_record_session(const struct p2i_record *record)
{
    return record->session;
}

uint64_t p2i_record_packet(const struct p2i_record *record, uint32_t *capture)
{
    if (capture != NULL) {
        *capture = record->capture;
    }
    return record->packet;
}

uint32_t p2i_record_time_s(const struct p2i_record *record)
{
    return record->time_s;
}

uint64_t p2i_record_time_ns(const struct p2i_record *record)
{
    return record->time_ns;
}

uint8_t p2i_record_end_reason(const struct p2i_record *record)
{
    return record->end_reason;
}

uint8_t p2i_record_transport(const struct p2i_record *record)
{
    return record->transport;
}

void p2i_record_ports(const struct p2i_record *record, uint16_t ports[2])
{
    memcpy(ports, record->port, sizeof record->port);
}

bool p2i_record_is_cut(const struct p2i_record *record)
{
    return record->cut;
}

bool p2i_record_field_at(const struct p2i_record *record, size_t place, struct p2i_value *value)
{
    const struct p2i_template *of = p2i_record_template(record);
    if (place >= of->field_count) {
        return false;
    }
    struct p2i_cursor cursor = p2i_cursor_of(record->bytes);
    for (size_t i = 0; i < place; i++) {
        (void)p2i_take_value(&cursor, of->fields[i].length);
    }
    struct p2i_view bytes = p2i_take_value(&cursor, of->fields[place].length);
    const struct p2i_element *element = of->fields[place].element;
    *value = (struct p2i_value){
        .pen = element->pen, .id = element->id, .size = (uint16_t)bytes.size, .data = bytes.data};
    return !cursor.failed;
}

bool p2i_record_field_by_id(const struct p2i_record *record, uint32_t pen, uint16_t id,
                            struct p2i_value *value)
{
    return p2i_record_field_at(record, p2i_field_index(p2i_record_template(record), pen, id),
                               value);
}

/* field_count: there is none. */
static size_t place_of(const struct p2i_template *of, const char *name)
{
    size_t place = 0;
    while (place < of->field_count && strcmp(of->fields[place].element->name, name) != 0) {
        place++;
    }
    return place;
}

bool p2i_record_field(const struct p2i_record *record, const char *name, struct p2i_value *value)
{
    return p2i_record_field_at(record, place_of(p2i_record_template(record), name), value);
}

/* The value of a field of one of the types in the bit mask. */
static bool find_typed(const struct p2i_record *record, const char *name, uint32_t types,
                       struct p2i_value *value)
{
    const struct p2i_template *of = p2i_record_template(record);
    size_t place = place_of(of, name);
    return place < of->field_count &&
           (types >> of->fields[place].element->type & UINT32_C(1)) != 0 &&
           p2i_record_field_at(record, place, value);
}

#define NS_PER_S UINT64_C(1000000000)
#define TYPE(name) (UINT32_C(1) << P2I_TYPE_##name)

const char *p2i_record_string(const struct p2i_record *record, const char *name, size_t *size)
{
    struct p2i_value value;
    if (!find_typed(record, name, TYPE(STRING) | TYPE(OCTETS) | TYPE(MAC), &value)) {
        *size = 0;
        return NULL;
    }
    *size = value.size;
    return (const char *)value.data;
}

bool p2i_record_unsigned(const struct p2i_record *record, const char *name, uint64_t *number)
{
    struct p2i_value value;
    if (find_typed(record, name, TYPE(NANOSECONDS), &value)) {
        int64_t seconds;
        uint32_t nanoseconds;
        p2i_ntp_split(p2i_value_number(p2i_view_of(value.data, value.size)), &seconds,
                      &nanoseconds);
        *number = (uint64_t)seconds * NS_PER_S + nanoseconds;
        return true;
    }
    const uint32_t types = TYPE(UNSIGNED8) | TYPE(UNSIGNED16) | TYPE(UNSIGNED32) |
                           TYPE(UNSIGNED64) | TYPE(SECONDS) | TYPE(MILLISECONDS);
    bool found = find_typed(record, name, types, &value);
    *number = found ? p2i_value_number(p2i_view_of(value.data, value.size)) : 0;
    return found;
}

size_t p2i_record_address(const struct p2i_record *record, const char *name, uint8_t address[16])
{
    struct p2i_value value;
    if (!find_typed(record, name, TYPE(IPV4) | TYPE(IPV6), &value)) {
        return 0;
    }
    memcpy(address, value.data, value.size);
    return value.size;
}

const char *p2i_record_json(const struct p2i_record *record, size_t *size)
{
    struct p2i_buffer *text = record->text;
    text->size = 0;
    if (!p2i_record_append_json(text, record) || !p2i_append(text, p2i_view_of("", 1))) {
        *size = 0;
        return NULL;
    }
    *size = text->size - 1;
    return (const char *)text->data;
}

const void *p2i_record_bytes(const struct p2i_record *record, size_t *size)
{
    *size = record->bytes.size;
    return record->bytes.data;
}
