/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/record_parts.h"

#include <string.h>

#include "pcap2ipfix/fields.h"

struct element_id {
    uint32_t pen;
    uint16_t id;
};

/* The elements of each part, best first; 0/0 ends a list. */
static const struct element_id times[] = {{0, 325}, {P2I_PEN, 1001}, {0, 152}, {0, 154},
                                          {0, 156}, {0, 150},        {0, 323}, {0, 324},
                                          {0, 322}, {0, 258},        {0, 0}};
static const struct element_id sources[] = {
    {P2I_PEN, 1003}, {P2I_PEN, 1103}, {0, 8}, {0, 27}, {0, 0}};
static const struct element_id destinations[] = {
    {P2I_PEN, 1004}, {P2I_PEN, 1104}, {0, 12}, {0, 28}, {0, 0}};
static const struct element_id source_ports[] = {
    {P2I_PEN, 1013}, {0, 7}, {0, 180}, {0, 182}, {0, 0}};
static const struct element_id destination_ports[] = {
    {P2I_PEN, 1014}, {0, 11}, {0, 181}, {0, 183}, {0, 0}};
static const struct element_id hosts[] = {
    {P2I_PEN, 1005}, {P2I_PEN, 3201}, {P2I_PEN, 2001}, {0, 460}, {0, 0}};
static const struct element_id sessions[] = {{P2I_PEN, 2000}, {0, 148}, {0, 0}};
static const struct element_id captures[] = {{0, 138}, {0, 0}};
static const struct element_id packets[] = {{0, 318}, {0, 0}};

/* The element that only this kind of record has. */
static const struct {
    struct element_id element;
    enum p2i_record_kind kind;
} signatures[] = {
    {{P2I_PEN, 1006}, P2I_RECORD_CLICKSTREAM}, {{P2I_PEN, 1021}, P2I_RECORD_HTTP_REPLY},
    {{P2I_PEN, 1030}, P2I_RECORD_SSL_REPLY},   {{P2I_PEN, 3000}, P2I_RECORD_SIP},
    {{P2I_PEN, 3052}, P2I_RECORD_FTP},         {{P2I_PEN, 3104}, P2I_RECORD_IM},
    {{P2I_PEN, 3158}, P2I_RECORD_MAIL},        {{P2I_PEN, 2901}, P2I_RECORD_RAW},
    {{P2I_PEN, 3201}, P2I_RECORD_DNS},         {{P2I_PEN_REVERSE, 1}, P2I_RECORD_BIFLOW},
    {{P2I_PEN, 2002}, P2I_RECORD_FLOW},
};
enum { SIGNATURE_COUNT = sizeof(signatures) / sizeof(signatures[0]) };

static int find_one(const struct p2i_read_record *record, struct element_id wanted)
{
    for (size_t i = 0; i < record->value_count; i++) {
        if (record->values[i].id == wanted.id && record->values[i].pen == wanted.pen) {
            return (int)i;
        }
    }
    return -1;
}

static int find_first(const struct p2i_read_record *record, const struct element_id *wanted)
{
    int found = -1;
    for (; found < 0 && wanted->id != 0; wanted++) {
        found = find_one(record, *wanted);
    }
    return found;
}

static const char *find_kind(const struct p2i_read_record *record)
{
    if (record->options) {
        return "options";
    }
    for (size_t i = 0; i < SIGNATURE_COUNT; i++) {
        if (find_one(record, signatures[i].element) >= 0) {
            return p2i_record_name(signatures[i].kind);
        }
    }
    return NULL;
}

void p2i_record_parts_find(const struct p2i_read_record *record, struct p2i_record_parts *parts)
{
    struct p2i_record_parts found = {
        .kind = find_kind(record),
        .time = find_first(record, times),
        .source = find_first(record, sources),
        .destination = find_first(record, destinations),
        .source_port = find_first(record, source_ports),
        .destination_port = find_first(record, destination_ports),
        .host = find_first(record, hosts),
        .session = find_first(record, sessions),
        .capture = find_first(record, captures),
        .packet = find_first(record, packets),
    };
    size_t size = parts->struct_size < sizeof found ? parts->struct_size : sizeof found;
    found.struct_size = parts->struct_size;
    memcpy(parts, &found, size);
}
