/* SPDX-License-Identifier: MIT */
/* QUIC (RFC 9000, 9001, 9369 and the drafts in use): emits the ClientHello of a connection's
 * first packets, whose keys any observer can derive. Everything behind it is encrypted, so the
 * parser ends with it. A copy may still complete a hello of which a packet, or the end of one,
 * is missing: such a hello is emitted, as cut, when the session ends. */
#include "protocol/im/zello.h"
#include "protocol/message.h"
#include "protocol/protocols.h"
#include "protocol/quic/crypto.h"
#include "protocol/quic/frames.h"
#include "protocol/quic/google.h"
#include "protocol/quic/stream.h"
#include "protocol/tls/hello.h"

#include <stdlib.h>

enum { HANDSHAKE_HEADER = 4, LENGTH_MASK = 0xffffff, CLIENT_HELLO = 1 };

/* Limit of the cost without progress in the hello: sixteen Initial packets, or a few hundred
 * datagrams without one. */
enum { PATIENCE = 256, COST_OF_INITIAL = 16, COST_OF_DATAGRAM = 1 };

/* Initial packets of a datagram that are tried without progress; senders put one or two into it. */
enum { FAILURES_MAX = 4 };

/* Connections whose keys are taken in a session: more than a Retry, a version negotiation and
 * another try need. */
enum { ADOPTIONS_MAX = 4 };

/* Servers discard Initial packets in smaller datagrams (RFC 9000 section 14.1). */
enum { DATAGRAM_MIN = 1200 };

struct quic {
    struct p2i_quic_stream *stream; /* while the hello is not complete */
    uint64_t next_number;           /* of the client's packets */
    struct p2i_quic_keys keys;
    uint32_t version; /* of the keys; 0: there are none */
    uint8_t cid_size; /* the keys come from this connection id */
    uint8_t cid[P2I_QUIC_CID_MAX];
    uint8_t adoptions;
    uint8_t client; /* enum p2i_direction, once there are keys or a stream */
    bool sure;      /* the keys have proved right */
    bool done;      /* the hello was read, or there is none */
    uint16_t spent; /* of PATIENCE */
};

/* The arguments of one call. */
struct work {
    struct p2i_parser *parser;
    struct quic *quic;
    const struct p2i_stream_segment *segment;
    struct p2i_quic_crypto *crypto; /* of the worker */
    struct p2i_quic_keys keys;      /* of the datagram's packets, once derived */
    uint32_t keys_version;          /* 0: they were not */
};

/* ---- the hello ---- */

/* True when the bytes can begin a hello. */
static bool begins_hello(struct p2i_view message)
{
    enum { BODY_MIN = 34, BODY_MAX = 128 << 10, MAJOR = 3 }; /* version and random at least */
    static const struct p2i_view google = {(const uint8_t *)"CHLO", 4};
    if (p2i_view_starts(google, p2i_view_first(message, google.size))) {
        return true;
    }
    struct p2i_cursor cursor = p2i_cursor_of(message);
    bool begins = p2i_u8(&cursor) == CLIENT_HELLO;
    uint32_t size = p2i_be24(&cursor);
    bool fits = cursor.failed || (size >= BODY_MIN && size <= BODY_MAX);
    uint8_t major = p2i_u8(&cursor);
    return begins && fits && (cursor.failed || major == MAJOR);
}

/* Size of a message whose header is there; SIZE_MAX: not known yet. */
static size_t size_of(struct p2i_view message)
{
    if (p2i_google_is_hello(message)) {
        return p2i_google_hello_size(message);
    }
    return HANDSHAKE_HEADER + (p2i_load_be32(message.data) & LENGTH_MASK);
}

static bool is_whole(struct p2i_view message)
{
    return message.size >= HANDSHAKE_HEADER && size_of(message) <= message.size;
}

static void emit(const struct p2i_parser *parser, enum p2i_direction client,
                 const struct p2i_packet_info *info, struct p2i_clickstream request,
                 enum p2i_completeness completeness)
{
    request.host_type = P2I_HOST_QUIC; /* also without a name */
    p2i_emit_part(parser, P2I_RECORD_CLICKSTREAM, client, info, &request, completeness);
    (void)p2i_zello_session(parser, client, info, request.host);
}

