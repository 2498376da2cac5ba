/* SPDX-License-Identifier: MIT */
/* What names subscribers: RADIUS (RFC 2865, 2866) and the control frames of PPP (RFC 1334, 1994,
 * 1332). Other contents are overwritten. */
#include "pcap2ipfix/cursor.h"
#include "rewrite/internal.h"

/* RADIUS attributes with texts and addresses (RFC 2865, 2866, 2869, 3162, 4818). */
enum {
    USER_NAME = 1,
    NAS_ADDRESS = 4,
    FRAMED_ADDRESS = 8,
    LOGIN_HOST = 14,
    REPLY_MESSAGE = 18,
    VENDOR = 26,
    CALLED = 30,
    CALLING = 31,
    NAS_ID = 32,
    SESSION_ID = 44,
    MULTI_SESSION_ID = 50,
    NAS_PORT_ID = 87,
    NAS_IPV6 = 95,
    FRAMED_PREFIX = 97,
    LOGIN_IPV6 = 98,
    DELEGATED_PREFIX = 123,
    FRAMED_IPV6 = 168,
};

/* Attributes of four bytes that are kinds, sizes, times and counters. */
static bool is_number(uint8_t type)
{
    static const uint8_t types[] = {
        5,  /* NAS-Port */
        6,  /* Service-Type */
        7,  /* Framed-Protocol */
        9,  /* Framed-IP-Netmask */
        10, /* Framed-Routing */
        12, /* Framed-MTU */
        13, /* Framed-Compression */
        15, /* Login-Service */
        16, /* Login-TCP-Port */
        27, /* Session-Timeout */
        28, /* Idle-Timeout */
        29, /* Termination-Action */
        40, /* Acct-Status-Type */
        41, /* Acct-Delay-Time */
        42, /* Acct-Input-Octets */
        43, /* Acct-Output-Octets */
        45, /* Acct-Authentic */
        46, /* Acct-Session-Time */
        47, /* Acct-Input-Packets */
        48, /* Acct-Output-Packets */
        49, /* Acct-Terminate-Cause */
        51, /* Acct-Link-Count */
        52, /* Acct-Input-Gigawords */
        53, /* Acct-Output-Gigawords */
        55, /* Event-Timestamp */
        61, /* NAS-Port-Type */
        62, /* Port-Limit */
        64, /* Tunnel-Type */
        65, /* Tunnel-Medium-Type */
        85, /* Acct-Interim-Interval */
    };
    return memchr(types, type, sizeof types) != NULL;
}

/* A prefix (RFC 3162 section 2.3): reserved byte, length, and as many bytes as it needs. */
static void write_prefix(struct p2i_writing *writing, struct p2i_bytes value)
{
    uint8_t address[16] = {0};
    struct p2i_bytes prefix = p2i_span_first(p2i_span_from(value, 2), sizeof address);
    p2i_write_binary(writing, p2i_span_from(value, 2 + prefix.size));
    if (prefix.size > 0) {
        memcpy(address, prefix.data, prefix.size);
        p2i_write_ipv6(writing, p2i_span_of(address, sizeof address));
        memcpy(prefix.data, address, prefix.size);
    }
}

/* `cut`: the value ends early. */
static void write_attribute(struct p2i_writing *writing, uint8_t type, struct p2i_bytes value,
                            bool cut)
{
    switch (type) {
    case USER_NAME:
    case CALLED:
    case CALLING:
    case NAS_ID:
    case SESSION_ID:
    case MULTI_SESSION_ID:
    case NAS_PORT_ID:
    case REPLY_MESSAGE:
        p2i_write_text(writing, value);
        break;
    case NAS_ADDRESS:
    case FRAMED_ADDRESS:
    case LOGIN_HOST:
        p2i_write_ipv4(writing, value);
        break;
    case NAS_IPV6:
    case LOGIN_IPV6:
    case FRAMED_IPV6:
        p2i_write_ipv6(writing, value);
        break;
    case FRAMED_PREFIX:
    case DELEGATED_PREFIX:
        write_prefix(writing, value);
        break;
    default:
        if (cut || value.size != 4 || !is_number(type)) {
            p2i_write_binary(writing, value);
        }
        break;
    }
}

/* Codes that are assigned (RFC 2865, 2866, 5176). */
static bool is_code(uint8_t code)
{
    return (code >= 1 && code <= 5) || (code >= 11 && code <= 13) || (code >= 40 && code <= 45);
}

