/* SPDX-License-Identifier: MIT */
/* QUIC (RFC 9000, 9001, 9369 and the drafts in use): the ClientHello in a connection's first
 * packets, which are protected by keys that everybody can derive. Nothing behind it can be read, so
 * that the parser ends with it. */
#include "protocol/message.h"
#include "protocol/protocols.h"
#include "protocol/quic_crypto.h"
#include "protocol/quic_google.h"
#include "protocol/quic_stream.h"
#include "protocol/tls_hello.h"
#include "protocol/zello.h"

enum { HANDSHAKE_HEADER = 4, LENGTH_MASK = 0xffffff, CLIENT_HELLO = 1 };

/* What may be spent on a connection without getting on with its hello: sixteen Initial packets, or
 * a few hundred datagrams that have none. */
enum { PATIENCE = 256, COST_OF_INITIAL = 16, COST_OF_DATAGRAM = 1 };

struct quic {
    struct p2i_quic_stream *stream; /* while the hello is not complete */
    uint64_t next_number;           /* of the client's packets */
    struct p2i_quic_keys keys;
    uint32_t version; /* that the keys are for; 0: there are none */
    uint8_t cid_size; /* connection id that the keys come from */
    uint8_t cid[P2I_QUIC_CID_MAX];
    uint8_t client; /* enum p2i_direction, once there are keys or a stream */
    bool done;      /* the hello has been read, or there is none */
    uint16_t spent; /* of PATIENCE */
};

/* What a call is about. */
struct work {
    struct p2i_parser *parser;
    struct quic *quic;
    const struct p2i_piece *piece;
    struct p2i_quic_crypto crypto;
};

/* ---- The hello ---- */

/* Can this be the beginning of a hello? */
static bool begins_hello(struct p2i_view message)
{
    return message.data[0] == CLIENT_HELLO || p2i_google_is_hello(message);
}

static bool is_whole(struct p2i_view message)
{
    if (message.size < HANDSHAKE_HEADER) {
        return false;
    }
    if (p2i_google_is_hello(message)) {
        return p2i_google_hello_size(message) <= message.size;
    }
    return HANDSHAKE_HEADER + (p2i_load_be32(message.data) & LENGTH_MASK) <= message.size;
}

static void emit(const struct p2i_parser *parser, enum p2i_direction client,
                 const struct p2i_origin *origin, struct p2i_clickstream request)
{
    request.host_type = P2I_HOST_QUIC; /* with and without a name */
    p2i_emit(parser, P2I_RECORD_CLICKSTREAM, client, origin, &request);
    (void)p2i_zello_session(parser, client, origin, request.host);
}

static void read_client_hello(const struct p2i_parser *parser, enum p2i_direction client,
                              struct p2i_view message, const struct p2i_origin *origin)
{
    struct p2i_client_hello hello;
    size_t length = p2i_load_be32(message.data) & LENGTH_MASK;
    struct p2i_view body = p2i_view_first(p2i_view_from(message, HANDSHAKE_HEADER), length);
    if (p2i_client_hello_read(body, length == body.size, &hello)) {
        emit(parser, client, origin,
             (struct p2i_clickstream){
                 .host = hello.host,
                 .cipher_suites = p2i_view_of(hello.suites, hello.suites_size),
                 .cipher_suites_length = hello.suites_length,
             });
    }
}

static void read_google_hello(const struct p2i_parser *parser, enum p2i_direction client,
                              struct p2i_view message, const struct p2i_origin *origin)
{
    struct p2i_google_hello hello;
    if (p2i_google_hello_read(message, &hello)) {
        emit(parser, client, origin,
             (struct p2i_clickstream){.host = hello.host, .user_agent = hello.user_agent});
    }
}

/* Emits the record of a hello, or of what there is of it. */
static void read_hello(const struct p2i_parser *parser, enum p2i_direction client,
                       struct p2i_view message, const struct p2i_origin *origin)
{
    if (message.size < HANDSHAKE_HEADER) {
        return;
    }
    if (p2i_google_is_hello(message)) {
        read_google_hello(parser, client, message, origin);
    } else if (message.data[0] == CLIENT_HELLO) {
        read_client_hello(parser, client, message, origin);
    }
}

