/* SPDX-License-Identifier: MIT */
#include "protocol/tls/probe.h"

#include "pcap2ipfix/cursor.h"

enum {
    RECORD_MAX = (1 << 14) + 2048, /* RFC 5246 6.2.3 */
    MAJOR = 3,
    MINOR_MAX = 4,
    MAJOR_DRAFT = 0x7f, /* in ServerHellos of drafts of TLS 1.3 */
    VERSION_SSL2 = 2,
};

enum p2i_match p2i_tls_match_record(struct p2i_view bytes)
{
    if (bytes.data[0] < P2I_TLS_CHANGE_CIPHER_SPEC || bytes.data[0] > P2I_TLS_HEARTBEAT ||
        (bytes.size > 1 && bytes.data[1] != MAJOR)) {
        return P2I_MATCH_NO;
    }
    if (bytes.size < P2I_TLS_RECORD_HEADER) {
        return P2I_MATCH_MORE;
    }
    return p2i_load_be16(bytes.data + 3) <= RECORD_MAX ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* ---- SSL 2.0 ---- */

size_t p2i_tls_ssl2_header(struct p2i_view bytes, uint32_t *length)
{
    if (bytes.data[0] & 0x80) {
        *length = p2i_load_be16(bytes.data) & 0x7fff;
        return 2;
    }
    *length = p2i_load_be16(bytes.data);
    return bytes.data[0] < 0x40 && bytes.data[2] < *length ? 3 : 0;
}

/* A CLIENT-HELLO in the SSL 2.0 form, recognised by its lengths, which must add up. */
static enum p2i_match probe_ssl2(struct p2i_view bytes)
{
    if (bytes.size < P2I_TLS_SSL2_HEADER_MAX) {
        return bytes.data[0] & 0x80 || bytes.data[0] < 0x40 ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    uint32_t length = 0;
    size_t header = p2i_tls_ssl2_header(bytes, &length);
    struct p2i_cursor cursor = p2i_cursor_of(p2i_view_from(bytes, header));
    if (header == 0 || length < P2I_TLS_SSL2_HELLO_HEADER ||
        (cursor.rest.size > 0 && cursor.rest.data[0] != P2I_TLS_CLIENT_HELLO)) {
        return P2I_MATCH_NO;
    }
    p2i_skip(&cursor, 1);
    uint16_t version = p2i_be16(&cursor);
    if (!cursor.failed && version != VERSION_SSL2 && version >> 8 != MAJOR) {
        return P2I_MATCH_NO;
    }
    uint16_t specs = p2i_be16(&cursor);
    uint16_t session = p2i_be16(&cursor);
    uint16_t challenge = p2i_be16(&cursor);
    if (cursor.failed) {
        return P2I_MATCH_MORE;
    }
    size_t padding = header == P2I_TLS_SSL2_HEADER_MAX ? bytes.data[2] : 0;
    bool fits = specs > 0 && specs % 3 == 0 && (session == 0 || session == 16) && challenge >= 16 &&
                challenge <= 32 &&
                P2I_TLS_SSL2_HELLO_HEADER + (size_t)specs + session + challenge + padding == length;
    return fits ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* ---- the probe ---- */

/* True when the bytes of a record header so far are those of a handshake, or of an alert before
 * it. */
static bool probe_prefix(struct p2i_view bytes)
{
    if (bytes.data[0] != P2I_TLS_HANDSHAKE && bytes.data[0] != P2I_TLS_ALERT) {
        return false;
    }
    return bytes.size < 2 || bytes.data[1] == MAJOR;
}

enum p2i_match p2i_tls_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                             struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    if (bytes.size == 0) {
        return P2I_MATCH_MORE;
    }
    if (!probe_prefix(bytes)) {
        return probe_ssl2(bytes);
    }
    struct p2i_cursor cursor = p2i_cursor_of(bytes);
    uint8_t record = p2i_u8(&cursor);
    p2i_skip(&cursor, 2);
    uint16_t length = p2i_be16(&cursor);
    if (!cursor.failed && record == P2I_TLS_ALERT) { /* an alert before the hello */
        p2i_skip(&cursor, 2);
        if (length != 2 || (!cursor.failed && cursor.rest.size > 0 && !probe_prefix(cursor.rest))) {
            return P2I_MATCH_NO;
        }
        record = p2i_u8(&cursor);
        p2i_skip(&cursor, 2);
        length = p2i_be16(&cursor);
    }
    uint8_t message = p2i_u8(&cursor);
    if (cursor.failed) {
        return P2I_MATCH_MORE;
    }
    if (record != P2I_TLS_HANDSHAKE || length == 0 || length > RECORD_MAX ||
        (message != P2I_TLS_CLIENT_HELLO && message != P2I_TLS_SERVER_HELLO)) {
        return P2I_MATCH_NO;
    }
    if (length < P2I_TLS_MESSAGE_HEADER) { /* the message continues in other records */
        return P2I_MATCH_YES;
    }
    uint32_t size = p2i_be24(&cursor);
    if (cursor.failed) {
        return P2I_MATCH_MORE;
    }
    return size >= P2I_TLS_HELLO_MIN && size <= P2I_TLS_HELLO_MAX ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* A hello in a record is certain before its version is there. That of SSL 2.0 has its version
 * before the lengths that make it certain; a record with padding, which only ciphertext needs,
 * is of another protocol (LDAP). */
bool p2i_tls_probe_cut(const struct p2i_ends *ends, enum p2i_direction direction,
                       struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    enum { TO_VERSION = 3 };
    uint32_t length = 0;
    if (bytes.size < P2I_TLS_SSL2_HEADER_MAX || probe_prefix(bytes)) {
        return false;
    }
    size_t header = p2i_tls_ssl2_header(bytes, &length);
    return header == P2I_TLS_SSL2_HEADER_MAX - 1 && bytes.size >= header + TO_VERSION &&
           bytes.data[header] == P2I_TLS_CLIENT_HELLO;
}

/* ---- behind a loss ---- */

/* Does a record with a hello begin here? Stricter than the probe, since it is asked at any byte. */
static enum p2i_match match_hello(struct p2i_view bytes)
{
    /* Byte by byte, so that few bytes of other data are held to wait for more. */
    if ((bytes.size > 1 && bytes.data[1] != MAJOR) ||
        (bytes.size > 2 && bytes.data[2] > MINOR_MAX)) {
        return P2I_MATCH_NO;
    }
    struct p2i_cursor cursor = p2i_cursor_of(bytes);
    p2i_skip(&cursor, 3);
    uint16_t length = p2i_be16(&cursor);
    uint8_t type = p2i_u8(&cursor);
    uint32_t size = p2i_be24(&cursor);
    uint8_t major = p2i_u8(&cursor);
    uint8_t minor = p2i_u8(&cursor);
    if (cursor.failed) {
        return P2I_MATCH_MORE;
    }
    bool draft = major == MAJOR_DRAFT && type == P2I_TLS_SERVER_HELLO;
    bool fits = length > P2I_TLS_MESSAGE_HEADER && length <= RECORD_MAX &&
                (type == P2I_TLS_CLIENT_HELLO || type == P2I_TLS_SERVER_HELLO) &&
                size >= P2I_TLS_HELLO_MIN && size <= P2I_TLS_HELLO_MAX &&
                (draft || (major == MAJOR && minor <= MINOR_MAX));
    return fits ? P2I_MATCH_YES : P2I_MATCH_NO;
}

size_t p2i_tls_find_hello(struct p2i_view bytes, bool *certain)
{
    *certain = false;
    size_t at = p2i_view_find(bytes, P2I_TLS_HANDSHAKE);
    while (at < bytes.size) {
        enum p2i_match match = match_hello(p2i_view_from(bytes, at));
        if (match != P2I_MATCH_NO) {
            *certain = match == P2I_MATCH_YES;
            return at;
        }
        at += 1 + p2i_view_find(p2i_view_from(bytes, at + 1), P2I_TLS_HANDSHAKE);
    }
    return bytes.size;
}