static void read_client_hello(const struct p2i_parser *parser, enum p2i_direction client,
                              struct p2i_view message, const struct p2i_packet_info *info,
                              enum p2i_completeness completeness)
{
    struct p2i_client_hello hello;
    size_t length = p2i_load_be32(message.data) & LENGTH_MASK;
    struct p2i_view body = p2i_view_first(p2i_view_from(message, HANDSHAKE_HEADER), length);
    if (p2i_client_hello_read(body, completeness == P2I_WHOLE, &hello)) {
        emit(parser, client, info,
             (struct p2i_clickstream){
                 .host = hello.host,
                 .cipher_suites = p2i_view_of(hello.suites, hello.suites_size),
                 .cipher_suites_length = hello.suites_length,
             },
             completeness);
    }
}

static void read_google_hello(const struct p2i_parser *parser, enum p2i_direction client,
                              struct p2i_view message, const struct p2i_packet_info *info,
                              enum p2i_completeness completeness)
{
    struct p2i_google_hello hello;
    if (p2i_google_hello_read(message, completeness == P2I_WHOLE, &hello)) {
        emit(parser, client, info,
             (struct p2i_clickstream){.host = hello.host, .user_agent = hello.user_agent},
             completeness);
    }
}

static enum p2i_completeness completeness_of(struct p2i_view message)
{
    size_t size = size_of(message);
    if (size <= message.size) {
        return P2I_WHOLE;
    }
    return size > P2I_QUIC_STREAM_MAX && size < SIZE_MAX ? P2I_LIMITED : P2I_CUT;
}

/* Emits the record of a hello, or of the captured part of it. */
static void read_hello(const struct p2i_parser *parser, enum p2i_direction client,
                       struct p2i_view message, const struct p2i_packet_info *info)
{
    if (message.size < HANDSHAKE_HEADER || !begins_hello(message)) {
        return;
    }
    enum p2i_completeness completeness = completeness_of(message);
    if (p2i_google_is_hello(message)) {
        read_google_hello(parser, client, message, info, completeness);
    } else {
        read_client_hello(parser, client, message, info, completeness);
    }
}

/* Takes a part of a hello. True: it brought new bytes. */
static bool take_part(struct work *work, const struct p2i_quic_part *part)
{
    struct quic *quic = work->quic;
    struct p2i_parser *parser = work->parser;
    if (quic->stream == NULL && part->offset == 0 && is_whole(part->bytes)) {
        read_hello(parser, work->segment->direction, part->bytes, work->segment->info);
        quic->done = true;
        return true;
    }
    if (!p2i_quic_stream_add(&quic->stream, parser->pool, parser->account, part->offset,
                             part->bytes, work->segment->info)) {
        return false;
    }
    struct p2i_view begin = p2i_quic_stream_begin(quic->stream);
    quic->client = (uint8_t)work->segment->direction;
    if (begin.size >= HANDSHAKE_HEADER && (!begins_hello(begin) || is_whole(begin))) {
        read_hello(parser, quic->client, begin, p2i_quic_stream_info(quic->stream));
        quic->done = true;
    }
    return true;
}

/* Takes the frames of a packet. True: they brought new bytes. */
static bool read_frames(struct work *work, struct p2i_view payload)
{
    struct p2i_quic_frames frames = {.rest = p2i_cursor_of(payload)};
    struct p2i_quic_part part;
    bool fresh = false;
    while (!work->quic->done && p2i_quic_next_part(&frames, &part)) {
        fresh |= take_part(work, &part);
    }
    return fresh;
}

/* ---- cut packets ---- */

/* The look of a payload that may have been decrypted with wrong keys. */
enum likeness {
    NOTHING_OF_IT,
    PART_OF_HELLO, /* its bytes are frames so far; so are one in a thousand others */
    BEGINS_HELLO,  /* certainly a hello */
};

