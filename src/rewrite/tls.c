/* SPDX-License-Identifier: MIT */
/* TLS (RFC 8446, 5246): names in hellos and certificates are substituted; keys, tickets, signatures
 * and everything encrypted are overwritten. Versions, suites, random values and the kinds of
 * extensions stay. */
#include <stdlib.h>

#include "pcap2ipfix/cursor.h"
#include "protocol/tls/hello.h"
#include "rewrite/internal.h"
#include "rewrite/x509.h"

enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23, LAST_TYPE = 24 };
enum { RECORD_HEAD = 5, MESSAGE_HEAD = 4 };
enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, CERTIFICATE = 11 };
enum { LENGTH_MOST = 1 /* first byte of a length: no message has more than 128 KiB */ };

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

static size_t load_be24(const uint8_t *bytes)
{
    return (size_t)bytes[0] << 16 | p2i_load_be16(bytes + 1);
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

/* RFC 6066 section 3: a list of names with types, of which there is one. */
static void write_server_names(struct p2i_writing *writing, struct p2i_bytes data)
{
    enum { HOST_NAME = 0 };
    struct walk walk = {data};
    (void)take(&walk, 2);
    while (walk.rest.size > 3 && walk.rest.data[0] == HOST_NAME) {
        (void)take(&walk, 1);
        p2i_write_text(writing, take_sized(&walk, 2));
    }
    p2i_write_binary(writing, walk.rest);
}

/* Names of protocols that are registered with IANA, or were before HTTP/2, say nothing. */
static bool is_protocol(struct p2i_view name)
{
    static const char *const known[] = {
        "http/0.9", "http/1.0",   "http/1.1",   "h2",          "h2c",         "h3",
        "h3-29",    "hq-interop", "spdy/1",     "spdy/2",      "spdy/3",      "ftp",
        "imap",     "spdy/3.1",   "pop3",       "managesieve", "xmpp-client", "xmpp-server",
        "mqtt",     "irc",        "acme-tls/1", "nntp",        "nnsp",        "sip/2",
        "dot",      "doq",        "webrtc",     "ntske/1",     "stun.turn",   "stun.nat-discovery",
        "coap",     "smb",        "sunrpc"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (p2i_view_equals(name, p2i_view_of(known[i], strlen(known[i])))) {
            return true;
        }
    }
    return false;
}

void p2i_write_protocols(struct p2i_writing *writing, struct p2i_bytes data)
{
    struct walk walk = {data};
    while (walk.rest.size > 0) {
        struct p2i_bytes name = take_sized(&walk, 1);
        if (!is_protocol(p2i_span_view(name))) {
            p2i_write_text(writing, name);
        }
    }
}

/* What an extension consists of, other than names and keys. */
struct extension {
    uint16_t type;
    uint8_t prefix; /* bytes of a length in front */
    uint8_t number; /* size of the numbers in the list; 0: there are none */
    uint8_t least;  /* bytes without a length; together: exactly these */
};

/* Lists of versions, algorithms and formats, small numbers and empty extensions. */
static const struct extension *find_extension(uint16_t type, bool server)
{
    static const struct extension known[] = {
        {1, 0, 1, 1},      /* maximal length */
        {10, 2, 2, 0},     /* groups */
        {11, 1, 1, 0},     /* formats of points */
        {13, 2, 2, 0},     /* signature algorithms */
        {18, 0, 0, 0},     /* of time stamps only the request */
        {22, 0, 0, 0},     /* MAC behind encryption */
        {23, 0, 0, 0},     /* extended secret */
        {27, 1, 2, 0},     /* compression of certificates */
        {28, 0, 2, 2},     /* size of records */
        {45, 1, 1, 0},     /* modes of keys */
        {49, 0, 0, 0},     /* authentication afterwards */
        {50, 2, 2, 0},     /* signature algorithms of certificates */
        {0xff01, 0, 1, 1}, /* renegotiation, of a first handshake */
    };
    static const struct extension client_versions = {43, 1, 2, 0};
    static const struct extension server_version = {43, 0, 2, 2};
    if (type == client_versions.type) {
        return server ? &server_version : &client_versions;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].type == type) {
            return &known[i];
        }
    }
    return NULL;
}

/* True for the first byte of a suite, group, algorithm or version that is in use: assigned by IANA,
 * or reserved so that others are ignored (RFC 8701). No letter and no digit of ASCII begins one. */
static bool is_number(const uint8_t *bytes, size_t size)
{
    bool reserved = (bytes[0] & 15) == 10 && (size == 1 || bytes[0] == bytes[1]);
    if (size == 1) {
        return bytes[0] < 8 || reserved || bytes[0] == 64;
    }
    return bytes[0] < 0x14 || bytes[0] >= 0x7f || reserved || (bytes[0] == 0x56 && bytes[1] == 0);
}

