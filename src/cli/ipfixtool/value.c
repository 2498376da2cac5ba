/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/value.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "pcap2ipfix/cursor.h"

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
};
enum { VALUE_NAME_COUNT = sizeof(value_names) / sizeof(value_names[0]) };

const char *p2i_tool_value_name(uint32_t pen, uint16_t id, struct p2i_view value)
{
    if (value.size == 0 || value.size > 8) {
        return NULL;
    }
    uint64_t number = p2i_value_number(value);
    for (size_t i = 0; i < VALUE_NAME_COUNT; i++) {
        if (value_names[i].id == id && value_names[i].pen == pen &&
            value_names[i].number == number) {
            return value_names[i].text;
        }
    }
    return NULL;
}

bool p2i_tool_is_value_name(uint32_t pen, uint16_t id, const char *text)
{
    for (size_t i = 0; i < VALUE_NAME_COUNT; i++) {
        if (value_names[i].id == id && value_names[i].pen == pen &&
            strcmp(value_names[i].text, text) == 0) {
            return true;
        }
    }
    return false;
}

bool p2i_tool_offer_value_names(uint32_t pen, uint16_t id, struct p2i_nearest *nearest)
{
    bool any = false;
    for (size_t i = 0; i < VALUE_NAME_COUNT; i++) {
        if (value_names[i].id == id && value_names[i].pen == pen) {
            p2i_nearest_offer(nearest, value_names[i].text);
            any = true;
        }
    }
    return any;
}

bool p2i_tool_is_hex(uint32_t pen, uint16_t id)
{
    return (pen == P2I_PEN && (id == 1030 || id == 1031)) || (pen == 0 && id == 6);
}

enum rr_type {
    RR_A = 1,
    RR_NS = 2,
    RR_CNAME = 5,
    RR_SOA = 6,
    RR_PTR = 12,
    RR_MX = 15,
    RR_TXT = 16,
    RR_AAAA = 28,
    RR_SRV = 33,
    RR_DNAME = 39,
};

static bool append_text(struct p2i_buffer *out, const char *text)
{
    return p2i_append(out, p2i_view_of(text, strlen(text)));
}

static bool append_number(struct p2i_buffer *out, uint32_t number)
{
    char text[16];
    (void)snprintf(text, sizeof(text), "%u ", number);
    return append_text(out, text);
}

/* A label in presentation form (RFC 4343 section 2.1). */
static bool append_label(struct p2i_buffer *out, struct p2i_view label)
{
    for (size_t i = 0; i < label.size; i++) {
        char text[8];
        uint8_t byte = label.data[i];
        bool plain = byte > 0x20 && byte < 0x7f && byte != '.' && byte != '\\';
        bool quoted = byte == '.' || byte == '\\';
        (void)snprintf(text, sizeof(text), plain ? "%c" : quoted ? "\\%c" : "\\%03u", byte);
        if (!append_text(out, text)) {
            return false;
        }
    }
    return true;
}

/* A name without compression, which records do not have; without the last dot. */
static bool append_name(struct p2i_buffer *out, struct p2i_cursor *rdata)
{
    bool first = true;
    for (;;) {
        struct p2i_view label = p2i_take(rdata, p2i_u8(rdata));
        if (label.size == 0 || rdata->failed) {
            return first ? append_text(out, ".") : true;
        }
        if ((!first && !append_text(out, ".")) || !append_label(out, label)) {
            return false;
        }
        first = false;
    }
}

static bool append_address(struct p2i_buffer *out, struct p2i_cursor *rdata, int family)
{
    char text[INET6_ADDRSTRLEN];
    struct p2i_view address = p2i_take(rdata, family == AF_INET ? 4 : 16);
    return rdata->failed ||
           (inet_ntop(family, address.data, text, sizeof(text)) != NULL && append_text(out, text));
}

/* A character string between quotes; a quote within it gets a backslash (RFC 1035 section 5.1). */
static bool append_string(struct p2i_buffer *out, struct p2i_view string)
{
    bool done = append_text(out, "\"");
    while (done && string.size > 0) {
        size_t quote = p2i_view_find(string, '"');
        done = p2i_format_text(out, P2I_TYPE_STRING, p2i_view_first(string, quote)) &&
               (quote == string.size || append_text(out, "\\\""));
        string = p2i_view_from(string, quote + 1);
    }
    return done && append_text(out, "\"");
}

static bool append_strings(struct p2i_buffer *out, struct p2i_cursor *rdata)
{
    bool done = true;
    for (bool first = true; done && rdata->rest.size > 0 && !rdata->failed; first = false) {
        struct p2i_view string = p2i_take(rdata, p2i_u8(rdata));
        done = (first || append_text(out, " ")) && append_string(out, string);
    }
    return done;
}

static bool append_soa(struct p2i_buffer *out, struct p2i_cursor *rdata)
{
    bool done = append_name(out, rdata) && append_text(out, " ") && append_name(out, rdata) &&
                append_text(out, " ");
    for (int i = 0; done && i < 5; i++) {
        done = append_number(out, p2i_be32(rdata));
    }
    return done;
}

static bool append_srv(struct p2i_buffer *out, struct p2i_cursor *rdata)
{
    bool done = true;
    for (int i = 0; done && i < 3; i++) { /* priority, weight, port */
        done = append_number(out, p2i_be16(rdata));
    }
    return done && append_name(out, rdata);
}

static bool append_known(struct p2i_buffer *out, unsigned rr_type, struct p2i_cursor *rdata)
{
    switch (rr_type) {
    case RR_A:
        return append_address(out, rdata, AF_INET);
    case RR_AAAA:
        return append_address(out, rdata, AF_INET6);
    case RR_NS:
    case RR_CNAME:
    case RR_PTR:
    case RR_DNAME:
        return append_name(out, rdata);
    case RR_MX:
        return append_number(out, p2i_be16(rdata)) && append_name(out, rdata);
    case RR_SRV:
        return append_srv(out, rdata);
    case RR_TXT:
        return append_strings(out, rdata);
    case RR_SOA:
        return append_soa(out, rdata);
    default:
        rdata->failed = true;
        return true;
    }
}

bool p2i_tool_rdata(struct p2i_buffer *out, unsigned rr_type, struct p2i_view rdata)
{
    size_t before = out->size;
    struct p2i_cursor cursor = p2i_cursor_of(rdata);
    if (!append_known(out, rr_type, &cursor)) {
        return false;
    }
    if (cursor.failed || cursor.rest.size > 0) { /* not of its type: shown as bytes */
        out->size = before;
        return p2i_format_text(out, P2I_TYPE_OCTETS, rdata);
    }
    while (out->size > before && out->data[out->size - 1] == ' ') {
        out->size--;
    }
    return true;
}