/* A CRYPTO frame. True when it brought something new. */
static bool take_crypto(struct work *work, uint64_t offset, struct p2i_view bytes)
{
    struct quic *quic = work->quic;
    struct p2i_parser *parser = work->parser;
    if (quic->stream == NULL && offset == 0 && is_whole(bytes)) {
        read_hello(parser, work->piece->direction, bytes, work->piece->origin);
        quic->done = true;
        return true;
    }
    if (!p2i_quic_stream_add(&quic->stream, parser->pool, parser->account, offset, bytes,
                             work->piece->origin)) {
        return false;
    }
    struct p2i_view begin = p2i_quic_stream_begin(quic->stream);
    quic->client = (uint8_t)work->piece->direction;
    if (begin.size >= HANDSHAKE_HEADER && (!begins_hello(begin) || is_whole(begin))) {
        read_hello(parser, quic->client, begin, p2i_quic_stream_origin(quic->stream));
        quic->done = true;
    }
    return true;
}

/* ---- Frames (RFC 9000 12.4, 19) ---- */

static void skip_ack(struct p2i_cursor *cursor, bool ecn)
{
    (void)p2i_quic_varint(cursor); /* largest */
    (void)p2i_quic_varint(cursor); /* delay */
    uint64_t ranges = p2i_quic_varint(cursor);
    (void)p2i_quic_varint(cursor); /* first range */
    for (; ranges > 0 && !cursor->failed; ranges--) {
        (void)p2i_quic_varint(cursor);
        (void)p2i_quic_varint(cursor);
    }
    for (unsigned counts = ecn ? 3 : 0; counts > 0; counts--) {
        (void)p2i_quic_varint(cursor);
    }
}

/* The last packet of a client's datagram is mostly this (RFC 9000 14.1). */
static void skip_padding(struct p2i_cursor *cursor)
{
    while (cursor->rest.size >= sizeof(uint64_t) && p2i_load_be64(cursor->rest.data) == 0) {
        p2i_skip(cursor, sizeof(uint64_t));
    }
}

/* True when the frame brought something new. */
static bool read_crypto(struct work *work, struct p2i_cursor *cursor)
{
    uint64_t offset = p2i_quic_varint(cursor);
    size_t size = p2i_quic_length(cursor);
    if (cursor->failed) {
        return false;
    }
    struct p2i_view bytes = p2i_view_first(cursor->rest, size); /* less if the datagram is cut */
    bool fresh = take_crypto(work, offset, bytes);
    p2i_skip(cursor, size);
    return fresh;
}

/* True when the frames brought something new. */
static bool read_frames(struct work *work, struct p2i_view payload)
{
    enum { PADDING = 0, PING = 1, ACK = 2, ACK_ECN = 3, CRYPTO = 6, GOOGLE_CRYPTO = 8 };
    bool fresh = false;
    struct p2i_cursor cursor = p2i_cursor_of(payload);
    while (!cursor.failed && cursor.rest.size > 0 && !work->quic->done) {
        uint8_t type = p2i_u8(&cursor);
        switch (type) {
        case PADDING:
            skip_padding(&cursor);
            break;
        case PING:
            break;
        case ACK:
        case ACK_ECN:
            skip_ack(&cursor, type == ACK_ECN);
            break;
        case CRYPTO:
        case GOOGLE_CRYPTO:
            fresh |= read_crypto(work, &cursor);
            break;
        default: /* CONNECTION_CLOSE, or no frame of an Initial */
            return fresh;
        }
    }
    return fresh;
}

/* ---- Packets ---- */

static struct p2i_view key_cid(const struct quic *quic)
{
    return p2i_view_of(quic->cid, quic->cid_size);
}

/* A packet of the client's that the connection's keys do not open has been sent after a Retry or a
 * version negotiation, or begins another connection; each begins the hello again. */
static void adopt(struct work *work, const struct p2i_quic_packet *packet,
                  const struct p2i_quic_keys *keys)
{
    struct quic *quic = work->quic;
    p2i_quic_stream_free(&quic->stream, work->parser->pool, work->parser->account);
    quic->keys = *keys;
    quic->version = packet->version;
    quic->cid_size = (uint8_t)packet->destination.size;
    if (packet->destination.size > 0) {
        memcpy(quic->cid, packet->destination.data, packet->destination.size);
    }
    quic->next_number = 0;
    quic->client = (uint8_t)work->piece->direction;
}

