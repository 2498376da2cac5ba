/* SPDX-License-Identifier: MIT */
/* Recognises tunnels: virtual private networks and mobile networks. */
#include "pcap2ipfix/cursor.h"
#include "protocol/recognise/recognise.h"

/* ---- OpenVPN ---- */

/* The first packet of either side: opcode and key 0, session id, and then one of
 * - acknowledgements, message id 0;
 * - a hash, packet id and time, then the same (--tls-auth);
 * - packet id, time, a hash, and encrypted bytes (--tls-crypt, which a client's own key may
 *   follow). */
enum {
    OPENVPN_CLIENT_RESET_2 = 7 << 3,
    OPENVPN_SERVER_RESET_2 = 8 << 3,
    OPENVPN_CLIENT_RESET_3 = 10 << 3,
    OPENVPN_HEAD_SIZE = 9,
    OPENVPN_REPLAY_SIZE = 8,
};

/* The first packet's id, whose upper byte may have the client's abilities, and a time between 2001
 * and 2038. */
static bool is_openvpn_replay(struct p2i_cursor at)
{
    uint32_t number = p2i_be32(&at);
    uint32_t time = p2i_be32(&at);
    return !at.failed && (number == 1 || number == 0x0f000001) && time >= 0x3a000000 &&
           time < 0x80000000;
}

/* The content of a message that is not encrypted: the client has acknowledged nothing, the server
 * one message; then message id 0. */
static bool is_openvpn_plain(struct p2i_view rest, uint8_t opcode)
{
    struct p2i_cursor at = p2i_cursor_of(rest);
    uint8_t acknowledged = p2i_u8(&at);
    if (opcode == OPENVPN_SERVER_RESET_2) {
        p2i_skip(&at, acknowledged == 1 ? 12 : SIZE_MAX);
    } else if (acknowledged != 0) {
        return false;
    }
    return p2i_be32(&at) == 0 && !at.failed;
}

static bool is_openvpn_reset(struct p2i_view packet)
{
    static const uint8_t hashes[] = {16, 20, 28, 32, 48, 64};
    enum { CRYPT_HASH_SIZE = 32, CLIENT_KEY_SIZE_MIN = 256, CLIENT_KEY_SIZE_MAX = 1024 };
    if (packet.size <= OPENVPN_HEAD_SIZE) {
        return false;
    }
    uint8_t opcode = packet.data[0];
    struct p2i_view rest = p2i_view_from(packet, OPENVPN_HEAD_SIZE);
    size_t plain_size = opcode == OPENVPN_SERVER_RESET_2 ? 17 : 5;
    size_t crypt_size = OPENVPN_REPLAY_SIZE + CRYPT_HASH_SIZE + plain_size;
    if (opcode != OPENVPN_CLIENT_RESET_2 && opcode != OPENVPN_SERVER_RESET_2 &&
        opcode != OPENVPN_CLIENT_RESET_3) {
        return false;
    }
    if (opcode == OPENVPN_CLIENT_RESET_3) {
        return rest.size >= crypt_size + CLIENT_KEY_SIZE_MIN &&
               rest.size <= crypt_size + CLIENT_KEY_SIZE_MAX &&
               is_openvpn_replay(p2i_cursor_of(rest));
    }
    if (rest.size == plain_size) {
        return is_openvpn_plain(rest, opcode);
    }
    if (rest.size == crypt_size && is_openvpn_replay(p2i_cursor_of(rest))) {
        return true;
    }
    for (size_t i = 0; i < sizeof hashes; i++) {
        struct p2i_view replay = p2i_view_from(rest, hashes[i]);
        if (replay.size == OPENVPN_REPLAY_SIZE + plain_size) {
            return is_openvpn_replay(p2i_cursor_of(replay)) &&
                   is_openvpn_plain(p2i_view_from(replay, OPENVPN_REPLAY_SIZE), opcode);
        }
    }
    return false;
}

