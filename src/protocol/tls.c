/* SPDX-License-Identifier: MIT */
/* TLS over TCP: RFC 8446, 5246 (records 6.2.1, handshake 7), 6101, and the SSL 2.0 hellos.
 *
 * Two layers. The lower one takes records and handshake messages apart, whatever way they are cut
 * and joined, and puts together the few messages that matter: hellos and the leaf certificate.
 * The upper one pairs what they say into records, and knows when there is nothing more to see. */
#include "base/cursor.h"
#include "protocol/protocols.h"
#include "protocol/tls_pairing.h"
#include "protocol/x509.h"

enum record_type {
    CHANGE_CIPHER_SPEC = 20,
    ALERT = 21,
    HANDSHAKE = 22,
    APPLICATION_DATA = 23,
    HEARTBEAT = 24, /* RFC 6520 */
};

enum message_type {
    HELLO_REQUEST = 0,
    CLIENT_HELLO = 1,
    SERVER_HELLO = 2,
    HELLO_RETRY_REQUEST = 6, /* drafts of TLS 1.3 up to 21 */
    ENCRYPTED_EXTENSIONS = 8,
    CERTIFICATE = 11,
    SUPPLEMENTAL_DATA = 23, /* RFC 4680: comes before the certificate */
    SSL2_HELLO = 0x100,     /* added to the two below: the message is in the SSL 2.0 form */
    SSL2_CLIENT_HELLO = SSL2_HELLO + 1,
    SSL2_SERVER_HELLO = SSL2_HELLO + 4,
};

enum {
    RECORD_HEADER = 5,
    RECORD_MAX = (1 << 14) + 2048, /* RFC 5246 6.2.3 */
    MESSAGE_HEADER = 4,
    LEAF_HEADER = MESSAGE_HEADER + 6, /* and the lengths of the list and of its first certificate */
    HELLO_MIN = 34,                   /* version and random */
    HELLO_MAX = 128 << 10,            /* longer ones are taken for something else */
    GATHERED_MAX = 64 << 10,
    GATHERED_FIRST = 2048, /* a hello cut by a segment border mostly fits */
    SSL2_HEADER_MAX = 3,
    SSL2_HELLO_HEADER = 9, /* type, version, three lengths */
};

enum role { ROLE_UNKNOWN, ROLE_CLIENT, ROLE_SERVER };

/* One direction. */
struct half {
    struct p2i_origin origin; /* of the handshake message being read */
    uint8_t *gathered;        /* its first bytes, from the pool; NULL while they are in the view */
    size_t gathered_capacity;
    uint32_t gathered_size;
    uint32_t wanted;       /* bytes of the message to be had together; 0: it is skipped */
    uint32_t message_left; /* bytes of the message not seen yet */
    uint32_t record_size;  /* of a handshake record */
    uint32_t record_left;  /* bytes of it not seen yet */
    uint16_t message;      /* enum message_type */
    uint8_t header[LEAF_HEADER];
    uint8_t header_size;
    uint8_t role;    /* enum role */
    uint8_t hellos;  /* ClientHellos seen, or ServerHellos (of those there is one) */
    bool in_message; /* its header has been read */
    bool ciphered;   /* ChangeCipherSpec has been seen */
    bool done;       /* nothing more to be had in this direction */
};

struct tls {
    struct half half[2];
    struct p2i_tls_pairing pairing;
    uint8_t retries; /* HelloRetryRequests: each calls for one more ClientHello */
    bool early_data; /* the client may send data before its second hello */
    bool ssl2;       /* the client's hello had the SSL 2.0 form */
};

/* What a call is about. */
struct work {
    struct p2i_parser *parser;
    struct tls *tls;
    struct half *half;
    struct half *peer;
    const struct p2i_piece *piece;
};

static struct work work_of(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct tls *tls = parser->state;
    return (struct work){
        .parser = parser,
        .tls = tls,
        .half = &tls->half[piece->direction],
        .peer = &tls->half[1 - piece->direction],
        .piece = piece,
    };
}

