/* SPDX-License-Identifier: MIT */
/* TLS (RFC 8446, 5246): names in hellos and certificates are substituted; keys, tickets, signatures
 * and everything encrypted are overwritten. Versions, suites, random values and the kinds of
 * extensions stay. */
#include <stdlib.h>

#include "pcap2ipfix/cursor.h"
#include "rewrite/internal.h"
#include "rewrite/x509.h"

enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23, LAST_TYPE = 24 };
enum { RECORD_HEAD = 5, MESSAGE_HEAD = 4 };
enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, CERTIFICATE = 11 };

bool p2i_begins_tls(struct p2i_bytes span)
{
    return span.size >= RECORD_HEAD && span.data[0] >= CHANGE_CIPHER_SPEC &&
           span.data[0] <= LAST_TYPE && span.data[1] == 3 && span.data[2] <= 4;
}

/* The bytes of a span in order. */
struct walk {
    struct p2i_bytes rest;
};

static struct p2i_bytes take(struct walk *walk, size_t size)
{
    struct p2i_bytes taken = p2i_span_first(walk->rest, size);
    walk->rest = p2i_span_from(walk->rest, taken.size);
    return taken;
}

/* A length of `width` bytes, and what it counts, as far as it is there. */
static struct p2i_bytes take_sized(struct walk *walk, size_t width)
{
    struct p2i_bytes length = take(walk, width);
    size_t size = 0;
    for (size_t i = 0; i < length.size; i++) {
        size = size << 8 | length.data[i];
    }
    return take(walk, length.size == width ? size : 0);
}

/* ---- Hellos ---- */

/* RFC 6066 section 3: a list of names with types. */
static void write_server_names(struct p2i_writing *writing, struct p2i_bytes data)
{
    struct walk walk = {data};
    (void)take(&walk, 2);
    while (walk.rest.size > 3) {
        (void)take(&walk, 1);
        p2i_write_text(writing, take_sized(&walk, 2));
    }
}

/* Extensions whose data says nothing about who speaks: lists of algorithms, versions, protocols,
 * and empty ones. */
static bool is_harmless(uint16_t type)
{
    static const uint16_t types[] = {1, 5, 10, 11, 13, 16, 17, 18, 22, 23, 27, 28, 43, 45, 49, 50};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i] == type) {
            return true;
        }
    }
    return type == 0xff01 || type == 0x3374;
}

static void write_extensions(struct p2i_writing *writing, struct p2i_bytes extensions, bool server)
{
    enum { SERVER_NAME = 0, KEY_SHARE = 51 };
    struct walk walk = {extensions};
    while (walk.rest.size >= 4) {
        uint16_t type = p2i_load_be16(take(&walk, 2).data);
        struct p2i_bytes data = take_sized(&walk, 2);
        if (type == SERVER_NAME) {
            write_server_names(writing, data);
        } else if (type == KEY_SHARE) {
            p2i_write_binary(writing, p2i_span_from(data, server ? 4 : 6));
        } else if (!is_harmless(type)) {
            p2i_write_binary(writing, data);
        }
    }
}

/* From the version on. */
static void write_hello(struct p2i_writing *writing, struct p2i_bytes body, bool server)
{
    enum { VERSION_AND_RANDOM = 34 };
    struct walk walk = {body};
    (void)take(&walk, VERSION_AND_RANDOM);
    (void)take_sized(&walk, 1); /* session id: equal ones stay equal */
    if (server) {
        (void)take(&walk, 2 + 1);
    } else {
        (void)take_sized(&walk, 2);
        (void)take_sized(&walk, 1);
    }
    write_extensions(writing, take_sized(&walk, 2), server);
    p2i_write_binary(writing, walk.rest);
}

void p2i_write_client_hello(struct p2i_writing *writing, struct p2i_bytes span)
{
    struct p2i_bytes body = p2i_span_from(span, MESSAGE_HEAD);
    if (span.size > MESSAGE_HEAD && span.data[0] == CLIENT_HELLO) {
        size_t length = (size_t)span.data[1] << 16 | p2i_load_be16(span.data + 2);
        write_hello(writing, p2i_span_first(body, length), false);
        p2i_write_binary(writing, p2i_span_from(body, length));
    } else {
        p2i_write_binary(writing, body);
    }
}

/* ---- Handshake messages ---- */

/* A list of certificates (RFC 5246 section 7.4.2; those of TLS 1.3 are encrypted). */
static void write_certificates(struct p2i_writing *writing, struct p2i_bytes body)
{
    struct walk walk = {body};
    struct walk list = {take_sized(&walk, 3)};
    while (list.rest.size > 3) {
        p2i_write_certificate(writing, take_sized(&list, 3));
    }
}