static void write_numbers(struct p2i_writing *writing, struct p2i_bytes list, size_t size)
{
    for (; list.size >= size && size > 0; list = p2i_span_from(list, size)) {
        if (!is_number(list.data, size)) {
            p2i_write_binary(writing, p2i_span_first(list, size));
        }
    }
    p2i_write_binary(writing, list);
}

/* Keys with their groups (RFC 8446 section 4.2.8), of a client with a length in front. */
static void write_keys(struct p2i_writing *writing, struct p2i_bytes data, bool server)
{
    struct walk walk = {data};
    struct walk list = {server ? take(&walk, data.size) : take_sized(&walk, 2)};
    while (list.rest.size >= 2 && is_number(list.rest.data, 2)) {
        (void)take(&list, 2);
        p2i_write_binary(writing, take_sized(&list, 2));
    }
    p2i_write_binary(writing, list.rest);
    p2i_write_binary(writing, walk.rest);
}

/* A request for the status of a certificate (RFC 6066 section 8, RFC 6961) that names nobody. */
static bool is_plain_request(struct p2i_view data)
{
    static const uint8_t one[] = {1, 0, 0, 0, 0};
    static const uint8_t list[] = {0, 7, 2, 0, 4, 0, 0, 0, 0};
    return p2i_view_equals(data, p2i_view_of(one, sizeof one)) ||
           p2i_view_equals(data, p2i_view_of(list, sizeof list));
}

static void write_extension(struct p2i_writing *writing, uint16_t type, struct p2i_bytes data,
                            bool server)
{
    enum { SERVER_NAME = 0, STATUS = 5, PROTOCOLS = 16, STATUS_2 = 17, PADDING = 21 };
    enum { KEY_SHARE = 51, NEXT_PROTOCOL = 0x3374 };
    const struct extension *known = find_extension(type, server);
    if (known != NULL && known->prefix > 0) {
        struct walk walk = {data};
        write_numbers(writing, take_sized(&walk, known->prefix), known->number);
        p2i_write_binary(writing, walk.rest);
    } else if (known != NULL && data.size == known->least) {
        write_numbers(writing, data, known->number);
    } else if (type == SERVER_NAME) {
        write_server_names(writing, data);
    } else if (type == PROTOCOLS) {
        struct walk walk = {data};
        p2i_write_protocols(writing, take_sized(&walk, 2));
        p2i_write_binary(writing, walk.rest);
    } else if (type == NEXT_PROTOCOL) {
        p2i_write_protocols(writing, data);
    } else if (type == KEY_SHARE) {
        write_keys(writing, data, server);
    } else if ((type != STATUS && type != STATUS_2) || !is_plain_request(p2i_span_view(data))) {
        p2i_write_nonzero(writing, data); /* padding is zero */
    }
}

/* True for types that are in use, or may be. Few begin with a character of ASCII. */
static bool is_type(const uint8_t *bytes)
{
    enum { NEXT_PROTOCOL = 0x3374, SETTINGS = 0x4469, SETTINGS_NEW = 0x44cd, CHANNEL_ID = 0x7550 };
    uint16_t type = p2i_load_be16(bytes);
    return bytes[0] == 0 || bytes[0] >= 0x7f || is_number(bytes, 2) || type == NEXT_PROTOCOL ||
           type == SETTINGS || type == SETTINGS_NEW || type == CHANNEL_ID;
}

static void write_extensions(struct p2i_writing *writing, struct p2i_bytes extensions, bool server)
{
    struct walk walk = {extensions};
    while (walk.rest.size >= 4 && is_type(walk.rest.data)) {
        uint16_t type = p2i_load_be16(take(&walk, 2).data);
        write_extension(writing, type, take_sized(&walk, 2), server);
    }
    p2i_write_binary(writing, walk.rest);
}

/* Of random values those stay that say something: the one of a HelloRetryRequest, and what marks a
 * downgrade (RFC 8446 section 4.1.3). */
static void write_random(struct p2i_writing *writing, struct p2i_bytes random, bool server)
{
    enum { MARK_AT = 24 };
    struct p2i_view view = p2i_span_view(random);
    struct p2i_view retry = p2i_view_of(p2i_tls_retry_random, sizeof p2i_tls_retry_random);
    if (server && p2i_view_equals(view, retry)) {
        return;
    }
    bool marked = server && p2i_view_starts(p2i_view_from(view, MARK_AT), P2I_VIEW("DOWNGRD"));
    p2i_write_token(writing, p2i_span_first(random, marked ? MARK_AT : random.size));
}

/* From the version on. */
static void write_hello(struct p2i_writing *writing, struct p2i_bytes body, bool server)
{
    enum { DRAFT = 0x7f }; /* of TLS 1.3: early ones have no session id and no compression */
    struct walk walk = {body};
    struct p2i_bytes version = take(&walk, 2);
    bool draft = server && version.size > 0 && version.data[0] == DRAFT;
    write_random(writing, take(&walk, P2I_TLS_RANDOM_SIZE), server);
    p2i_write_token(writing, take_sized(&walk, draft ? 0 : 1)); /* equal ids stay equal */
    if (server) {
        write_numbers(writing, take(&walk, 2), 2);
        write_numbers(writing, take(&walk, draft ? 0 : 1), 1);
    } else {
        write_numbers(writing, take_sized(&walk, 2), 2);
        write_numbers(writing, take_sized(&walk, 1), 1);
    }
    write_extensions(writing, take_sized(&walk, 2), server);
    p2i_write_binary(writing, walk.rest);
}