/* Opens a packet by the keys of the connection (they stay when the client changes to the connection
 * id that the server has chosen: RFC 9000 7.2), else by those that follow from the packet. */
static bool open_packet(struct work *work, const struct p2i_quic_packet *packet, uint8_t *room,
                        struct p2i_quic_opened *opened)
{
    struct quic *quic = work->quic;
    struct p2i_quic_keys keys;
    bool known = quic->version == packet->version;
    if (known &&
        p2i_quic_open(&work->crypto, &quic->keys, packet, quic->next_number, room, opened)) {
        return true;
    }
    /* Nearly any keys open a packet that is cut. */
    bool hopeless = known && (packet->cut || p2i_view_equals(key_cid(quic), packet->destination));
    if (hopeless ||
        !p2i_quic_client_keys(&work->crypto, packet->family, packet->destination, &keys) ||
        !p2i_quic_open(&work->crypto, &keys, packet, 0, room, opened)) {
        return false;
    }
    adopt(work, packet, &keys);
    return true;
}

/* True when it brought something new. */
static bool read_initial(struct work *work, const struct p2i_quic_packet *packet)
{
    struct p2i_parser *parser = work->parser;
    struct quic *quic = work->quic;
    struct p2i_quic_opened opened;
    bool fresh = false;
    bool had_keys = quic->version != 0;
    uint8_t *room = p2i_pool_get(parser->pool, parser->account, packet->bytes.size, NULL);
    if (room != NULL && open_packet(work, packet, room, &opened)) {
        fresh = read_frames(work, opened.payload);
        if (!packet->cut && opened.number >= quic->next_number) {
            quic->next_number = opened.number + 1;
        } else if (packet->cut && !fresh && !had_keys) {
            quic->version = 0; /* who knows whether these are the keys */
        }
    }
    p2i_pool_put(parser->pool, parser->account, room, packet->bytes.size);
    return fresh;
}

static void read_google_packet(struct work *work, struct p2i_view datagram)
{
    struct p2i_view message = p2i_google_stream(datagram);
    if (p2i_google_is_hello(message)) {
        read_google_hello(work->parser, work->piece->direction, message, work->piece->origin);
        work->quic->done = true;
    }
}

static enum p2i_match probe(const struct p2i_ends *ends, enum p2i_direction direction,
                            struct p2i_view bytes)
{
    (void)ends;
    (void)direction;
    return p2i_quic_is_long(bytes) || p2i_google_is_packet(bytes) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

static enum p2i_verdict on_datagram(struct p2i_parser *parser, const struct p2i_piece *piece)
{
    struct work work = {.parser = parser, .quic = parser->state, .piece = piece};
    struct quic *quic = work.quic;
    struct p2i_view rest = piece->bytes;
    struct p2i_quic_packet packet;
    unsigned cost = COST_OF_DATAGRAM;
    if (p2i_google_is_packet(rest)) {
        read_google_packet(&work, rest);
    }
    while (!quic->done && p2i_quic_packet_next(&rest, &packet)) {
        bool of_server = quic->version != 0 && piece->direction != quic->client;
        if (packet.type == P2I_QUIC_INITIAL && !of_server) {
            cost = read_initial(&work, &packet) ? 0 : COST_OF_INITIAL;
        }
    }
    p2i_quic_crypto_free(&work.crypto);
    quic->spent = (uint16_t)(quic->spent + cost);
    return quic->done || quic->spent >= PATIENCE ? P2I_FINISHED : P2I_CONTINUE;
}

/* Emits what there is of a hello whose end was not captured. */
static void on_free(struct p2i_parser *parser)
{
    struct quic *quic = parser->state;
    if (!quic->done) {
        read_hello(parser, quic->client, p2i_quic_stream_begin(quic->stream),
                   p2i_quic_stream_origin(quic->stream));
    }
    p2i_quic_stream_free(&quic->stream, parser->pool, parser->account);
}

const struct p2i_protocol p2i_quic = {
    .id = P2I_ID_QUIC,
    .state_size = sizeof(struct quic),
    .over = {[P2I_OVER_UDP] = true},
    .probe = probe,
    .datagram = on_datagram,
    .free = on_free,
};
