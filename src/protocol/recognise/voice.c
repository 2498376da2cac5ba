/* SPDX-License-Identifier: MIT */
/* Recognises media over datagrams: STUN, DTLS, RTP, RTCP. */
#include "protocol/recognise/recognise.h"

#include "pcap2ipfix/cursor.h"

/* ---- STUN and TURN ---- */

enum {
    STUN_HEADER_SIZE = 20,
    STUN_PORT = 3478,
    STUN_OTHER_PORT = 3479, /* servers answer from it so that clients can classify their NAT */
};

/* RFC 8489 section 5: two zero bits, the method, a length in words, the cookie. */
static enum p2i_match match_stun(struct p2i_view bytes)
{
    static const uint8_t cookie[] = {0x21, 0x12, 0xa4, 0x42};
    struct p2i_view begun = p2i_view_first(p2i_view_from(bytes, 4), sizeof cookie);
    bool begins = bytes.size == 0 || bytes.data[0] <= 1;
    bool words = bytes.size < 4 || (bytes.data[3] & 3) == 0;
    if (!begins || !words || !p2i_view_equals(begun, p2i_view_of(cookie, begun.size))) {
        return P2I_MATCH_NO;
    }
    return begun.size < sizeof cookie ? P2I_MATCH_MORE : P2I_MATCH_YES;
}

/* RFC 3489 section 11: there is no cookie, so the attributes must fit. */
static bool is_classic_stun(struct p2i_view bytes)
{
    struct p2i_cursor at = p2i_cursor_of(bytes);
    uint16_t type = p2i_be16(&at);
    uint16_t method = type & 0xf;
    if ((type & 0xfee0) != 0 || method < 1 || method > 2 ||
        p2i_be16(&at) + (size_t)STUN_HEADER_SIZE != bytes.size) {
        return false;
    }
    p2i_skip(&at, STUN_HEADER_SIZE - 4);
    while (!at.failed && at.rest.size > 0) {
        p2i_skip(&at, 2);
        p2i_skip(&at, p2i_be16(&at));
    }
    return !at.failed;
}

