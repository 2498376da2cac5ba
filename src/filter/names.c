/* SPDX-License-Identifier: MIT */
/* Names of fields: of the tables, of the gateway's documentation, of IANA, and of parts of records.
 */
#include "base/ascii.h"
#include "filter/filter.h"
#include "ipfix/iana.h"
#include "pcap2ipfix/nearest.h"
#include "record/number.h"

enum {
    ID_HOSTNAME = 1005,
    ID_FLOW_HOST = 2001,
    ID_SERVER_NAME = 3050,
    ID_DOMAIN = 3201,
    ID_RDATA = 3205,
    ID_HTTP_REQUEST_HOST = 460,
};

static const struct {
    const char *name;
    struct p2i_filter_reference field;
} parts[] = {
    {"time", {.subject = FILTER_TIME, .class = CLASS_TIME}},
    {"src", {.subject = FILTER_SOURCE, .class = CLASS_ADDRESS}},
    {"dst", {.subject = FILTER_DESTINATION, .class = CLASS_ADDRESS}},
    {"client", {.subject = FILTER_CLIENT, .class = CLASS_ADDRESS}},
    {"server", {.subject = FILTER_SERVER, .class = CLASS_ADDRESS}},
    {"ip", {.subject = FILTER_EITHER, .class = CLASS_ADDRESS}},
    {"port", {.subject = FILTER_EITHER_PORT, .class = CLASS_UNSIGNED, .most = UINT16_MAX}},
    {"sport", {.subject = FILTER_SOURCE_PORT, .class = CLASS_UNSIGNED, .most = UINT16_MAX}},
    {"dport", {.subject = FILTER_DESTINATION_PORT, .class = CLASS_UNSIGNED, .most = UINT16_MAX}},
    {"host", {.subject = FILTER_HOST, .class = CLASS_HOST}},
    {"record", {.subject = FILTER_RECORD, .class = CLASS_KIND}},
    {"capture", {.subject = FILTER_CAPTURE, .class = CLASS_UNSIGNED, .most = UINT64_MAX}},
    {"packet", {.subject = FILTER_PACKET, .class = CLASS_UNSIGNED, .most = UINT64_MAX}},
    {"session", {.subject = FILTER_SESSION, .class = CLASS_UNSIGNED, .most = UINT64_MAX}},
};
enum { PART_COUNT = sizeof(parts) / sizeof(parts[0]) };

/* Where the gateway's documentation has another name than the tables; '_' stands for a blank. */
static const struct {
    const char *name;
    uint16_t id;
} documented[] = {
    {"IP_SRC", 1003},
    {"IP_DST", 1004},
    {"CNAME", ID_HOSTNAME},
    {"HOSTNAME/CNAME", ID_HOSTNAME},
    {"COOCKIE", 1009},
    {"CipherSuitesLen", 1024},
    {"CipherSuites", 1025},
    {"HTTP_HOST", ID_FLOW_HOST},
    {"HTTP_HOST/CN", ID_FLOW_HOST},
    {"Radius_UserName", 2003},
    {"UDP/TCP", 3200},
};
enum { DOCUMENTED_COUNT = sizeof(documented) / sizeof(documented[0]) };

