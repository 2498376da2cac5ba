/* SPDX-License-Identifier: MIT */
/* What names subscribers: RADIUS (RFC 2865, 2866) and the control frames of PPP (RFC 1334, 1994,
 * 1332). Other contents are overwritten. */
#include "pcap2ipfix/cursor.h"
#include "rewrite/internal.h"

/* RADIUS attributes that are no name and no secret (RFC 2865, 2866, 2869, 3162, 4818). */
enum {
    USER_NAME = 1,
    USER_PASSWORD = 2,
    CHAP_PASSWORD = 3,
    NAS_ADDRESS = 4,
    FRAMED_ADDRESS = 8,
    FRAMED_NETMASK = 9,
    LOGIN_HOST = 14,
    REPLY_MESSAGE = 18,
    STATE = 24,
    CLASS = 25,
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

/* A prefix (RFC 3162 section 2.3): reserved byte, length, and as many bytes as it needs. */
static void write_prefix(struct p2i_writing *writing, struct p2i_bytes value)
{
    uint8_t address[16] = {0};
    struct p2i_bytes prefix = p2i_span_first(p2i_span_from(value, 2), sizeof address);
    if (prefix.size > 0) {
        memcpy(address, prefix.data, prefix.size);
        p2i_write_ipv6(writing, p2i_span_of(address, sizeof address));
        memcpy(prefix.data, address, prefix.size);
    }
}

static void write_attribute(struct p2i_writing *writing, uint8_t type, struct p2i_bytes value)
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
    case FRAMED_NETMASK:
        break;
    default:
        if (value.size != 4) { /* four bytes: a number */
            p2i_write_binary(writing, value);
        }
        break;
    }
}

void p2i_write_radius(struct p2i_writing *writing, struct p2i_bytes span)
{
    enum { HEADER_SIZE = 20 };
    struct p2i_bytes attributes = p2i_span_from(span, HEADER_SIZE);
    while (attributes.size >= 2) {
        size_t size = attributes.data[1] < 2 ? attributes.size : attributes.data[1];
        struct p2i_bytes value = p2i_span_from(p2i_span_first(attributes, size), 2);
        write_attribute(writing, attributes.data[1] < 2 ? VENDOR : attributes.data[0], value);
        attributes = p2i_span_from(attributes, 2 + value.size);
    }
}

/* A length of one byte and what it counts. */
static struct p2i_bytes sized(struct p2i_bytes span)
{
    return span.size == 0 ? span : p2i_span_first(p2i_span_from(span, 1), span.data[0]);
}

/* Options of IPCP (RFC 1332, 1877): addresses are changed. */
static void write_options(struct p2i_writing *writing, struct p2i_bytes options, bool addresses)
{
    while (options.size >= 2 && options.data[1] >= 2) {
        struct p2i_bytes value = p2i_span_from(p2i_span_first(options, options.data[1]), 2);
        if (addresses && value.size == 4) {
            p2i_write_ipv4(writing, value);
        } else if (addresses || value.size > 4) {
            p2i_write_binary(writing, value);
        }
        options = p2i_span_from(options, 2 + value.size);
    }
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
        p2i_write_text(writing, name);
        p2i_write_secret(writing, sized(p2i_span_from(body, 1 + name.size)));
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
