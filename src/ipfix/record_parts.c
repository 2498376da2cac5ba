/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/record_parts.h"

#include <string.h>

#include "base/counts.h"
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

/* What says which end of a session is the server: it must not depend on who sent the record. */
enum server_rule {
    SERVER_BY_PORTS,        /* the end that has the port of its protocol, else the lower port */
    SERVER_IS_SOURCE,       /* a reply */
    SERVER_IS_DESTINATION,  /* a request */
    SERVER_BY_STATUS_CODE,  /* the source, unless the value is 0 */
    SERVER_BY_EVENT,        /* the source, if the value is 2: mail that was fetched */
    SERVER_BY_DIRECTION,    /* the source, if the value is 1: raw packets of the other end */
    SERVER_BY_BIFLOW,       /* the source, if the value is 2 (RFC 5103 section 6.3) */
    SERVER_BY_DNS_RESPONSE, /* the source, if the value is 1 */
    SERVER_BY_RDATA,        /* the source, if the value is not empty; else by ports */
};

static const struct {
    const char *kind; /* of the records */
    enum server_rule rule;
    struct element_id element; /* that the rule looks at; 0/0: none */
} server_rules[] = {
    {"clickstream", SERVER_IS_DESTINATION, {0, 0}},
    {"http_reply", SERVER_IS_SOURCE, {0, 0}},
    {"ssl_reply", SERVER_IS_SOURCE, {0, 0}},
    {"sip", SERVER_BY_STATUS_CODE, {P2I_PEN, 3001}}, /* STATUS_CODE */
    {"ftp", SERVER_IS_DESTINATION, {0, 0}},
    {"mail", SERVER_BY_EVENT, {P2I_PEN, 3156}},           /* EVENT */
    {"raw", SERVER_BY_DIRECTION, {P2I_PEN, 2014}},        /* DIR_DATA */
    {"dns", SERVER_BY_DNS_RESPONSE, {P2I_PEN_CERT, 174}}, /* dnsQueryResponse */
    {"dns", SERVER_BY_RDATA, {P2I_PEN, 3205}},            /* RDATA */
    {"biflow", SERVER_BY_BIFLOW, {0, 239}},               /* biflowDirection */
};
static const struct element_id protocols[] = {{P2I_PEN, 2002}, {P2I_PEN, 2015}, {0, 0}};

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
    if (record->template_id > 0 && record->template_id <= P2I_RECORD_KINDS) {
        return p2i_record_name((enum p2i_record_kind)(record->template_id - 1));
    }
    for (size_t i = 0; i < SIGNATURE_COUNT; i++) {
        if (find_one(record, signatures[i].element) >= 0) {
            return p2i_record_name(signatures[i].kind);
        }
    }
    return NULL;
}

/* Sets the rule of the server by the kind of record. */
static void find_server(const struct p2i_read_record *record, struct p2i_record_parts *parts)
{
    parts->server_rule = SERVER_BY_PORTS;
    parts->server_value = -1;
    for (size_t i = 0; parts->kind != NULL && i < sizeof server_rules / sizeof *server_rules; i++) {
        struct element_id element = server_rules[i].element;
        int at = element.id != 0 ? find_one(record, element) : -1;
        if (strcmp(server_rules[i].kind, parts->kind) == 0 && (element.id == 0 || at >= 0)) {
            parts->server_rule = (int)server_rules[i].rule;
            parts->server_value = at;
            return;
        }
    }
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
        .protocol = find_first(record, protocols),
    };
    find_server(record, &found);
    size_t size = parts->struct_size < sizeof found ? parts->struct_size : sizeof found;
    found.struct_size = parts->struct_size;
    memcpy(parts, &found, size);
}

static uint64_t number_at(const struct p2i_read_record *record, int index)
{
    return p2i_value_number(p2i_view_of(record->values[index].data, record->values[index].size));
}

static bool has_port_of_server(const struct p2i_read_record *record,
                               const struct p2i_record_parts *parts)
{
    if (parts->source_port < 0 || parts->destination_port < 0) {
        return false;
    }
    uint64_t source = number_at(record, parts->source_port);
    uint64_t destination = number_at(record, parts->destination_port);
    uint64_t protocol = parts->protocol >= 0 ? number_at(record, parts->protocol) : 0;
    if (protocol != 0 && (source == protocol) != (destination == protocol)) {
        return source == protocol;
    }
    return source < destination;
}

bool p2i_source_is_server(const struct p2i_read_record *record,
                          const struct p2i_record_parts *parts)
{
    uint64_t number = parts->server_value >= 0 ? number_at(record, parts->server_value) : 0;
    switch ((enum server_rule)parts->server_rule) {
    case SERVER_IS_SOURCE:
        return true;
    case SERVER_IS_DESTINATION:
        return false;
    case SERVER_BY_STATUS_CODE:
        return number != 0;
    case SERVER_BY_EVENT:
    case SERVER_BY_BIFLOW:
        return number == 2;
    case SERVER_BY_DIRECTION:
    case SERVER_BY_DNS_RESPONSE:
        return number == 1;
    case SERVER_BY_RDATA:
        return record->values[parts->server_value].size > 0 || has_port_of_server(record, parts);
    case SERVER_BY_PORTS:
        break;
    }
    return has_port_of_server(record, parts);
}