/* Words of display filters and of BPF, in lower case, and what says the same here. */
static const struct {
    const char *word, *meant;
} foreign[] = {
    {"ip.addr", "ip"},
    {"ipv6.addr", "ip"},
    {"ip.src", "src"},
    {"ipv6.src", "src"},
    {"ip.dst", "dst"},
    {"ipv6.dst", "dst"},
    {"net", "ip in"},
    {"tcp.port", "port"},
    {"udp.port", "port"},
    {"tcp.srcport", "sport"},
    {"udp.srcport", "sport"},
    {"tcp.dstport", "dport"},
    {"udp.dstport", "dport"},
    {"eth.src", "sourceMacAddress"},
    {"eth.dst", "postDestinationMacAddress"},
    {"vlan.id", "vlanId"},
    {"frame.time", "time"},
    {"frame.number", "packet"},
    {"http.host", "host"},
    {"http.request.method", "METHOD"},
    {"http.request.uri", "PATH"},
    {"http.request.full_uri", "PATH"},
    {"http.user_agent", "USER_AGENT"},
    {"http.referer", "REFER"},
    {"http.cookie", "COOKIE"},
    {"http.location", "LOCATION"},
    {"http.response.code", "RESULT_CODE"},
    {"dns.qry.name", "DOMAIN"},
    {"dns.resp.name", "DOMAIN"},
    {"dns.qry.type", "RRTYPE"},
    {"dns.resp.type", "RRTYPE"},
    {"dns.a", "RDATA"},
    {"dns.aaaa", "RDATA"},
    {"dns.flags.rcode", "DNSRCode"},
    {"tls.handshake.extensions_server_name", "HOSTNAME"},
    {"tls.handshake.ciphersuite", "CIPHER_SUITE"},
    {"tcp", "protocolIdentifier == tcp"},
    {"udp", "protocolIdentifier == udp"},
    {"icmp", "protocolIdentifier == icmp"},
    {"http", "record in {clickstream, http_reply}"},
    {"tls", "HOST_TYPE in {sni, certificate, quic}"},
    {"ssl", "HOST_TYPE in {sni, certificate, quic}"},
    {"quic", "HOST_TYPE == quic"},
    {"smtp", "MAIL_PROTOCOL == smtp"},
    {"imap", "MAIL_PROTOCOL == imap"},
    {"pop", "MAIL_PROTOCOL == pop3"},
    {"pop3", "MAIL_PROTOCOL == pop3"},
    {"xmpp", "IM_PROTOCOL == xmpp"},
};

static bool is_named(struct p2i_view text, const char *name)
{
    return p2i_view_equals_nocase(text, p2i_view_of(name, strlen(name)));
}

enum p2i_filter_class p2i_filter_class_of(uint32_t pen, uint16_t id, int type)
{
    switch (type) {
    case P2I_TYPE_UNSIGNED8:
    case P2I_TYPE_UNSIGNED16:
    case P2I_TYPE_UNSIGNED32:
    case P2I_TYPE_UNSIGNED64:
        return CLASS_UNSIGNED;
    case P2I_TYPE_SIGNED8:
    case P2I_TYPE_SIGNED16:
    case P2I_TYPE_SIGNED32:
    case P2I_TYPE_SIGNED64:
        return CLASS_SIGNED;
    case P2I_TYPE_FLOAT32:
    case P2I_TYPE_FLOAT64:
        return CLASS_REAL;
    case P2I_TYPE_BOOLEAN:
        return CLASS_BOOLEAN;
    case P2I_TYPE_SECONDS:
    case P2I_TYPE_MILLISECONDS:
    case P2I_TYPE_MICROSECONDS:
    case P2I_TYPE_NANOSECONDS:
        return CLASS_TIME;
    case P2I_TYPE_STRING:
        return (pen == P2I_PEN && (id == ID_HOSTNAME || id == ID_FLOW_HOST ||
                                   id == ID_SERVER_NAME || id == ID_DOMAIN)) ||
                       (pen == 0 && id == ID_HTTP_REQUEST_HOST)
                   ? CLASS_HOST
                   : CLASS_TEXT;
    case P2I_TYPE_MAC:
        return CLASS_MAC;
    case P2I_TYPE_IPV4:
    case P2I_TYPE_IPV6:
        return CLASS_ADDRESS;
    default:
        return pen == P2I_PEN && id == ID_RDATA ? CLASS_RDATA : CLASS_OCTETS;
    }
}

static void set_element(struct p2i_filter_reference *field, uint32_t pen, uint16_t id, int type)
{
    uint64_t most = p2i_number_most(type);
    *field = (struct p2i_filter_reference){.subject = FILTER_ELEMENT,
                                           .class = p2i_filter_class_of(pen, id, type),
                                           .pen = pen,
                                           .id = id,
                                           .most = most > 0 ? most : UINT64_MAX};
}