/* ---- Upper layer: what the messages say ---- */

/* The server has shown all it will: its certificate, or (empty name) that there is none. */
static void server_done(const struct work *work, struct p2i_view certificate_name)
{
    p2i_tls_release(work->parser, &work->tls->pairing, certificate_name);
    work->half->done = true;
}

/* Nothing of this direction can be read any more. */
static void give_up(const struct work *work)
{
    if (work->half->role != ROLE_CLIENT) {
        server_done(work, (struct p2i_view){0});
        return;
    }
    work->half->done = true;
    if (work->peer->done) {
        p2i_tls_release_request(work->parser, &work->tls->pairing);
    }
}

/* This direction is past its hellos. A client gets there by what the server has answered: if that
 * was not captured, there is nothing to wait for. */
static void go_past_hellos(const struct work *work)
{
    give_up(work);
    if (!work->piece->peer_seen) {
        p2i_tls_release_request(work->parser, &work->tls->pairing);
    }
}

static void count_up(uint8_t *count)
{
    *count = (uint8_t)(*count + (*count < UINT8_MAX));
}

static void client_hello(const struct work *work, struct p2i_view body)
{
    struct p2i_client_hello hello;
    bool ssl2 = work->half->message == SSL2_CLIENT_HELLO;
    bool read =
        ssl2 ? p2i_ssl2_client_hello_read(body, &hello) : p2i_client_hello_read(body, &hello);
    if (!read) {
        give_up(work);
        return;
    }
    count_up(&work->half->hellos);
    work->tls->early_data = hello.early_data;
    work->tls->ssl2 = ssl2;
    bool wait = !work->peer->done && work->tls->retries == 0; /* only TLS 1.3 has retries */
    p2i_tls_pair_request(work->parser, &work->tls->pairing, work->piece->direction,
                         &work->half->origin, &hello, wait);
}

static void retry_request(const struct work *work)
{
    count_up(&work->tls->retries);
    p2i_tls_release_request(work->parser, &work->tls->pairing);
}

static void server_hello(const struct work *work, struct p2i_view body)
{
    struct p2i_server_hello hello;
    struct p2i_view certificate = {0};
    bool ssl2 = work->half->message == SSL2_SERVER_HELLO;
    bool read = ssl2 ? p2i_ssl2_server_hello_read(body, &hello, &certificate)
                     : p2i_server_hello_read(body, &hello);
    if (!read) {
        give_up(work);
        return;
    }
    if (hello.retry) {
        retry_request(work);
        return;
    }
    work->half->hellos = 1;
    p2i_tls_pair_reply(&work->tls->pairing, work->piece->direction, &work->half->origin, &hello);
    if (ssl2 || hello.encrypted) {
        uint8_t buffer[P2I_X509_NAME_MAX];
        server_done(work, p2i_x509_name(certificate, buffer, sizeof buffer));
    }
}

/* A message is here, or what there is of it. */
static void message_here(const struct work *work, struct p2i_view body)
{
    uint8_t buffer[P2I_X509_NAME_MAX];
    switch (work->half->message) {
    case CLIENT_HELLO:
    case SSL2_CLIENT_HELLO:
        client_hello(work, body);
        break;
    case SERVER_HELLO:
    case SSL2_SERVER_HELLO:
        server_hello(work, body);
        break;
    default: /* the leaf of CERTIFICATE */
        server_done(work, p2i_x509_name(body, buffer, sizeof buffer));
        break;
    }
}

/* Records of the other types. */
static void other_record(const struct work *work, enum record_type type)
{
    struct half *half = work->half;
    bool answered = half->role == ROLE_SERVER && half->hellos > 0;
    if (type == CHANGE_CIPHER_SPEC) {
        /* Before its second ClientHello, or behind its HelloRetryRequest, a side may send one that
         * means nothing (RFC 8446 D.4). */
        half->ciphered = true;
        if (answered) {
            server_done(work, (struct p2i_view){0});
        }
    } else if (type == APPLICATION_DATA && !(half->role == ROLE_CLIENT && work->tls->early_data)) {
        go_past_hellos(work);
    }
}

