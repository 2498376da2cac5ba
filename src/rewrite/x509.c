/* SPDX-License-Identifier: MIT */
#include "rewrite/x509.h"

enum { DEPTH_MAX = 24 };

/* Tags (X.690). */
enum {
    BOOLEAN = 0x01,
    INTEGER = 0x02,
    BIT_STRING = 0x03,
    OCTET_STRING = 0x04,
    NIL = 0x05,
    OID = 0x06,
    ENUMERATED = 0x0a,
    UTF8 = 0x0c,
    NUMERIC = 0x12,
    PRINTABLE = 0x13,
    TELETEX = 0x14,
    IA5 = 0x16,
    UTC_TIME = 0x17,
    GENERALIZED_TIME = 0x18,
    VISIBLE = 0x1a,
    UNIVERSAL = 0x1c,
    BMP = 0x1e,
    CONSTRUCTED = 0x20,
    CONTEXT = 0x80,
    EMAIL = 0x81,
    DNS_NAME = 0x82,
    URI = 0x86,
    ADDRESS = 0x87,
};

/* Reads the tag and length at the start. Returns the size of both; 0: malformed or cut off. */
static size_t read_head(struct p2i_bytes span, size_t *length)
{
    if (span.size < 2 || (span.data[0] & 0x1f) == 0x1f) {
        return 0;
    }
    size_t bytes = span.data[1] & 0x7f;
    *length = bytes;
    if ((span.data[1] & 0x80) == 0) {
        return 2;
    }
    if (bytes == 0 || bytes > 3 || span.size < 2 + bytes) {
        return 0;
    }
    *length = 0;
    for (size_t i = 0; i < bytes; i++) {
        *length = *length << 8 | span.data[2 + i];
    }
    return 2 + bytes;
}

/* True when the bytes are elements to their end. */
static bool is_der(struct p2i_bytes span)
{
    size_t length;
    bool any = span.size > 0;
    while (span.size > 0) {
        size_t head = read_head(span, &length);
        if (head == 0 || length > span.size - head) {
            return false;
        }
        span = p2i_span_from(span, head + length);
    }
    return any;
}

/* Characters of two bytes, or of four. */
static void write_wide(struct p2i_writing *writing, struct p2i_bytes value, size_t width)
{
    enum { MOST = 1024 };
    uint32_t points[MOST];
    size_t count = value.size / width < MOST ? value.size / width : MOST;
    if (writing->words == NULL) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        points[i] = 0;
        for (size_t j = 0; j < width; j++) {
            points[i] = points[i] << 8 | value.data[i * width + j];
        }
    }
    p2i_substitute_points(writing->words, points, count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = width; j-- > 0; points[i] >>= 8) {
            value.data[i * width + j] = (uint8_t)points[i];
        }
    }
    p2i_write_binary(writing, p2i_span_from(value, count * width));
}

static void write_primitive(struct p2i_writing *writing, uint8_t tag, struct p2i_bytes value)
{
    enum { SMALL = 4 }; /* bytes of versions and limits */
    switch (tag) {
    case BOOLEAN:
    case NIL:
    case OID:
    case ENUMERATED:
    case UTC_TIME:
    case GENERALIZED_TIME:
        break;
    case UTF8:
    case NUMERIC:
    case PRINTABLE:
    case TELETEX:
    case IA5:
    case VISIBLE:
    case EMAIL:
    case DNS_NAME:
    case URI:
        p2i_write_text(writing, value);
        break;
    case BMP:
    case UNIVERSAL:
        write_wide(writing, value, tag == BMP ? 2 : 4);
        break;
    case ADDRESS:
        if (value.size >= 16) {
            p2i_write_ipv6(writing, value);
        } else {
            p2i_write_ipv4(writing, value);
        }
        break;
    default:
        if (value.size > SMALL) {
            p2i_write_binary(writing, value);
        }
        break;
    }
}

static void write_elements(struct p2i_writing *writing, struct p2i_bytes span, unsigned depth)
{
    while (span.size > 0) {
        size_t length;
        size_t head = read_head(span, &length);
        if (head == 0 || depth > DEPTH_MAX) {
            p2i_write_binary(writing, span);
            return;
        }
        uint8_t tag = span.data[0];
        struct p2i_bytes value = p2i_span_first(p2i_span_from(span, head), length);
        if ((tag & CONSTRUCTED) != 0 || (tag == OCTET_STRING && is_der(value))) {
            write_elements(writing, value, depth + 1);
        } else {
            write_primitive(writing, tag, value);
        }
        span = p2i_span_from(span, head + value.size);
    }
}

void p2i_write_certificate(struct p2i_writing *writing, struct p2i_bytes der)
{
    write_elements(writing, der, 0);
}