void p2i_write_radius(struct p2i_writing *writing, struct p2i_bytes span)
{
    enum { HEAD = 4, HEADER_SIZE = 20, MESSAGE_MAX = 4096 };
    size_t length = span.size >= HEAD ? p2i_load_be16(span.data + 2) : 0;
    if (length < HEADER_SIZE || length > MESSAGE_MAX || !is_code(span.data[0])) {
        p2i_write_binary(writing, span);
        return;
    }
    struct p2i_bytes message = p2i_span_first(span, length);
    struct p2i_bytes attributes = p2i_span_from(message, HEADER_SIZE);
    p2i_write_binary(writing, p2i_span_from(span, length));
    p2i_write_binary(writing, p2i_span_from(p2i_span_first(message, HEADER_SIZE), HEAD));
    while (attributes.size >= 2 && attributes.data[1] >= 2) {
        struct p2i_bytes value = p2i_span_from(p2i_span_first(attributes, attributes.data[1]), 2);
        write_attribute(writing, attributes.data[0], value, attributes.data[1] != 2 + value.size);
        attributes = p2i_span_from(attributes, 2 + value.size);
    }
    p2i_write_binary(writing, attributes);
}

/* A length of one byte and what it counts. */
static struct p2i_bytes sized(struct p2i_bytes span)
{
    return span.size == 0 ? span : p2i_span_first(p2i_span_from(span, 1), span.data[0]);
}

/* Options of LCP that are sizes, kinds and flags (RFC 1661 section 6). */
static bool is_plain_option(uint8_t type, size_t size)
{
    enum { RECEIVE_UNIT = 1, CONTROL_MAP = 2, AUTHENTICATION = 3, QUALITY = 4, FIELD_MIN = 7 };
    switch (type) {
    case RECEIVE_UNIT:
        return size == 2;
    case CONTROL_MAP:
        return size == 4;
    case AUTHENTICATION:
        return size <= 3;
    case QUALITY:
        return size <= 6;
    default:
        return type >= FIELD_MIN && size <= 1;
    }
}

/* Of IPCP (RFC 1332, 1877) addresses are changed. */
static void write_options(struct p2i_writing *writing, struct p2i_bytes options, bool addresses)
{
    while (options.size >= 2 && options.data[1] >= 2) {
        struct p2i_bytes value = p2i_span_from(p2i_span_first(options, options.data[1]), 2);
        if (addresses && value.size == 4) {
            p2i_write_ipv4(writing, value);
        } else if (addresses || !is_plain_option(options.data[0], value.size)) {
            p2i_write_binary(writing, value);
        }
        options = p2i_span_from(options, 2 + value.size);
    }
    p2i_write_binary(writing, options);
}

void p2i_write_ppp(struct p2i_writing *writing, uint16_t protocol, struct p2i_bytes span)
{
    enum { HEAD = 4, LCP = 0xc021, PAP = 0xc023, CHAP = 0xc223, IPCP = 0x8021 };
    enum { REQUEST = 1, RESPONSE = 2, LAST_WITH_OPTIONS = 4 };
    struct p2i_bytes body = p2i_span_from(span, HEAD);
    uint8_t code = span.size > 0 ? span.data[0] : 0;
    if (span.size >= HEAD) {
        size_t length = p2i_load_be16(span.data + 2);
        p2i_write_binary(writing, p2i_span_from(span, length > HEAD ? length : HEAD));
        body = p2i_span_first(body, length > HEAD ? length - HEAD : 0);
    }
    if (protocol == PAP && code == REQUEST) {
        struct p2i_bytes name = sized(body);
        struct p2i_bytes rest = p2i_span_from(body, 1 + name.size);
        struct p2i_bytes password = sized(rest);
        p2i_write_text(writing, name);
        p2i_write_secret(writing, password);
        p2i_write_binary(writing, p2i_span_from(rest, 1 + password.size));
    } else if (protocol == CHAP && (code == REQUEST || code == RESPONSE)) {
        struct p2i_bytes value = sized(body);
        p2i_write_binary(writing, value);
        p2i_write_text(writing, p2i_span_from(body, 1 + value.size));
    } else if ((protocol == LCP || protocol == IPCP) && code <= LAST_WITH_OPTIONS) {
        write_options(writing, body, protocol == IPCP);
    } else {
        p2i_write_binary(writing, body);
    }
}