static enum likeness judge(struct p2i_view payload)
{
    enum { SURE = HANDSHAKE_HEADER + 2 }; /* with the version */
    struct p2i_quic_frames frames = {.rest = p2i_cursor_of(payload)};
    struct p2i_quic_part part;
    enum likeness likeness = NOTHING_OF_IT;
    while (p2i_quic_next_part(&frames, &part)) {
        bool begins = part.offset == 0 && part.bytes.size > 0;
        if (part.offset > P2I_QUIC_STREAM_MAX || (begins && !begins_hello(part.bytes))) {
            return NOTHING_OF_IT;
        }
        bool sure = begins && part.bytes.size >= SURE;
        likeness = sure || likeness == BEGINS_HELLO ? BEGINS_HELLO : PART_OF_HELLO;
    }
    return frames.stopped ? NOTHING_OF_IT : likeness;
}

/* ---- packets ---- */

/* Takes new keys. A client packet that the keys of the connection do not open was sent after a
 * Retry or a version negotiation, or begins another connection; each of these begins the hello
 * again. */
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
    quic->adoptions++;
    quic->client = (uint8_t)work->segment->direction;
    quic->sure = false;
}

static bool has_keys_of(const struct quic *quic, const struct p2i_quic_packet *packet)
{
    return quic->version == packet->version &&
           p2i_view_equals(p2i_view_of(quic->cid, quic->cid_size), packet->destination);
}

/* Derives the keys of a packet, or takes those of an earlier packet in its datagram, which all have
 * the same connection id. False: they cannot be derived, or too many were taken. */
static bool derive_keys(struct work *work, const struct p2i_quic_packet *packet,
                        struct p2i_quic_keys *keys)
{
    if (work->quic->adoptions == ADOPTIONS_MAX) {
        return false;
    }
    if (work->keys_version != packet->version) {
        if (!p2i_quic_client_keys(work->crypto, packet->family, packet->destination, &work->keys)) {
            return false;
        }
        work->keys_version = packet->version;
    }
    *keys = work->keys;
    return true;
}

/* Opens a packet with the keys of the connection (they stay when the client changes to the
 * connection id that the server has chosen: RFC 9000 7.2), else with those derived from the
 * packet. */
static bool open_whole(struct work *work, const struct p2i_quic_packet *packet, uint8_t *room,
                       struct p2i_quic_opened *opened)
{
    struct quic *quic = work->quic;
    struct p2i_quic_keys keys;
    bool known = quic->version == packet->version;
    if (known &&
        p2i_quic_open(work->crypto, &quic->keys, packet, quic->next_number, room, opened)) {
        quic->sure = true;
        return true;
    }
    if (has_keys_of(quic, packet) || !derive_keys(work, packet, &keys) ||
        !p2i_quic_open(work->crypto, &keys, packet, 0, room, opened)) {
        return false;
    }
    adopt(work, packet, &keys);
    quic->sure = true;
    return true;
}

/* Opens a packet that the snaplen cut. Nearly any keys do, because its tag is missing. It is
 * accepted with the keys derived from its own connection id if the result is frames of a hello.
 * New keys are certain only with the beginning of a hello; until then the first possible ones
 * are tried. */
static bool open_cut(struct work *work, const struct p2i_quic_packet *packet, uint8_t *room,
                     struct p2i_quic_opened *opened)
{
    struct quic *quic = work->quic;
    struct p2i_quic_keys keys = quic->keys;
    bool known = has_keys_of(quic, packet);
    if (!known && p2i_quic_stream_info(quic->stream) != NULL) {
        return false; /* a hello in progress is not given up for an uncertain one */
    }
    if ((!known && !derive_keys(work, packet, &keys)) ||
        !p2i_quic_open(work->crypto, &keys, packet, known ? quic->next_number : 0, room, opened)) {
        return false;
    }
    enum likeness likeness = judge(opened->payload);
    if (likeness == NOTHING_OF_IT || (!known && quic->version != 0 && likeness != BEGINS_HELLO)) {
        return false;
    }
    if (!known) {
        adopt(work, packet, &keys);
    }
    quic->sure = quic->sure || likeness == BEGINS_HELLO;
    return true;
}