void p2i_write_client_hello(struct p2i_writing *writing, struct p2i_bytes span)
{
    struct p2i_bytes body = p2i_span_from(span, MESSAGE_HEAD);
    if (span.size > MESSAGE_HEAD && span.data[0] == CLIENT_HELLO) {
        size_t length = load_be24(span.data + 1);
        write_hello(writing, p2i_span_first(body, length), false);
        p2i_write_binary(writing, p2i_span_from(body, length));
    } else {
        p2i_write_binary(writing, span);
    }
}

/* ---- Handshake messages ---- */

/* A list of certificates (RFC 5246 section 7.4.2; those of TLS 1.3 are encrypted) that fills the
 * message of `length` bytes. */
static void write_certificates(struct p2i_writing *writing, struct p2i_bytes body, size_t length)
{
    enum { LENGTH_SIZE = 3 };
    struct walk walk = {body};
    struct p2i_bytes size = p2i_span_first(body, LENGTH_SIZE);
    bool fills = size.size == LENGTH_SIZE && load_be24(size.data) + (size_t)LENGTH_SIZE == length;
    struct walk list = {fills ? take_sized(&walk, LENGTH_SIZE) : p2i_span_first(body, 0)};
    while (list.rest.size > LENGTH_SIZE && list.rest.data[0] <= LENGTH_MOST) {
        p2i_write_certificate(writing, take_sized(&list, LENGTH_SIZE));
    }
    p2i_write_binary(writing, list.rest);
    p2i_write_binary(writing, walk.rest);
}

/* Rewrites the messages of a flight. */
static void write_messages(struct p2i_writing *writing, struct p2i_bytes flight)
{
    struct walk walk = {flight};
    while (walk.rest.size >= MESSAGE_HEAD && walk.rest.data[1] <= LENGTH_MOST) {
        struct p2i_bytes type = take(&walk, 1);
        size_t length = load_be24(walk.rest.data);
        struct p2i_bytes body = take_sized(&walk, 3);
        if (type.data[0] == CLIENT_HELLO || type.data[0] == SERVER_HELLO) {
            write_hello(writing, body, type.data[0] == SERVER_HELLO);
        } else if (type.data[0] == CERTIFICATE) {
            write_certificates(writing, body, length);
        } else {
            p2i_write_binary(writing, body);
        }
    }
    p2i_write_binary(writing, walk.rest);
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

/* SSL 2 (draft-hickman-netscape-ssl-00): of a hello the specs stay; SSL 2 records that follow it
 * are overwritten. Returns its size; 0: none. */
static size_t write_old_hello(struct p2i_writing *writing, struct p2i_bytes span)
{
    enum { HEAD = 11, SPEC_SIZE = 3 };
    if (span.size < HEAD || (span.data[0] & 0x80) == 0 || span.data[2] != CLIENT_HELLO ||
        span.data[3] > 3) {
        return 0;
    }
    size_t size = 2 + ((size_t)(span.data[0] & 0x7f) << 8 | span.data[1]);
    struct p2i_bytes hello = p2i_span_first(span, size);
    struct p2i_bytes specs =
        p2i_span_first(p2i_span_from(hello, HEAD), p2i_load_be16(span.data + 5));
    p2i_write_binary(writing, p2i_span_from(hello, HEAD + specs.size));
    for (; specs.size >= SPEC_SIZE; specs = p2i_span_from(specs, SPEC_SIZE)) {
        if (specs.data[0] > 7) {
            p2i_write_binary(writing, p2i_span_first(specs, SPEC_SIZE));
        }
    }
    p2i_write_binary(writing, specs);
    return hello.size;
}

/* The contents of a record that is no plain handshake. */
static void write_record(struct p2i_writing *writing, struct p2i_bytes record)
{
    struct p2i_bytes content = p2i_span_from(record, RECORD_HEAD);
    bool plain_alert = record.data[0] == ALERT && content.size == 2;
    bool plain_change = record.data[0] == CHANGE_CIPHER_SPEC && content.size <= 1;
    if (!plain_change && !plain_alert) {
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
    size_t size = load_be24(message + 1);
    return (message[0] == CLIENT_HELLO || message[0] == SERVER_HELLO) &&
           size + MESSAGE_HEAD == p2i_load_be16(span.data + 3) && message[4] == 3;
}

void p2i_write_tls(struct p2i_writing *writing, struct p2i_bytes span)
{
    bool encrypted = false;
    span = p2i_span_from(span, write_old_hello(writing, span));
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
