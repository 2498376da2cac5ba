/* SPDX-License-Identifier: MIT */
#include "pcap2ipfix/value_names.h"

#include "base/ascii.h"
#include "record/dns_rdata.h"

enum {
    FLOWMON_PEN = 8057,
    ID_DPI_PROTOCOL = 2002,
    ID_VDPI_PROTO = 2015,
    ID_META_PROTO = 2900,
    ID_RDATA = 3205,
};

struct value_name {
    uint32_t pen;
    uint16_t id;
    uint16_t number;
    const char *text;
};

static const struct value_name value_names[] = {
    {0, 4, 1, "icmp"},
    {0, 4, 6, "tcp"},
    {0, 4, 17, "udp"},
    {0, 4, 47, "gre"},
    {0, 4, 50, "esp"},
    {0, 4, 58, "icmp6"},
    {0, 4, 132, "sctp"},
    {0, 136, 1, "idle"},
    {0, 136, 2, "active"},
    {0, 136, 3, "end"},
    {0, 136, 4, "forced"},
    {0, 136, 5, "resources"},
    {P2I_PEN, 1011, 0, "none"},
    {P2I_PEN, 1011, 1, "http"},
    {P2I_PEN, 1011, 2, "certificate"},
    {P2I_PEN, 1011, 3, "sni"},
    {P2I_PEN, 1011, 4, "quic"},
    {P2I_PEN, 1012, 0, "-"},
    {P2I_PEN, 1012, 1, "GET"},
    {P2I_PEN, 1012, 2, "POST"},
    {P2I_PEN, 1012, 3, "PUT"},
    {P2I_PEN, 1012, 4, "DELETE"},
    {P2I_PEN, 1012, 5, "HEAD"},
    {P2I_PEN, 1012, 6, "OPTIONS"},
    {P2I_PEN, 1012, 7, "CONNECT"},
    {P2I_PEN, 1012, 8, "TRACE"},
    {P2I_PEN, 1012, 9, "PATCH"},
    {P2I_PEN, 1012, 255, "other"},
    {P2I_PEN, 1030, 0x0002, "SSL 2.0"},
    {P2I_PEN, 1030, 0x0300, "SSL 3.0"},
    {P2I_PEN, 1030, 0x0301, "TLS 1.0"},
    {P2I_PEN, 1030, 0x0302, "TLS 1.1"},
    {P2I_PEN, 1030, 0x0303, "TLS 1.2"},
    {P2I_PEN, 1030, 0x0304, "TLS 1.3"},
    {P2I_PEN, 3053, 0, "active"},
    {P2I_PEN, 3053, 1, "passive"},
    {P2I_PEN, 3053, 255, "none"},
    {P2I_PEN, 3104, 0, "icq"},
    {P2I_PEN, 3104, 7, "xmpp"},
    {P2I_PEN, 3104, 106, "zello"},
    {P2I_PEN, 3156, 1, "sent"},
    {P2I_PEN, 3156, 2, "received"},
    {P2I_PEN, 3157, 0, "no"},
    {P2I_PEN, 3157, 1, "yes"},
    {P2I_PEN, 3158, 0, "smtp"},
    {P2I_PEN, 3158, 1, "pop3"},
    {P2I_PEN, 3158, 2, "imap"},
    {P2I_PEN, 3200, 0, "udp"},
    {P2I_PEN, 3200, 1, "tcp"},
    {P2I_PEN, 3202, 1, "IN"},
    {P2I_PEN, 3202, 3, "CH"},
    {P2I_PEN, 3202, 255, "ANY"},
    {P2I_PEN, 3203, 1, "A"},
    {P2I_PEN, 3203, 2, "NS"},
    {P2I_PEN, 3203, 5, "CNAME"},
    {P2I_PEN, 3203, 6, "SOA"},
    {P2I_PEN, 3203, 12, "PTR"},
    {P2I_PEN, 3203, 13, "HINFO"},
    {P2I_PEN, 3203, 15, "MX"},
    {P2I_PEN, 3203, 16, "TXT"},
    {P2I_PEN, 3203, 28, "AAAA"},
    {P2I_PEN, 3203, 33, "SRV"},
    {P2I_PEN, 3203, 35, "NAPTR"},
    {P2I_PEN, 3203, 39, "DNAME"},
    {P2I_PEN, 3203, 41, "OPT"},
    {P2I_PEN, 3203, 43, "DS"},
    {P2I_PEN, 3203, 46, "RRSIG"},
    {P2I_PEN, 3203, 47, "NSEC"},
    {P2I_PEN, 3203, 48, "DNSKEY"},
    {P2I_PEN, 3203, 50, "NSEC3"},
    {P2I_PEN, 3203, 52, "TLSA"},
    {P2I_PEN, 3203, 64, "SVCB"},
    {P2I_PEN, 3203, 65, "HTTPS"},
    {P2I_PEN, 3203, 252, "AXFR"},
    {P2I_PEN, 3203, 255, "ANY"},
    {P2I_PEN, 3203, 257, "CAA"},
    {FLOWMON_PEN, 1, 0, "NOERROR"},
    {FLOWMON_PEN, 1, 1, "FORMERR"},
    {FLOWMON_PEN, 1, 2, "SERVFAIL"},
    {FLOWMON_PEN, 1, 3, "NXDOMAIN"},
    {FLOWMON_PEN, 1, 4, "NOTIMP"},
    {FLOWMON_PEN, 1, 5, "REFUSED"},
};
enum { VALUE_NAME_COUNT = sizeof(value_names) / sizeof(value_names[0]) };