static enum p2i_match probe_stun(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    if (bytes.size == 0 || bytes.data[0] > 1) {
        return P2I_MATCH_NO;
    }
    enum p2i_match match = match_stun(bytes);
    if (ends->transport == P2I_OVER_TCP) {
        /* Between peers over TCP the length precedes each message (RFC 4571). */
        enum p2i_match framed = match_stun(p2i_view_from(bytes, 2));
        return match > framed ? match : framed;
    }
    bool whole = match == P2I_MATCH_YES && bytes.size >= STUN_HEADER_SIZE &&
                 /* A message may be longer than its bytes: the snaplen may have cut it. */
                 p2i_load_be16(bytes.data + 2) + (size_t)STUN_HEADER_SIZE >= bytes.size;
    bool on_port = p2i_ends_use(ends, STUN_PORT) || p2i_ends_use(ends, STUN_OTHER_PORT);
    bool classic = on_port && is_classic_stun(bytes);
    return whole || classic ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* ---- DTLS ---- */

enum {
    DTLS_HANDSHAKE = 22,
    DTLS_VERSION_1_0 = 0xfeff,
    DTLS_VERSION_1_2 = 0xfefd, /* also that of 1.3 (RFC 9147 section 5.3) */
    DTLS_VERSION_BAD = 0x0100, /* of programs older than RFC 4347 */
};

struct dtls_record {
    uint8_t type;
    uint16_t version;
    uint16_t epoch;
    uint16_t length;
};

/* RFC 6347 section 4.1 */
static struct dtls_record read_dtls_record(struct p2i_cursor *at)
{
    struct dtls_record record = {.type = p2i_u8(at)};
    record.version = p2i_be16(at);
    record.epoch = p2i_be16(at);
    p2i_skip(at, 6);
    record.length = p2i_be16(at);
    return record;
}

/* A ClientHello, ServerHello or HelloVerifyRequest (RFC 6347 section 4.2.2), or its first
 * fragment. */
static bool is_dtls_hello(const struct dtls_record *record, struct p2i_cursor at)
{
    enum { MESSAGE_HEADER_SIZE = 12, CLIENT_HELLO = 1, HELLO_VERIFY_REQUEST = 3 };
    uint8_t type = p2i_u8(&at);
    uint32_t size = p2i_be24(&at);
    p2i_skip(&at, 2);
    uint32_t fragment_at = p2i_be24(&at);
    uint32_t fragment_size = p2i_be24(&at);
    return !at.failed && record->type == DTLS_HANDSHAKE && record->epoch == 0 &&
           type >= CLIENT_HELLO && type <= HELLO_VERIFY_REQUEST && fragment_size > 0 &&
           fragment_at + fragment_size <= size &&
           MESSAGE_HEADER_SIZE + fragment_size <= record->length;
}

/* Returns true if DTLS records fill the datagram. */
static bool is_dtls_chain(struct p2i_view bytes)
{
    enum { CHANGE_CIPHER_SPEC = 20, HEARTBEAT = 24 };
    struct p2i_cursor at = p2i_cursor_of(bytes);
    while (!at.failed && at.rest.size > 0) {
        struct dtls_record record = read_dtls_record(&at);
        if (record.type < CHANGE_CIPHER_SPEC || record.type > HEARTBEAT || record.length == 0 ||
            (record.version != DTLS_VERSION_1_0 && record.version != DTLS_VERSION_1_2)) {
            return false;
        }
        p2i_skip(&at, record.length);
    }
    return !at.failed;
}

static enum p2i_match probe_dtls(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    if (bytes.size < 3 || (bytes.data[1] != 0xfe && bytes.data[1] != 0x01)) {
        return P2I_MATCH_NO;
    }
    struct p2i_cursor at = p2i_cursor_of(bytes);
    struct dtls_record record = read_dtls_record(&at);
    bool known = record.version == DTLS_VERSION_1_0 || record.version == DTLS_VERSION_1_2 ||
                 record.version == DTLS_VERSION_BAD;
    bool is_dtls = known && !at.failed && (is_dtls_hello(&record, at) || is_dtls_chain(bytes));
    return is_dtls ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* ---- RTP and RTCP ---- */

/* Size of the control packet that begins here (RFC 3550 sections 6.4 to 6.7, RFC 4585 section 6.1,
 * RFC 3611 section 2); 0: there is none. */
static size_t rtcp_packet_size(struct p2i_view bytes)
{
    enum { SENDER_REPORT = 200, PACKET_TYPES = 8 };
    static const uint8_t least[PACKET_TYPES] = {28, 8, 4, 4, 12, 12, 12, 8};
    static const uint8_t each[PACKET_TYPES] = {24, 24, 8, 4, 0, 0, 0, 0};
    if (bytes.size < 4 || (bytes.data[0] & 0xc0) != 0x80 || bytes.data[1] < SENDER_REPORT ||
        bytes.data[1] >= SENDER_REPORT + PACKET_TYPES) {
        return 0;
    }
    size_t type = (size_t)bytes.data[1] - SENDER_REPORT;
    size_t count = bytes.data[0] & 0x1f;
    size_t size = 4 * (1 + (size_t)p2i_load_be16(bytes.data + 2));
    return size >= least[type] + count * each[type] ? size : 0;
}

/* Returns true if control packets fill the datagram. */
static bool is_rtcp(struct p2i_view bytes)
{
    enum { SMALLEST = 8 };
    if (bytes.size < SMALLEST) {
        return false;
    }
    while (bytes.size > 0) {
        size_t size = rtcp_packet_size(bytes);
        if (size == 0 || size > bytes.size) {
            return false;
        }
        bytes = p2i_view_from(bytes, size);
    }
    return true;
}

/* RFC 3550 section 5.1, without contributing sources: mixers are too rare to accept the weaker
 * sign. Payload types are those of RFC 3551 section 6 without those that RFC 5761 section 4 leaves
 * to RTCP. */
static bool has_rtp_header(struct p2i_view bytes)
{
    enum { HEADER_SIZE = 12, EXTENSION_BIT = 0x10 };
    if (bytes.size <= HEADER_SIZE || (bytes.data[0] & 0xcf) != 0x80) {
        return false;
    }
    unsigned type = bytes.data[1] & 0x7f;
    bool assigned = type <= 18 || (type >= 25 && type <= 34) || type >= 96;
    struct p2i_cursor at = p2i_cursor_of(p2i_view_from(bytes, HEADER_SIZE));
    if ((bytes.data[0] & EXTENSION_BIT) != 0) {
        p2i_skip(&at, 2);
        p2i_skip(&at, 4 * (size_t)p2i_be16(&at));
    }
    return assigned && !at.failed && p2i_load_be32(bytes.data + 8) != 0;
}

/* Certain with two datagrams: the same source, and the next sequence number or one shortly after.
 * The note holds source and number. */
static enum p2i_match probe_rtp(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    enum { NEAR = 8 };
    (void)ends;
    (void)direction;
    if (bytes.size < 8 || (bytes.data[0] & 0xc0) != 0x80) {
        return P2I_MATCH_NO;
    }
    bool noted = *note >> 56 == P2I_ID_RTP;
    uint32_t noted_source = (uint32_t)(*note >> 16);
    uint16_t noted_number = (uint16_t)*note;
    if (noted && is_rtcp(bytes)) {
        return P2I_MATCH_YES; /* RTP and RTCP on one port (RFC 5761) */
    }
    if (!has_rtp_header(bytes)) {
        return P2I_MATCH_NO;
    }
    uint16_t number = p2i_load_be16(bytes.data + 2);
    uint32_t source = p2i_load_be32(bytes.data + 8);
    *note = (uint64_t)P2I_ID_RTP << 56 | (uint64_t)source << 16 | number;
    uint16_t step = (uint16_t)(number - noted_number);
    return noted && source == noted_source && step >= 1 && step <= NEAR ? P2I_MATCH_YES
                                                                        : P2I_MATCH_NO;
}

static enum p2i_match probe_rtcp(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    (void)ends;
    (void)direction;
    (void)note;
    return is_rtcp(bytes) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

const struct p2i_recogniser p2i_recognise_voice[] = {
    {P2I_ID_STUN, {[P2I_OVER_UDP] = 20, [P2I_OVER_TCP] = 1}, false, probe_stun},
    {P2I_ID_DTLS, {[P2I_OVER_UDP] = 14}, false, probe_dtls},
    {P2I_ID_RTP,
     {[P2I_OVER_UDP] = 8},
     true,
     probe_rtp}, /* before RTCP, because it recognises both */
    {P2I_ID_RTCP, {[P2I_OVER_UDP] = 8}, true, probe_rtcp},
    {0},
};