/* Over TCP the size precedes each packet. */
static enum p2i_match probe_openvpn(const struct p2i_ends *ends, enum p2i_direction direction,
                                    struct p2i_view bytes, uint64_t *note)
{
    (void)direction;
    (void)note;
    if (ends->transport == P2I_OVER_TCP) {
        if (bytes.size < 2 || bytes.data[0] != 0) {
            return P2I_MATCH_NO;
        }
        size_t size = p2i_load_be16(bytes.data);
        bytes = p2i_view_from(bytes, 2);
        if (bytes.size < size) {
            return P2I_MATCH_NO;
        }
        bytes = p2i_view_first(bytes, size);
    }
    return is_openvpn_reset(bytes) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* ---- WireGuard ---- */

/* Message type, three zero bytes, and a fixed size; data messages are whole blocks between a head
 * of 16 bytes and a tag. Data is certain on the usual port, elsewhere with the second message to
 * one receiver. The note holds the receiver and the counter's lower 24 bits. */
static enum p2i_match probe_wireguard(const struct p2i_ends *ends, enum p2i_direction direction,
                                      struct p2i_view bytes, uint64_t *note)
{
    enum { PORT = 51820, TYPES = 5, DATA = 4, DATA_MIN = 32, BLOCK = 16, NEAR = 64 };
    static const uint8_t sizes[TYPES] = {0, 148, 92, 64, 0};
    (void)direction;
    if (bytes.size < DATA_MIN || bytes.data[0] == 0 || bytes.data[0] >= TYPES ||
        (p2i_load_be32(bytes.data) & 0xffffff) != 0) {
        return P2I_MATCH_NO;
    }
    if (bytes.data[0] != DATA) {
        return bytes.size == sizes[bytes.data[0]] ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    uint32_t receiver = p2i_load_le32(bytes.data + 4);
    uint32_t counter = p2i_load_le32(bytes.data + 8);
    if (bytes.size % BLOCK != 0 || receiver == 0 || p2i_load_le32(bytes.data + 12) != 0) {
        return P2I_MATCH_NO;
    }
    uint64_t noted = *note;
    *note = (uint64_t)P2I_ID_WIREGUARD << 56 | (uint64_t)receiver << 24 | (counter & 0xffffff);
    uint64_t step = *note - noted;
    return p2i_ends_use(ends, PORT) || (step >= 1 && step <= NEAR) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* ---- IKE and IPsec ---- */

enum { IKE_PORT = 500, NAT_PORT = 4500 };

/* Returns true if next payload, exchange and flags are assigned: RFC 2408 section 3.1, RFC 7296
 * section 3.1. */
static bool is_ike_kind(uint8_t version, uint8_t next, uint8_t exchange, uint8_t flags)
{
    if (version == 0x10) {
        bool usual = exchange >= 2 && exchange <= 6 && exchange != 3;
        bool quick = exchange == 32 || exchange == 33;
        return (usual || quick) && flags < 8 &&
               ((next >= 1 && next <= 21) || (next >= 128 && next <= 135));
    }
    return version == 0x20 && exchange >= 34 && exchange <= 44 && (flags & 0xc7) == 0 &&
           next >= 33 && next <= 54;
}

static bool is_ike(const struct p2i_ends *ends, struct p2i_view bytes)
{
    struct p2i_cursor at = p2i_cursor_of(bytes);
    uint64_t initiator = p2i_be64(&at);
    uint64_t responder = p2i_be64(&at);
    uint8_t next = p2i_u8(&at);
    uint8_t version = p2i_u8(&at);
    uint8_t exchange = p2i_u8(&at);
    uint8_t flags = p2i_u8(&at);
    uint32_t message = p2i_be32(&at);
    uint32_t length = p2i_be32(&at);
    bool on_port = p2i_ends_use(ends, IKE_PORT) || p2i_ends_use(ends, NAT_PORT);
    /* On the port a message may be longer than its bytes: the snaplen may have cut it. */
    bool fits = length == bytes.size || (on_port && length > bytes.size && length <= UINT16_MAX);
    return !at.failed && fits && initiator != 0 && (responder != 0 || message == 0) &&
           is_ike_kind(version, next, exchange, flags);
}

/* ESP behind a NAT (RFC 3948 section 2.1): certain with two packets of one SPI. The note holds the
 * SPI and the sequence number's lower 24 bits. */
static bool is_second_esp(struct p2i_view bytes, uint64_t *note)
{
    enum { SPI_MIN = 256, SIZE_MIN = 24, NEAR = 64 };
    if (bytes.size < SIZE_MIN || p2i_load_be32(bytes.data) < SPI_MIN) {
        return false;
    }
    uint64_t noted = *note;
    *note = (uint64_t)P2I_ID_IPSEC << 56 | (uint64_t)p2i_load_be32(bytes.data) << 24 |
            (p2i_load_be32(bytes.data + 4) & 0xffffff);
    uint64_t step = *note - noted;
    return step >= 1 && step <= NEAR;
}

static enum p2i_match probe_ipsec(const struct p2i_ends *ends, enum p2i_direction direction,
                                  struct p2i_view bytes, uint64_t *note)
{
    enum { KEEP_ALIVE = 0xff };
    (void)direction;
    if (!p2i_ends_use(ends, NAT_PORT) || bytes.size == 0) {
        return P2I_MATCH_NO;
    }
    bool keep_alive = bytes.size == 1 && bytes.data[0] == KEEP_ALIVE &&
                      ends->port[P2I_FROM_RESPONDER] == NAT_PORT;
    return keep_alive || is_second_esp(bytes, note) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* Over TCP a prefix names the protocol (RFC 9329 section 4); behind a NAT four zero bytes
 * distinguish IKE from ESP (RFC 3948 section 2.2). */
static enum p2i_match probe_ike(const struct p2i_ends *ends, enum p2i_direction direction,
                                struct p2i_view bytes, uint64_t *note)
{
    enum { HEADER_SIZE = 28 };
    (void)direction;
    (void)note;
    if (ends->transport == P2I_OVER_TCP) {
        bool begins = p2i_view_starts(bytes, P2I_VIEW("IKETCP"));
        return begins ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    if (bytes.size < HEADER_SIZE) {
        return P2I_MATCH_NO;
    }
    bool marked = p2i_ends_use(ends, NAT_PORT) && p2i_load_be32(bytes.data) == 0;
    return is_ike(ends, marked ? p2i_view_from(bytes, 4) : bytes) ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* ---- PPTP ---- */

/* RFC 2637 section 2: length, message type 1 (control), magic cookie, control message type. */
static enum p2i_match probe_pptp(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    enum { HEADER_SIZE = 12, LENGTH_MAX = 220, COOKIE = 0x1a2b3c4d, LAST_TYPE = 15 };
    (void)ends;
    (void)direction;
    (void)note;
    if (bytes.size < HEADER_SIZE || bytes.data[0] != 0 || p2i_load_be32(bytes.data + 4) != COOKIE) {
        return P2I_MATCH_NO;
    }
    uint16_t length = p2i_load_be16(bytes.data);
    uint16_t kind = p2i_load_be16(bytes.data + 2);
    uint16_t type = p2i_load_be16(bytes.data + 8);
    bool is_pptp = length >= HEADER_SIZE && kind == 1 && type >= 1 && type <= LAST_TYPE &&
                   p2i_load_be16(bytes.data + 10) == 0;
    return is_pptp ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* ---- L2TP ---- */

/* A control message (RFC 2661 section 3.1, RFC 3931 section 4.1.2.1): T, L and S bits, version,
 * length. Its first AVP is the message type; a mere acknowledgement has none. */
static enum p2i_match probe_l2tp(const struct p2i_ends *ends, enum p2i_direction direction,
                                 struct p2i_view bytes, uint64_t *note)
{
    enum { PORT = 1701, HEADER_SIZE = 12, VALUE_SIZE = 8, LAST_TYPE = 32 };
    (void)direction;
    (void)note;
    if (bytes.size < HEADER_SIZE || bytes.data[0] != 0xc8 ||
        (bytes.data[1] != 2 && bytes.data[1] != 3) || p2i_load_be16(bytes.data + 2) != bytes.size) {
        return P2I_MATCH_NO;
    }
    if (bytes.size == HEADER_SIZE) {
        return p2i_ends_use(ends, PORT) ? P2I_MATCH_YES : P2I_MATCH_NO;
    }
    struct p2i_cursor at = p2i_cursor_of(p2i_view_from(bytes, HEADER_SIZE));
    bool usual = (p2i_be16(&at) & 0x3fff) == VALUE_SIZE && p2i_be32(&at) == 0;
    uint16_t type = p2i_be16(&at);
    return usual && type >= 1 && type <= LAST_TYPE ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* ---- GTP ---- */

enum { GTP_1_HEADER_SIZE = 8, GTP_2_HEADER_SIZE = 4, GTP_0_HEADER_SIZE = 20 };

/* Returns true if the datagram is `size` bytes of header and exactly the bytes that the header
 * announces. */
static bool gtp_fits(struct p2i_view bytes, size_t size)
{
    return bytes.size >= size && size + p2i_load_be16(bytes.data + 2) == bytes.size;
}

/* Version 1 (TS 29.060 section 6, TS 29.281 section 5.1) with the bit that distinguishes it from
 * GTP'. */
static bool is_gtp_1(struct p2i_view bytes)
{
    return (bytes.data[0] & 0xf8) == 0x30 && bytes.data[1] != 0 &&
           gtp_fits(bytes, GTP_1_HEADER_SIZE);
}

/* Version 2 (TS 29.274 section 5.1); a second message may be piggybacked behind the first. */
static bool is_gtp_2(struct p2i_view bytes)
{
    enum { ANOTHER_BIT = 0x10 };
    if ((bytes.data[0] & 0xe3) != 0x40 || bytes.data[1] == 0) {
        return false;
    }
    size_t size = GTP_2_HEADER_SIZE + (size_t)p2i_load_be16(bytes.data + 2);
    struct p2i_view second = p2i_view_from(bytes, size);
    if ((bytes.data[0] & ANOTHER_BIT) != 0 && second.size >= GTP_2_HEADER_SIZE) {
        return (second.data[0] & 0xe3) == 0x40 && gtp_fits(second, GTP_2_HEADER_SIZE);
    }
    return size == bytes.size;
}

/* Version 0 (TS 09.60 section 6), and GTP' (TS 32.295 section 6.1.1), whose header may be short. */
static bool is_gtp_0_or_prime(struct p2i_view bytes)
{
    enum { SHORT_SIZE = 6, LAST_VERSION = 2 };
    bool prime = (bytes.data[0] & 0x1e) == 0x0e && bytes.data[0] >> 5 <= LAST_VERSION;
    bool version_0 = (bytes.data[0] & 0xfe) == 0x1e;
    return (prime && gtp_fits(bytes, SHORT_SIZE)) ||
           ((prime || version_0) && gtp_fits(bytes, GTP_0_HEADER_SIZE));
}

static enum p2i_match probe_gtp_control(const struct p2i_ends *ends, enum p2i_direction direction,
                                        struct p2i_view bytes, uint64_t *note)
{
    enum { PORT = 2123, PORT_0_AND_PRIME = 3386 };
    (void)direction;
    (void)note;
    if (bytes.size < GTP_2_HEADER_SIZE || bytes.data[0] >= 0x60) {
        return P2I_MATCH_NO;
    }
    bool is_gtp = (p2i_ends_use(ends, PORT) && (is_gtp_1(bytes) || is_gtp_2(bytes))) ||
                  (p2i_ends_use(ends, PORT_0_AND_PRIME) && is_gtp_0_or_prime(bytes));
    return is_gtp ? P2I_MATCH_YES : P2I_MATCH_NO;
}

/* User-plane messages other than the packets of users, which the packet decoder has taken out. */
static enum p2i_match probe_gtp_user(const struct p2i_ends *ends, enum p2i_direction direction,
                                     struct p2i_view bytes, uint64_t *note)
{
    enum { PORT = 2152 };
    (void)direction;
    (void)note;
    bool is_gtp = bytes.size >= GTP_1_HEADER_SIZE && p2i_ends_use(ends, PORT) && is_gtp_1(bytes);
    return is_gtp ? P2I_MATCH_YES : P2I_MATCH_NO;
}

const struct p2i_recogniser p2i_recognise_tunnel[] = {
    {P2I_ID_WIREGUARD, {[P2I_OVER_UDP] = 32}, true, probe_wireguard},
    {P2I_ID_OPENVPN, {[P2I_OVER_UDP] = 14, [P2I_OVER_TCP] = 1}, true, probe_openvpn},
    {P2I_ID_IKE, {[P2I_OVER_UDP] = 28, [P2I_OVER_TCP] = 1}, true, probe_ike},
    {P2I_ID_IPSEC, {[P2I_OVER_UDP] = 1}, true, probe_ipsec},
    {P2I_ID_PPTP, {[P2I_OVER_TCP] = 1}, true, probe_pptp},
    {P2I_ID_L2TP, {[P2I_OVER_UDP] = 12}, true, probe_l2tp},
    {P2I_ID_GTP_CONTROL, {[P2I_OVER_UDP] = 4}, false, probe_gtp_control},
    {P2I_ID_GTP_USER, {[P2I_OVER_UDP] = 8}, false, probe_gtp_user},
    {0},
};