/* ---- Lower layer: records and messages ---- */

static void forget_message(struct p2i_parser *parser, struct half *half)
{
    p2i_pool_put(parser->pool, parser->account, half->gathered, half->gathered_capacity);
    half->gathered = NULL;
    half->gathered_capacity = 0;
    half->gathered_size = 0;
    half->wanted = 0;
}

/* Puts bytes behind those gathered; false when there is no memory. */
static bool gather(struct p2i_parser *parser, struct half *half, struct p2i_view bytes)
{
    size_t size = half->gathered_size + bytes.size;
    if (size > half->gathered_capacity) {
        size_t capacity = 0;
        uint8_t *larger = p2i_pool_get(parser->pool, parser->account,
                                       size < GATHERED_FIRST ? GATHERED_FIRST : size, &capacity);
        if (larger == NULL) {
            return false;
        }
        if (half->gathered_size > 0) {
            memcpy(larger, half->gathered, half->gathered_size);
        }
        p2i_pool_put(parser->pool, parser->account, half->gathered, half->gathered_capacity);
        half->gathered = larger;
        half->gathered_capacity = capacity;
    }
    memcpy(half->gathered + half->gathered_size, bytes.data, bytes.size);
    half->gathered_size = (uint32_t)size;
    return true;
}

/* Takes bytes of a message that matters. Returns how many. */
static uint32_t take_message(const struct work *work, struct p2i_view bytes)
{
    struct half *half = work->half;
    struct p2i_view part = p2i_view_first(bytes, half->wanted - half->gathered_size);
    if (part.size == half->wanted) { /* all of it at once: nothing is copied */
        message_here(work, part);
    } else if (!gather(work->parser, half, part)) {
        give_up(work);
    } else if (half->gathered_size < half->wanted) {
        return (uint32_t)part.size;
    } else {
        message_here(work, p2i_view_of(half->gathered, half->gathered_size));
    }
    forget_message(work->parser, half);
    return (uint32_t)part.size;
}

/* A message whose header has been read: `left` bytes of it are to come, the first `wanted` matter.
 */
static void begin_body(struct half *half, uint32_t left, uint32_t wanted)
{
    half->header_size = 0;
    half->message_left = left;
    half->wanted = wanted < GATHERED_MAX ? wanted : GATHERED_MAX;
    half->in_message = left > 0;
}

/* A message before the hello, or between two ClientHellos. False when there can't be one here. */
static bool begin_hello(const struct work *work, uint8_t type, uint32_t size)
{
    struct half *half = work->half;
    if (type == HELLO_REQUEST && size == 0 && half->role != ROLE_CLIENT && !half->ciphered) {
        begin_body(half, 0, 0);
        return true;
    }
    if (type == HELLO_RETRY_REQUEST && half->role != ROLE_CLIENT && work->peer->hellos > 0) {
        half->role = ROLE_SERVER;
        retry_request(work);
        begin_body(half, size, 0);
        return true;
    }
    enum role role = type == CLIENT_HELLO   ? ROLE_CLIENT
                     : type == SERVER_HELLO ? ROLE_SERVER
                                            : ROLE_UNKNOWN;
    if (role == ROLE_UNKNOWN || (half->role != ROLE_UNKNOWN && half->role != role) ||
        size < HELLO_MIN || size > HELLO_MAX) {
        return false;
    }
    /* Behind ChangeCipherSpec this may be ciphertext. A hello fills its record there, because what
     * follows it is under other keys. */
    if (half->ciphered && size + MESSAGE_HEADER < half->record_size) {
        return false;
    }
    half->role = (uint8_t)role;
    half->message = type;
    begin_body(half, size, size);
    return true;
}