static bool find_element(struct p2i_view name, struct p2i_filter_reference *field)
{
    size_t count = 0;
    const struct p2i_element *elements = p2i_elements(&count);
    for (size_t i = 0; i < count; i++) {
        if (is_named(name, elements[i].name)) {
            set_element(field, elements[i].pen, elements[i].id, elements[i].type);
            return true;
        }
    }
    for (size_t i = 0; i < DOCUMENTED_COUNT; i++) {
        if (is_named(name, documented[i].name)) {
            const struct p2i_element *element = p2i_element_find(P2I_PEN, documented[i].id);
            set_element(field, element->pen, element->id, element->type);
            return true;
        }
    }
    const struct p2i_iana_element *iana;
    for (size_t i = 0; (iana = p2i_iana_at(i)) != NULL; i++) {
        if (is_named(name, iana->name)) {
            set_element(field, 0, iana->id, iana->type);
            return true;
        }
    }
    return false;
}

/* "43823/1005"; the type of an element that is in no table is known from files. */
static bool find_numbered(struct p2i_view name, struct p2i_filter_reference *field)
{
    uint64_t pen;
    uint64_t id;
    size_t slash = p2i_view_find(name, '/');
    if (!p2i_parse_decimal(p2i_view_first(name, slash), UINT32_MAX, &pen) ||
        !p2i_parse_decimal(p2i_view_from(name, slash + 1), UINT16_MAX, &id)) {
        return false;
    }
    const struct p2i_element *element = p2i_element_find((uint32_t)pen, (uint16_t)id);
    const struct p2i_iana_element *iana = pen == 0 ? p2i_iana_find((uint16_t)id) : NULL;
    set_element(field, (uint32_t)pen, (uint16_t)id,
                element != NULL ? element->type
                : iana != NULL  ? iana->type
                                : P2I_TYPE_OCTETS);
    if (element == NULL && iana == NULL) {
        field->class = CLASS_OPEN;
    }
    return true;
}

/* "HOSTNAME_2": the second value of an element that the record has several times. */
static bool find_occurrence(struct p2i_view name, struct p2i_filter_reference *field)
{
    enum { DIGITS_MAX = 4 };
    uint64_t number = 0;
    size_t digits = 0;
    while (digits < name.size && digits < DIGITS_MAX &&
           p2i_is_digit(name.data[name.size - digits - 1])) {
        digits++;
    }
    size_t base = name.size - digits;
    if (!p2i_parse_decimal(p2i_view_from(name, base), UINT16_MAX, &number) || number < 2 ||
        base < 2 || name.data[base - 1] != '_') {
        return false;
    }
    struct p2i_view element = p2i_view_first(name, base - 1);
    if (!find_element(element, field) && !find_numbered(element, field)) {
        return false;
    }
    field->occurrence = (uint16_t)number;
    return true;
}

bool p2i_filter_find_field(struct p2i_view name, struct p2i_filter_reference *field)
{
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (is_named(name, parts[i].name)) {
            *field = parts[i].field;
            return true;
        }
    }
    if (find_element(name, field) || find_numbered(name, field) || find_occurrence(name, field)) {
        return true;
    }
    *field = (struct p2i_filter_reference){.subject = FILTER_NAME, .most = UINT64_MAX};
    return false;
}

const char *p2i_record_filter_meant(const char *name)
{
    struct p2i_view text = p2i_view_of(name, strlen(name));
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        if (is_named(text, foreign[i].word)) {
            return foreign[i].meant;
        }
    }
    return NULL;
}

void p2i_record_filter_offer(struct p2i_nearest *nearest)
{
    for (size_t i = 0; i < PART_COUNT; i++) {
        p2i_nearest_offer(nearest, parts[i].name);
    }
    size_t count = 0;
    const struct p2i_element *elements = p2i_elements(&count);
    for (size_t i = 0; i < count; i++) {
        p2i_nearest_offer(nearest, elements[i].name);
    }
    for (size_t i = 0; i < DOCUMENTED_COUNT; i++) {
        p2i_nearest_offer(nearest, documented[i].name);
    }
    const struct p2i_iana_element *iana;
    for (size_t i = 0; (iana = p2i_iana_at(i)) != NULL; i++) {
        p2i_nearest_offer(nearest, iana->name);
    }
}