/* Reads an Initial packet. True: it brought new bytes. */
static bool read_initial(struct work *work, const struct p2i_quic_packet *packet)
{
    struct p2i_parser *parser = work->parser;
    struct quic *quic = work->quic;
    struct p2i_quic_opened opened;
    bool fresh = false;
    if (packet->cut && work->segment->missing == 0) {
        return false; /* its length is wrong: no receiver takes it */
    }
    uint8_t *room = p2i_pool_get(parser->pool, parser->account, packet->bytes.size, NULL);
    if (room != NULL && (packet->cut ? open_cut(work, packet, room, &opened)
                                     : open_whole(work, packet, room, &opened))) {
        fresh = read_frames(work, opened.payload);
        if (quic->sure && opened.number >= quic->next_number) {
            quic->next_number = opened.number + 1;
        }
    }
    p2i_pool_put(parser->pool, parser->account, room, packet->bytes.size);
    if (work->crypto->failed) {
        p2i_pool_note_refusal(parser->pool);
    }
    return fresh;
}

/* Reads a packet with a hello of Google's, which must fit into the packet: only the snaplen cuts
 * it. */
static void read_google_packet(struct work *work, struct p2i_view datagram)
{
    struct p2i_view message = p2i_google_stream(datagram);
    if (p2i_google_is_hello(message)) {
        bool cut = work->segment->missing > 0 && p2i_google_hello_size(message) > message.size;
        read_google_hello(work->parser, work->segment->direction, message, work->segment->info,
                          cut ? P2I_CUT : P2I_WHOLE);
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

/* Reads the Initial packets of a datagram; returns their cost. */
static unsigned read_packets(struct work *work)
{
    struct quic *quic = work->quic;
    const struct p2i_stream_segment *segment = work->segment;
    struct p2i_view rest = segment->bytes;
    struct p2i_quic_packet packet;
    struct p2i_view destination = {0}; /* of the first packet */
    unsigned failures = 0;
    bool any = false;
    while (!quic->done && failures < FAILURES_MAX && p2i_quic_packet_next(&rest, &packet)) {
        bool of_server = quic->sure && segment->direction != quic->client;
        destination = destination.data == NULL ? packet.destination : destination;
        if (packet.type == P2I_QUIC_INITIAL && !of_server &&
            p2i_view_equals(packet.destination, destination)) {
            bool fresh = read_initial(work, &packet);
            any = any || fresh;
            failures += !fresh;
        }
    }
    return failures > 0 ? failures * COST_OF_INITIAL : any ? 0 : COST_OF_DATAGRAM;
}

static enum p2i_verdict on_datagram(struct p2i_parser *parser,
                                    const struct p2i_stream_segment *segment)
{
    struct work work = {
        .parser = parser, .quic = parser->state, .segment = segment, .crypto = parser->shared};
    struct quic *quic = work.quic;
    unsigned cost = COST_OF_DATAGRAM;
    if (p2i_google_is_packet(segment->bytes)) {
        read_google_packet(&work, segment->bytes);
    } else if (segment->bytes.size + segment->missing >= DATAGRAM_MIN) {
        cost = read_packets(&work);
    }
    quic->spent = (uint16_t)(quic->spent + cost);
    return quic->done || quic->spent >= PATIENCE ? P2I_FINISHED : P2I_CONTINUE;
}

/* Emits an incomplete hello: the part before the first hole. */
static void on_free(struct p2i_parser *parser)
{
    struct quic *quic = parser->state;
    if (!quic->done) {
        read_hello(parser, quic->client, p2i_quic_stream_begin(quic->stream),
                   p2i_quic_stream_info(quic->stream));
    }
    p2i_quic_stream_free(&quic->stream, parser->pool, parser->account);
}

static void *open_crypto(const struct p2i_parse_settings *settings)
{
    (void)settings;
    return calloc(1, sizeof(struct p2i_quic_crypto));
}

static void close_crypto(void *crypto)
{
    p2i_quic_crypto_free(crypto);
    free(crypto);
}

static const struct p2i_protocol_family family = {open_crypto, close_crypto};

const struct p2i_protocol p2i_quic = {
    .id = P2I_ID_QUIC,
    .state_size = sizeof(struct quic),
    .over = {[P2I_OVER_UDP] = true},
    .probe = probe,
    .datagram = on_datagram,
    .free = on_free,
    .family = &family,
};