/* A message behind the ServerHello. */
static void begin_answer(const struct work *work, uint8_t type, uint32_t size)
{
    if (type == HELLO_REQUEST || type == ENCRYPTED_EXTENSIONS || type == SUPPLEMENTAL_DATA) {
        begin_body(work->half, size, 0);
    } else if (type != CERTIFICATE || size < LEAF_HEADER - MESSAGE_HEADER) {
        server_done(work, (struct p2i_view){0});
    }
    /* CERTIFICATE: its header goes on. */
}

static void begin_leaf(const struct work *work)
{
    struct p2i_cursor cursor = p2i_cursor_of(p2i_view_of(work->half->header, LEAF_HEADER));
    p2i_skip(&cursor, 1);
    uint32_t left = p2i_be24(&cursor) - (LEAF_HEADER - MESSAGE_HEADER);
    p2i_skip(&cursor, 3);
    uint32_t leaf = p2i_be24(&cursor);
    leaf = leaf < left ? leaf : left;
    if (leaf == 0) {
        server_done(work, (struct p2i_view){0});
        return;
    }
    work->half->message = CERTIFICATE;
    begin_body(work->half, left, leaf);
}

/* Takes bytes of a message header. Returns how many. */
static uint32_t take_header(const struct work *work, struct p2i_view bytes, uint64_t at)
{
    struct half *half = work->half;
    if (half->header_size == 0 && half->record_left < half->record_size) {
        half->origin = *p2i_origin_at(work->piece, at); /* it does not begin with the record */
    }
    size_t size = half->header_size < MESSAGE_HEADER ? MESSAGE_HEADER : LEAF_HEADER;
    struct p2i_view part = p2i_view_first(bytes, size - half->header_size);
    memcpy(half->header + half->header_size, part.data, part.size);
    half->header_size = (uint8_t)(half->header_size + part.size);
    if (half->header_size < size) {
        return (uint32_t)part.size;
    }
    struct p2i_cursor cursor = p2i_cursor_of(p2i_view_of(half->header, MESSAGE_HEADER));
    uint8_t type = p2i_u8(&cursor);
    uint32_t length = p2i_be24(&cursor);
    if (size == LEAF_HEADER) {
        begin_leaf(work);
    } else if (half->role == ROLE_SERVER && half->hellos > 0) {
        begin_answer(work, type, length);
    } else if (!begin_hello(work, type, length)) {
        go_past_hellos(work);
    }
    return (uint32_t)part.size;
}

/* Takes bytes of a handshake record. Returns how many: more than there are where a message is
 * skipped. */
static uint32_t take_handshake(const struct work *work, uint64_t at)
{
    struct half *half = work->half;
    struct p2i_view bytes =
        p2i_view_first(p2i_view_from(work->piece->bytes, at), half->record_left);
    uint32_t taken;
    if (!half->in_message) {
        taken = take_header(work, bytes, at);
        half->record_left -= taken;
        return taken;
    }
    if (half->wanted > 0) {
        taken = take_message(work, bytes);
    } else {
        taken = half->message_left < half->record_left ? half->message_left : half->record_left;
    }
    half->record_left -= taken;
    half->message_left -= taken;
    half->in_message = half->message_left > 0;
    return taken;
}

/* Size of the header of an SSL 2.0 record, from at least SSL2_HEADER_MAX bytes; 0 when it can't be
 * one. In the three-byte form the third counts padding, which comes last and is not looked at. */
static size_t ssl2_header(struct p2i_view bytes, uint32_t *length)
{
    if (bytes.data[0] & 0x80) {
        *length = p2i_load_be16(bytes.data) & 0x7fff;
        return 2;
    }
    *length = p2i_load_be16(bytes.data);
    return bytes.data[0] < 0x40 && bytes.data[2] < *length ? 3 : 0;
}

/* A direction that begins with a hello in the form of SSL 2.0. Returns the size of its record's
 * header, 0 when it is something else. */