/* Rewrites the messages of a flight. */
static void write_messages(struct p2i_writing *writing, struct p2i_bytes flight)
{
    struct walk walk = {flight};
    while (walk.rest.size > 0) {
        struct p2i_bytes type = take(&walk, 1);
        struct p2i_bytes body = take_sized(&walk, 3);
        if (type.data[0] == CLIENT_HELLO || type.data[0] == SERVER_HELLO) {
            write_hello(writing, body, type.data[0] == SERVER_HELLO);
        } else if (type.data[0] == CERTIFICATE) {
            write_certificates(writing, body);
        } else {
            p2i_write_binary(writing, body);
        }
    }
}

/* ---- Records ---- */

/* Size of the handshake record at the start; 0: it is another one. */
static size_t handshake_size(struct p2i_bytes span)
{
    if (!p2i_begins_tls(span) || span.data[0] != HANDSHAKE) {
        return 0;
    }
    size_t size = RECORD_HEAD + (size_t)p2i_load_be16(span.data + 3);
    return size < span.size ? size : span.size;
}

/* Copies the contents of the handshake records at the start of `span` into one buffer, or back.
 * Returns the size of the records. */
static size_t copy_flight(struct p2i_bytes span, uint8_t *bytes, size_t *size, bool back)
{
    size_t at = 0;
    *size = 0;
    for (size_t record = handshake_size(span); record > 0;
         record = handshake_size(p2i_span_from(span, at))) {
        struct p2i_bytes content = p2i_span_of(span.data + at + RECORD_HEAD, record - RECORD_HEAD);
        if (back && content.size > 0) {
            memcpy(content.data, bytes + *size, content.size);
        } else if (content.size > 0) {
            memcpy(bytes + *size, content.data, content.size);
        }
        *size += content.size;
        at += record;
    }
    return at;
}

static size_t write_flight(struct p2i_writing *writing, struct p2i_bytes span)
{
    size_t size;
    uint8_t *bytes = malloc(span.size + 1);
    if (bytes == NULL) {
        writing->out_of_memory = true;
        return span.size;
    }
    size_t records = copy_flight(span, bytes, &size, false);
    write_messages(writing, p2i_span_of(bytes, size));
    (void)copy_flight(span, bytes, &size, true);
    free(bytes);
    return records;
}

/* SSL 2 (draft-hickman-netscape-ssl-00): a hello with specs; SSL 2 records that follow it are
 * overwritten. Returns its size; 0: none. */
static size_t old_hello_size(struct p2i_bytes span)
{
    if (span.size < 11 || (span.data[0] & 0x80) == 0 || span.data[2] != CLIENT_HELLO ||
        span.data[3] > 3) {
        return 0;
    }
    size_t size = 2 + ((size_t)(span.data[0] & 0x7f) << 8 | span.data[1]);
    return size < span.size ? size : span.size;
}

/* The contents of a record that is no plain handshake. */
static void write_record(struct p2i_writing *writing, struct p2i_bytes record)
{
    struct p2i_bytes content = p2i_span_from(record, RECORD_HEAD);
    bool plain_alert = record.data[0] == ALERT && content.size == 2;
    if (record.data[0] != CHANGE_CIPHER_SPEC && !plain_alert) {
        p2i_write_binary(writing, content);
    }
}

/* True for a hello in a record of its own: behind a HelloRetryRequest one follows the message that
 * otherwise begins encryption (RFC 8446 appendix D.4). */
bool p2i_begins_tls_hello(struct p2i_bytes span)
{
    if (!p2i_begins_tls(span) || span.data[0] != HANDSHAKE ||
        span.size < RECORD_HEAD + MESSAGE_HEAD + 2) {
        return false;
    }
    const uint8_t *message = span.data + RECORD_HEAD;
    size_t size = (size_t)message[1] << 16 | p2i_load_be16(message + 2);
    return (message[0] == CLIENT_HELLO || message[0] == SERVER_HELLO) &&
           size + MESSAGE_HEAD == p2i_load_be16(span.data + 3) && message[4] == 3;
}

void p2i_write_tls(struct p2i_writing *writing, struct p2i_bytes span)
{
    bool encrypted = false;
    span = p2i_span_from(span, old_hello_size(span));
    while (span.size > 0) {
        if (!p2i_begins_tls(span)) {
            p2i_write_binary(writing, span);
            return;
        }
        if (span.data[0] == HANDSHAKE && (!encrypted || p2i_begins_tls_hello(span))) {
            span = p2i_span_from(span, write_flight(writing, span));
            continue;
        }
        encrypted = encrypted || span.data[0] == CHANGE_CIPHER_SPEC;
        size_t size = RECORD_HEAD + (size_t)p2i_load_be16(span.data + 3);
        struct p2i_bytes record = p2i_span_first(span, size);
        write_record(writing, record);
        span = p2i_span_from(span, record.size);
    }
}