/* The values of DPI_PROTOCOL and VDPI_PROTO; META_PROTO is the place in this list. */
static const struct {
    const char *name;
    uint16_t number;
} protocols[] = {
    {"unknown", 65535},
#define PROTOCOL(id, name, number) {name, number},
#include "pcap2ipfix/protocols.def"
#undef PROTOCOL
};
enum { PROTOCOL_NAME_COUNT = sizeof(protocols) / sizeof(protocols[0]) };

static bool is_protocol(uint32_t pen, uint16_t id)
{
    return pen == P2I_PEN && (id == ID_DPI_PROTOCOL || id == ID_VDPI_PROTO || id == ID_META_PROTO);
}

/* Takes one name and its number; true: stop. */
typedef bool take_name(void *context, const char *name, uint64_t number);

/* Gives the names of all values of an element to `take`, until that returns true. Returns whether
 * it did. */
static bool walk(uint32_t pen, uint16_t id, take_name *take, void *context)
{
    if (is_protocol(pen, id)) {
        for (size_t i = 0; i < PROTOCOL_NAME_COUNT; i++) {
            if (take(context, protocols[i].name, id == ID_META_PROTO ? i : protocols[i].number)) {
                return true;
            }
        }
        return false;
    }
    for (size_t i = 0; i < VALUE_NAME_COUNT; i++) {
        if (value_names[i].id == id && value_names[i].pen == pen &&
            take(context, value_names[i].text, value_names[i].number)) {
            return true;
        }
    }
    return false;
}

struct search {
    struct p2i_view name;
    uint64_t number;
    const char *found;
};

static bool has_number(void *context, const char *name, uint64_t number)
{
    struct search *search = context;
    search->found = name;
    return number == search->number;
}

const char *p2i_value_name(uint32_t pen, uint16_t id, struct p2i_view value)
{
    struct search search = {.number = p2i_value_number(value)};
    bool fits = value.size > 0 && value.size <= sizeof(uint64_t);
    return fits && walk(pen, id, has_number, &search) ? search.found : NULL;
}

static bool has_name(void *context, const char *name, uint64_t number)
{
    struct search *search = context;
    search->number = number;
    return p2i_view_equals_nocase(search->name, p2i_view_of(name, strlen(name)));
}

bool p2i_value_named(uint32_t pen, uint16_t id, struct p2i_view name, uint64_t *number)
{
    struct search search = {.name = name};
    bool found = walk(pen, id, has_name, &search);
    *number = found ? search.number : 0;
    return found;
}

struct offers {
    struct p2i_nearest *nearest;
    bool any;
};

static bool offer(void *context, const char *name, uint64_t number)
{
    struct offers *offers = context;
    (void)number;
    p2i_nearest_offer(offers->nearest, name);
    offers->any = true;
    return false;
}

bool p2i_value_names_offer(uint32_t pen, uint16_t id, struct p2i_nearest *nearest)
{
    struct offers offers = {.nearest = nearest};
    (void)walk(pen, id, offer, &offers);
    return offers.any;
}

bool p2i_value_is_hex(uint32_t pen, uint16_t id)
{
    return (pen == P2I_PEN && (id == 1030 || id == 1031)) || (pen == 0 && id == 6);
}

static bool append_hex(struct p2i_buffer *out, struct p2i_view value)
{
    return p2i_append(out, P2I_VIEW("0x")) && p2i_format_text(out, P2I_TYPE_OCTETS, value);
}

bool p2i_format_named(struct p2i_buffer *out, const struct p2i_value *value, int type, int rr_type)
{
    struct p2i_view bytes = p2i_view_of(value->data, value->size);
    const char *name = p2i_value_name(value->pen, value->id, bytes);
    if (name != NULL) {
        return p2i_append(out, p2i_view_of(name, strlen(name)));
    }
    if (p2i_value_is_hex(value->pen, value->id) && value->size <= sizeof(uint64_t)) {
        return append_hex(out, bytes);
    }
    if (value->pen == P2I_PEN && value->id == ID_RDATA && rr_type >= 0) {
        return p2i_dns_rdata_text(out, (uint16_t)rr_type, bytes);
    }
    return p2i_format_text(out, type, bytes);
}