static size_t take_ssl2_header(const struct work *work, struct p2i_view bytes)
{
    struct half *half = work->half;
    uint32_t length = 0;
    size_t header = ssl2_header(bytes, &length);
    if (header == 0 || length < SSL2_HELLO_HEADER) {
        return 0;
    }
    bool answer = work->peer->role == ROLE_CLIENT && work->tls->ssl2;
    uint8_t type = bytes.data[header];
    if (type != (answer ? SSL2_SERVER_HELLO : SSL2_CLIENT_HELLO) - SSL2_HELLO) {
        return 0;
    }
    half->message = (uint16_t)(SSL2_HELLO + type);
    half->role = answer ? ROLE_SERVER : ROLE_CLIENT;
    half->record_size = half->record_left = length;
    begin_body(half, length, length);
    return header;
}

static bool is_record_header(const uint8_t *header)
{
    return header[0] >= CHANGE_CIPHER_SPEC && header[0] <= HEARTBEAT && header[1] == 3 &&
           p2i_load_be16(header + 3) <= RECORD_MAX;
}

/* Takes the header of a record, and all of a record that is no handshake. Returns how many bytes,
 * 0 when there are too few. */
static uint32_t take_record(const struct work *work, uint64_t at)
{
    struct half *half = work->half;
    struct p2i_view bytes = p2i_view_from(work->piece->bytes, at);
    if (bytes.size < RECORD_HEADER) {
        return 0;
    }
    if (!half->in_message && half->header_size == 0) {
        half->origin = *p2i_origin_at(work->piece, at);
    }
    if (is_record_header(bytes.data)) {
        uint32_t length = p2i_load_be16(bytes.data + 3);
        if (bytes.data[0] == HANDSHAKE) {
            half->record_size = half->record_left = length;
            return RECORD_HEADER;
        }
        other_record(work, bytes.data[0]);
        return RECORD_HEADER + length;
    }
    size_t header = half->role == ROLE_UNKNOWN ? take_ssl2_header(work, bytes) : 0;
    if (header == 0) {
        give_up(work);
    }
    return (uint32_t)header;
}

/* ---- Interface ---- */

/* Nothing more is read in this direction. A client is done when the server is, unless another hello
 * was asked for or is half here. */
static bool is_over(const struct tls *tls, unsigned direction)
{
    const struct half *half = &tls->half[direction];
    return half->done || (half->role == ROLE_CLIENT && tls->half[1 - direction].done &&
                          half->wanted == 0 && half->hellos > tls->retries);
}

static struct p2i_step tls_data(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct work work = work_of(parser, piece);
    struct half *half = work.half;
    uint64_t at = 0;
    while (!is_over(work.tls, piece->direction) && at < piece->bytes.size) {
        uint32_t taken = half->record_left > 0 ? take_handshake(&work, at) : take_record(&work, at);
        if (taken == 0) {
            break;
        }
        at += taken;
    }
    struct p2i_step step = {.consumed = at};
    if (is_over(work.tls, piece->direction)) {
        step.consumed = UINT64_MAX;
        step.verdict = is_over(work.tls, 1 - piece->direction) ? P2I_FINISHED : P2I_CONTINUE;
    } else if (half->record_left == 0) {
        step.need = RECORD_HEADER;
    }
    return step;
}

/* The message being read ends here: what is there of it counts. Whatever comes next begins with
 * the header of a record. */
static void cut_message(const struct work *work)
{
    struct half *half = work->half;
    if (half->in_message && half->wanted > 0) {
        message_here(work, p2i_view_of(half->gathered, half->gathered_size));
    }
    forget_message(work->parser, half);
    half->in_message = false;
    half->header_size = 0;
    half->record_left = 0;
}

