/* SPDX-License-Identifier: MIT */
/* Which end of a record is the server: it must not depend on who sent the record. */
#include <string.h>

#include "filter/binding.h"

enum {
    ID_DPI_PROTOCOL = 2002,
    ID_DIR_DATA = 2014,
    ID_VDPI_PROTO = 2015,
    ID_STATUS_CODE = 3001,
    ID_EVENT = 3156,
    ID_RDATA = 3205,
    ID_BIFLOW_DIRECTION = 239,
    ID_DNS_QUERY_RESPONSE = 174, /* of PEN_CERT */
    PEN_CERT = 6871,
};

static const struct {
    const char *kind; /* of the records */
    enum p2i_server_rule rule;
    uint32_t pen; /* element that the rule looks at; 0/0: none */
    uint16_t id;
} rules[] = {
    {"clickstream", SERVER_IS_DESTINATION, 0, 0},
    {"http_reply", SERVER_IS_SOURCE, 0, 0},
    {"ssl_reply", SERVER_IS_SOURCE, 0, 0},
    {"sip", SERVER_BY_STATUS_CODE, P2I_PEN, ID_STATUS_CODE},
    {"ftp", SERVER_IS_DESTINATION, 0, 0},
    {"mail", SERVER_BY_EVENT, P2I_PEN, ID_EVENT},
    {"raw", SERVER_BY_DIRECTION, P2I_PEN, ID_DIR_DATA},
    {"dns", SERVER_BY_DNS_RESPONSE, PEN_CERT, ID_DNS_QUERY_RESPONSE},
    {"dns", SERVER_BY_RDATA, P2I_PEN, ID_RDATA},
    {"biflow", SERVER_BY_BIFLOW, 0, ID_BIFLOW_DIRECTION},
};

void p2i_bind_server(struct p2i_filter_binding *binding, const struct p2i_read_record *record)
{
    const char *kind = binding->parts.kind != NULL ? binding->parts.kind : "";
    binding->server_rule = SERVER_BY_PORTS;
    binding->server_at = -1;
    binding->protocol_at = p2i_filter_index(record, P2I_PEN, ID_DPI_PROTOCOL);
    if (binding->protocol_at < 0) {
        binding->protocol_at = p2i_filter_index(record, P2I_PEN, ID_VDPI_PROTO);
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        int at = rules[i].id != 0 ? p2i_filter_index(record, rules[i].pen, rules[i].id) : -1;
        if (strcmp(rules[i].kind, kind) == 0 && (rules[i].id == 0 || at >= 0)) {
            binding->server_rule = rules[i].rule;
            binding->server_at = at;
            return;
        }
    }
}

static uint64_t number_at(const struct p2i_read_record *record, int index)
{
    return p2i_value_number(p2i_view_of(record->values[index].data, record->values[index].size));
}

/* Without ports the sender is taken for the client. */
static bool has_port_of_server(const struct p2i_filter_binding *binding,
                               const struct p2i_read_record *record)
{
    const struct p2i_record_parts *parts = &binding->parts;
    if (parts->source_port < 0 || parts->destination_port < 0) {
        return false;
    }
    uint64_t source = number_at(record, parts->source_port);
    uint64_t destination = number_at(record, parts->destination_port);
    uint64_t protocol = binding->protocol_at >= 0 ? number_at(record, binding->protocol_at) : 0;
    if (protocol != 0 && (source == protocol) != (destination == protocol)) {
        return source == protocol;
    }
    return source < destination;
}

bool p2i_source_is_server(const struct p2i_filter_binding *binding,
                          const struct p2i_read_record *record)
{
    uint64_t number = binding->server_at >= 0 ? number_at(record, binding->server_at) : 0;
    switch (binding->server_rule) {
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
        return record->values[binding->server_at].size > 0 || has_port_of_server(binding, record);
    default:
        return has_port_of_server(binding, record);
    }
}
