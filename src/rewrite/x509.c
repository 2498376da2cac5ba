/* SPDX-License-Identifier: MIT */
#include "rewrite/x509.h"

enum { DEPTH_MAX = 24 };

/* Tags (X.690). */
enum {
    BIT_STRING = 0x03,
    OCTET_STRING = 0x04,
    OID = 0x06,
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
    SEQUENCE = 0x30,
    SET = 0x31,
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

/* True for object identifiers of standards: of others an arc may name a company. */
static bool is_standard_oid(struct p2i_view oid)
{
    enum { ARC_MAX = 5 };
    static const struct {
        uint8_t size;
        uint8_t bytes[9];
    } roots[] = {
        {1, {0x55}},                                                 /* 2.5: X.500 */
        {7, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01}},             /* PKCS */
        {5, {0x2a, 0x86, 0x48, 0xce, 0x3d}},                         /* ANSI X9.62 */
        {6, {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07}},                   /* PKIX */
        {3, {0x2b, 0x81, 0x04}},                                     /* SECG */
        {2, {0x2b, 0x65}},                                           /* RFC 8410 */
        {4, {0x2b, 0x0e, 0x03, 0x02}},                               /* OIW */
        {7, {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04}},             /* NIST */
        {7, {0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42}},             /* Netscape */
        {9, {0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01}}, /* RFC 4519 */
        {8, {0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02}},       /* RFC 6962 */
    };
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        struct p2i_view root = p2i_view_of(roots[i].bytes, roots[i].size);
        if (p2i_view_starts(oid, root) && oid.size <= root.size + ARC_MAX) {
            return true;
        }
    }
    return false;
}

/* A date of the same form: of the two of a validity, the first is early and the second late. */
static void write_time(struct p2i_writing *writing, struct p2i_bytes value, bool late)
{
    struct p2i_view date = late ? P2I_VIEW("20491231235959Z") : P2I_VIEW("20000101000000Z");
    struct p2i_view fitting = p2i_view_from(date, date.size > value.size ? 2 : 0);
    if (writing->words != NULL && value.data != NULL && value.size == fitting.size) {
        memcpy(value.data, fitting.data, fitting.size);
    } else {
        p2i_write_letters(writing, value);
    }
}

/* The tag of a name may be that of a number elsewhere. */
static void write_name(struct p2i_writing *writing, struct p2i_bytes value)
{
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] < ' ' || value.data[i] == 0x7f) {
            p2i_write_binary(writing, value);
            return;
        }
    }
    p2i_write_text(writing, value);
}

static void write_address(struct p2i_writing *writing, struct p2i_bytes value)
{
    if (value.size >= 16) {
        p2i_write_ipv6(writing, value);
    } else {
        p2i_write_ipv4(writing, value);
    }
}

/* Of a bit string the number of unused bits stays, and flags. */
static void write_bits(struct p2i_writing *writing, struct p2i_bytes value)
{
    enum { FLAGS_MAX = 3 };
    bool sized = value.size > 0 && value.data[0] < 8;
    if (!sized || value.size > FLAGS_MAX) {
        p2i_write_binary(writing, p2i_span_from(value, sized ? 1 : 0));
    }
}

/* The value of an element that has no others in it, and is no time. */
static void write_primitive(struct p2i_writing *writing, uint8_t tag, struct p2i_bytes value)
{
    switch (tag) {
    case OID:
        if (!is_standard_oid(p2i_span_view(value))) {
            p2i_write_letters(writing, value);
        }
        break;
    case UTF8:
    case NUMERIC:
    case PRINTABLE:
    case TELETEX:
    case IA5:
    case VISIBLE:
        p2i_write_text(writing, value);
        break;
    case EMAIL:
    case DNS_NAME:
    case URI:
        write_name(writing, value);
        break;
    case BMP:
    case UNIVERSAL:
        write_wide(writing, value, tag == BMP ? 2 : 4);
        break;
    case ADDRESS:
        write_address(writing, value);
        break;
    case BIT_STRING:
        write_bits(writing, value);
        break;
    default: /* one byte: a flag, a version or a limit */
        if (value.size > 1) {
            p2i_write_binary(writing, value);
        }
        break;
    }
}

/* True for the tags that certificates have. */
static bool is_tag(uint8_t tag)
{
    enum { CONTEXT = 0x80, CONTEXT_LAST = 0x89 };
    uint8_t simple = tag & (uint8_t)~CONSTRUCTED;
    return (simple >= CONTEXT && simple <= CONTEXT_LAST) || tag == SEQUENCE || tag == SET ||
           (tag > 0 && tag <= BMP);
}

/* `cut`: an element around these ends early. */
static void write_elements(struct p2i_writing *writing, struct p2i_bytes span, bool cut,
                           unsigned depth)
{
    bool late = false;
    while (span.size > 0) {
        size_t length = 0;
        size_t head = read_head(span, &length);
        struct p2i_bytes value = p2i_span_first(p2i_span_from(span, head), length);
        uint8_t tag = span.data[0];
        bool ends_early = length > value.size;
        if (head == 0 || depth > DEPTH_MAX || !is_tag(tag) || (ends_early && !cut)) {
            p2i_write_binary(writing, span);
            return;
        }
        if ((tag & CONSTRUCTED) != 0 || (tag == OCTET_STRING && is_der(value))) {
            write_elements(writing, value, ends_early, depth + 1);
        } else if (tag == UTC_TIME || tag == GENERALIZED_TIME) {
            write_time(writing, value, late);
            late = true;
        } else {
            write_primitive(writing, tag, value);
        }
        span = p2i_span_from(span, head + value.size);
    }
}

void p2i_write_certificate(struct p2i_writing *writing, struct p2i_bytes der)
{
    write_elements(writing, der, true, 0);
}
