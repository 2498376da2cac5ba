/* SPDX-License-Identifier: MIT */
/* The functions enter every structure by name, so nesting is limited to that of this file; every
 * element takes at least two bytes, so every loop ends. */
#include "protocol/tls/x509.h"

#include "base/ber.h"

enum {
    TAG_INTEGER = 0x02,
    TAG_OCTET_STRING = 0x04,
    TAG_OID = 0x06,
    TAG_UTF8_STRING = 0x0c,
    TAG_NUMERIC_STRING = 0x12,
    TAG_PRINTABLE_STRING = 0x13,
    TAG_TELETEX_STRING = 0x14,
    TAG_IA5_STRING = 0x16,
    TAG_VISIBLE_STRING = 0x1a,
    TAG_UNIVERSAL_STRING = 0x1c,
    TAG_BMP_STRING = 0x1e,
    TAG_SEQUENCE = 0x30,
    TAG_SET = 0x31,
    TAG_DNS_NAME = 0x82,   /* GeneralName [2], RFC 5280 4.2.1.6 */
    TAG_VERSION = 0xa0,    /* TBSCertificate [0] */
    TAG_EXTENSIONS = 0xa3, /* TBSCertificate [3] */
};

/* The inside of the next element, which must have this tag; failed from the start if it has not.
 * A structure that was cut is entered too. */
static struct p2i_cursor enter(struct p2i_cursor *cursor, uint8_t tag)
{
    struct p2i_ber_element element = {0};
    if (!p2i_ber_next(cursor, &element) || element.tag != tag) {
        cursor->failed = true;
        return (struct p2i_cursor){.failed = true};
    }
    return p2i_cursor_of(element.value);
}

static bool enter_optional(struct p2i_cursor *cursor, uint8_t tag, struct p2i_cursor *inside)
{
    if (cursor->failed || cursor->rest.size == 0 || cursor->rest.data[0] != tag) {
        return false;
    }
    *inside = enter(cursor, tag);
    return !inside->failed;
}

static bool has_oid(struct p2i_cursor *cursor, struct p2i_view oid)
{
    struct p2i_ber_element element = {0};
    return p2i_ber_next(cursor, &element) && element.tag == TAG_OID &&
           p2i_view_equals(element.value, oid);
}

static size_t put_utf8(uint8_t out[4], uint32_t code)
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (uint8_t)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    static const uint8_t lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    out[0] = (uint8_t)(lead[size] | code);
    return size;
}

/* Converts fixed-width big-endian characters. Invalid ones become U+FFFD, including surrogates,
 * which neither type has (X.690 8.23.7, 8.23.8). */
static struct p2i_view to_utf8(struct p2i_view wide, size_t width, uint8_t *buffer, size_t capacity)
{
    struct p2i_cursor cursor = p2i_cursor_of(wide);
    size_t used = 0;
    while (cursor.rest.size >= width) {
        uint32_t code = width == 2 ? p2i_be16(&cursor) : p2i_be32(&cursor);
        if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
            code = 0xfffd;
        }
        uint8_t bytes[4];
        size_t size = put_utf8(bytes, code);
        if (size > capacity - used) {
            break;
        }
        memcpy(buffer + used, bytes, size);
        used += size;
    }
    return p2i_view_of(buffer, used);
}

static struct p2i_view string_value(const struct p2i_ber_element *element, uint8_t *buffer,
                                    size_t capacity)
{
    switch (element->cut ? 0 : element->tag) {
    case TAG_UTF8_STRING:
    case TAG_NUMERIC_STRING:
    case TAG_PRINTABLE_STRING:
    case TAG_TELETEX_STRING:
    case TAG_IA5_STRING:
    case TAG_VISIBLE_STRING:
        return element->value;
    case TAG_BMP_STRING:
        return to_utf8(element->value, 2, buffer, capacity);
    case TAG_UNIVERSAL_STRING:
        return to_utf8(element->value, 4, buffer, capacity);
    default:
        return (struct p2i_view){0};
    }
}

/* Name ::= SEQUENCE OF SET OF SEQUENCE { type, value } (RFC 5280 4.1.2.4) */
static struct p2i_view common_name(struct p2i_cursor name, uint8_t *buffer, size_t capacity)
{
    struct p2i_cursor set;
    while (enter_optional(&name, TAG_SET, &set)) {
        struct p2i_cursor attribute;
        while (enter_optional(&set, TAG_SEQUENCE, &attribute)) {
            struct p2i_ber_element value = {0};
            if (!has_oid(&attribute, P2I_VIEW("\x55\x04\x03")) ||
                !p2i_ber_next(&attribute, &value)) {
                continue;
            }
            struct p2i_view found = string_value(&value, buffer, capacity);
            if (found.size > 0) {
                return found;
            }
        }
    }
    return (struct p2i_view){0};
}

static struct p2i_view first_dns_name(struct p2i_cursor names)
{
    struct p2i_ber_element element = {0};
    while (p2i_ber_next(&names, &element)) {
        if (element.tag == TAG_DNS_NAME && !element.cut && element.value.size > 0) {
            return element.value;
        }
    }
    return (struct p2i_view){0};
}

/* Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING } */
static struct p2i_view alternative_name(struct p2i_cursor extensions)
{
    struct p2i_cursor extension;
    while (enter_optional(&extensions, TAG_SEQUENCE, &extension)) {
        struct p2i_ber_element value = {0};
        if (!has_oid(&extension, P2I_VIEW("\x55\x1d\x11"))) {
            continue;
        }
        while (p2i_ber_next(&extension, &value) && value.tag != TAG_OCTET_STRING) {
        }
        if (value.tag == TAG_OCTET_STRING) {
            struct p2i_cursor inside = p2i_cursor_of(value.value);
            return first_dns_name(enter(&inside, TAG_SEQUENCE));
        }
    }
    return (struct p2i_view){0};
}

struct p2i_view p2i_x509_name(struct p2i_view certificate, uint8_t *buffer, size_t capacity)
{
    struct p2i_cursor outer = p2i_cursor_of(certificate);
    struct p2i_cursor inner = enter(&outer, TAG_SEQUENCE);
    struct p2i_cursor body = enter(&inner, TAG_SEQUENCE); /* TBSCertificate */
    struct p2i_cursor version;
    (void)enter_optional(&body, TAG_VERSION, &version);
    (void)enter(&body, TAG_INTEGER);  /* serialNumber */
    (void)enter(&body, TAG_SEQUENCE); /* signature */
    (void)enter(&body, TAG_SEQUENCE); /* issuer */
    (void)enter(&body, TAG_SEQUENCE); /* validity */
    struct p2i_view found = common_name(enter(&body, TAG_SEQUENCE), buffer, capacity);
    if (found.size > 0) {
        return found;
    }
    struct p2i_ber_element element = {0};
    while (p2i_ber_next(&body, &element)) {
        if (element.tag == TAG_EXTENSIONS) {
            struct p2i_cursor explicit = p2i_cursor_of(element.value);
            return alternative_name(enter(&explicit, TAG_SEQUENCE));
        }
    }
    return (struct p2i_view){0};
}
