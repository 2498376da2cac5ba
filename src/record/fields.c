/* SPDX-License-Identifier: MIT */
/* Makes elements, fields and templates from fields.def; the compiler computes everything. */
#include "pcap2ipfix/fields.h"
#include "base/counts.h"

#include "protocol/message.h"
#include "record/lengths.h"
#include "record/record.h"
#include "record/table.h"

enum {
    PEN_IANA = 0,
    PEN_SSG = P2I_PEN,
    PEN_REVERSE = P2I_PEN_REVERSE,
    PEN_FLOWMON = P2I_PEN_FLOWMON,
    PEN_CERT = P2I_PEN_CERT,
    EXTENDED_IDS = 1024, /* ids of extended templates lie so far behind those of the plain ones */
};

enum element_index {
#define ELEMENT(pen, id, name, type, semantics, meaning, source) INDEX_##name,
#include "record/fields.def"
    ELEMENT_COUNT
};

static const struct p2i_element elements[ELEMENT_COUNT] = {
#define ELEMENT(pen, id, name, type, semantics, meaning, source)                                   \
    {PEN_##pen, id, P2I_TYPE_##type, P2I_SEMANTICS_##semantics, #name, meaning, source},
#include "record/fields.def"
};

/* Rows are not code: keep the formatter away. */
/* clang-format off */

/* A member must have the width of its element; a view is for a variable one. */
#define FIELD(name, struct_, member)                                                               \
    _Static_assert((int)sizeof(((struct p2i_##struct_ *)0)->member) ==                             \
                       (P2I_LENGTH_##name == (int)P2I_VARIABLE ? (int)sizeof(struct p2i_view)          \
                                                           : (int)P2I_LENGTH_##name),                  \
                   #name " and " #member " differ in width");
#include "record/fields.def"

#define RECORD(kind, name, id, domain, meaning) static const struct p2i_field name##_fields4[] = {
#define FIELD(name, struct_, member) {&elements[INDEX_##name], P2I_LENGTH_##name},
#define NARROW(name, length, struct_, member) {&elements[INDEX_##name], length},
#define ADDRESS(name4, name6, member) {&elements[INDEX_##name4], P2I_LENGTH_OF_IPV4},
#define SPECIAL(name, form) {&elements[INDEX_##name], P2I_LENGTH_##name},
#define END(name) };
#include "record/fields.def"

#define RECORD(kind, name, id, domain, meaning) static const struct p2i_field name##_fields6[] = {
#define FIELD(name, struct_, member) {&elements[INDEX_##name], P2I_LENGTH_##name},
#define NARROW(name, length, struct_, member) {&elements[INDEX_##name], length},
#define ADDRESS(name4, name6, member) {&elements[INDEX_##name6], P2I_LENGTH_OF_IPV6},
#define SPECIAL(name, form) {&elements[INDEX_##name], P2I_LENGTH_##name},
#define END(name) };
#include "record/fields.def"

/* The number of fields of each plain record, and the numbers of strings and octets in each record. */
enum {
#define RECORD(kind, name, id, domain, meaning) PLAIN_##name = 0
#define FIELD(name, struct_, member) +1
#define NARROW(name, length, struct_, member) +1
#define ADDRESS(name4, name6, member) +1
#define SPECIAL(name, form) +1
#define EXTENDED(name) , EXTENSION_##name = 0
#define END(name) ,
#include "record/fields.def"
#define RECORD(kind, name, id, domain, meaning) STRINGS_##name = 0
#define FIELD(name, struct_, member) +((int)P2I_LENGTH_##name == P2I_VARIABLE && P2I_IS_STRING_##name)
#define END(name) ,
#include "record/fields.def"
#define RECORD(kind, name, id, domain, meaning) OCTETS_##name = 0
#define FIELD(name, struct_, member) +((int)P2I_LENGTH_##name == P2I_VARIABLE && !P2I_IS_STRING_##name)
#define END(name) ,
#include "record/fields.def"
};

/* The IPv6 template of a record has the id of the IPv4 one + 256. Both forms of a record share the
 * array of fields. */
#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define TEMPLATE(kind, name, version, id, domain, meaning)                                         \
    {#name, meaning, P2I_RECORD_##kind, version, id, domain, PLAIN_##name,                         \
     name##_fields##version, false}
#define EXTENDED_TEMPLATE(kind, name, version, id, domain, meaning)                                \
    {#name, meaning, P2I_RECORD_##kind, version, EXTENDED_IDS + (id), domain,                      \
     COUNT(name##_fields##version), name##_fields##version, true}
static const struct p2i_record_table tables[P2I_RECORD_KINDS] = {
#define RECORD(kind, name, id, domain, meaning)                                                    \
    [P2I_RECORD_##kind] = {STRINGS_##name,                                                         \
                           OCTETS_##name,                                                          \
                           {{TEMPLATE(kind, name, 4, id, domain, meaning),                         \
                             TEMPLATE(kind, name, 6, id + 256, domain, meaning)},                  \
                            {EXTENDED_TEMPLATE(kind, name, 4, id, domain, meaning),                \
                             EXTENDED_TEMPLATE(kind, name, 6, id + 256, domain, meaning)}}},
#include "record/fields.def"
};

/* clang-format on */

const struct p2i_record_table *p2i_record_table_of(enum p2i_record_kind kind)
{
    return &tables[kind];
}

const char *p2i_record_name(enum p2i_record_kind kind)
{
    return (unsigned)kind < P2I_RECORD_KINDS ? tables[kind].templates[0][0].name : NULL;
}

const struct p2i_template *p2i_template_of(enum p2i_record_kind kind, uint8_t ip_version)
{
    return &tables[kind].templates[0][ip_version == 6];
}

const struct p2i_template *p2i_extended_template_of(enum p2i_record_kind kind, uint8_t ip_version)
{
    return &tables[kind].templates[1][ip_version == 6];
}

const struct p2i_template *p2i_template_by_id(uint16_t id)
{
    for (size_t kind = 0; kind < P2I_RECORD_KINDS; kind++) {
        for (size_t i = 0; i < 4; i++) {
            const struct p2i_template *of = &tables[kind].templates[i / 2][i % 2];
            if (of->id == id) {
                return of;
            }
        }
    }
    return NULL;
}

const struct p2i_element *p2i_elements(size_t *count)
{
    *count = ELEMENT_COUNT;
    return elements;
}

const struct p2i_element *p2i_element_find(uint32_t pen, uint16_t id)
{
    for (size_t i = 0; i < ELEMENT_COUNT; i++) {
        if (elements[i].id == id && elements[i].pen == pen) {
            return &elements[i];
        }
    }
    return NULL;
}

bool p2i_element_is_borrowed(const struct p2i_element *element)
{
    return element->pen != PEN_IANA && element->pen != PEN_SSG && element->pen != PEN_REVERSE;
}

const struct p2i_element *p2i_element_distinct(const struct p2i_element *element)
{
    if (element == &elements[INDEX_IP_SOURCE]) {
        return &elements[INDEX_IP_SOURCE_V6];
    }
    return element == &elements[INDEX_IP_DESTINATION] ? &elements[INDEX_IP_DESTINATION_V6]
                                                      : element;
}