static void tls_gap(struct p2i_parser *parser, const struct p2i_piece *piece, uint64_t missing)
{
    (void)missing;
    struct work work = work_of(parser, piece);
    cut_message(&work);
    if (work.half->role == ROLE_CLIENT) {
        return;
    }
    if (work.half->hellos > 0) {
        server_done(&work, (struct p2i_view){0});
    } else {
        p2i_tls_release_request(parser, &work.tls->pairing);
    }
}

static void tls_close(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct work work = work_of(parser, piece);
    cut_message(&work);
    if (work.half->role != ROLE_CLIENT) {
        server_done(&work, (struct p2i_view){0});
    } else if (work.peer->done) {
        p2i_tls_release_request(parser, &work.tls->pairing);
    }
    work.half->done = true;
}

static void tls_free(struct p2i_parser *parser)
{
    struct tls *tls = parser->state;
    p2i_tls_release(parser, &tls->pairing, (struct p2i_view){0});
    p2i_tls_pairing_free(parser, &tls->pairing);
    forget_message(parser, &tls->half[0]);
    forget_message(parser, &tls->half[1]);
}

/* A CLIENT-HELLO in the form of SSL 2.0, told by its lengths, which must add up. */
static enum p2i_match probe_ssl2(struct p2i_view bytes)
{
    if (bytes.size < SSL2_HEADER_MAX) {
        return bytes.data[0] & 0x80 || bytes.data[0] < 0x40 ? P2I_MATCH_MORE : P2I_MATCH_NO;
    }
    uint32_t length = 0;
    size_t header = ssl2_header(bytes, &length);
    struct p2i_cursor cursor = p2i_cursor_of(p2i_view_from(bytes, header));
    if (header == 0 || length < SSL2_HELLO_HEADER ||
        (cursor.rest.size > 0 && cursor.rest.data[0] != CLIENT_HELLO)) {
        return P2I_MATCH_NO;
    }
    p2i_skip(&cursor, 1);
    uint16_t version = p2i_be16(&cursor);
    if (!cursor.failed && version != 2 && version >> 8 != 3) {
        return P2I_MATCH_NO;
    }
    uint16_t specs = p2i_be16(&cursor);
    uint16_t session = p2i_be16(&cursor);
    uint16_t challenge = p2i_be16(&cursor);
    if (cursor.failed) {
        return P2I_MATCH_MORE;
    }
    size_t padding = header == SSL2_HEADER_MAX ? bytes.data[2] : 0;
    bool fits = specs > 0 && specs % 3 == 0 && (session == 0 || session == 16) && challenge >= 16 &&
                challenge <= 32 &&
                SSL2_HELLO_HEADER + (size_t)specs + session + challenge + padding == length;
    return fits ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* The bytes known so far of a record header are those of a handshake, or of an alert before it. */
static bool probe_prefix(struct p2i_view bytes)
{
    if (bytes.data[0] != HANDSHAKE && bytes.data[0] != ALERT) {
        return false;
    }
    return bytes.size < 2 || bytes.data[1] == 3;
}

static enum p2i_match tls_probe(const struct p2i_ends *ends, enum p2i_direction direction,
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
    if (!cursor.failed && record == ALERT) { /* one before the hello */
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
    if (record != HANDSHAKE || length == 0 || length > RECORD_MAX ||
        (message != CLIENT_HELLO && message != SERVER_HELLO)) {
        return P2I_MATCH_NO;
    }
    if (length < MESSAGE_HEADER) { /* the message goes on in other records */
        return P2I_MATCH_YES;
    }
    uint32_t size = p2i_be24(&cursor);
    if (cursor.failed) {
        return P2I_MATCH_MORE;
    }
    return size >= HELLO_MIN && size <= HELLO_MAX ? P2I_MATCH_YES : P2I_MATCH_NO;
}

const struct p2i_protocol p2i_tls = {
    .id = P2I_ID_TLS,
    .state_size = sizeof(struct tls),
    .over = {[P2I_OVER_TCP] = true},
    .probe = tls_probe,
    .data = tls_data,
    .gap = tls_gap,
    .close = tls_close,
    .free = tls_free,
};
