/* SPDX-License-Identifier: MIT */
#include "record/community_id.h"

#include "base/base64.h"
#include "base/put.h"
#include "packet/packet.h"
#include "pcap2ipfix/cursor.h"

enum {
    BLOCK = 64,  /* bytes of a block of SHA-1 */
    DIGEST = 20, /* bytes of its result */
};

static uint32_t rotate(uint32_t word, unsigned bits)
{
    return word << bits | word >> (32 - bits);
}

/* SHA-1 (FIPS 180-4) of a message that fits into one block with its padding: below 56 bytes. */
static void sha1(const uint8_t *bytes, size_t size, uint8_t digest[DIGEST])
{
    uint8_t block[BLOCK] = {0};
    memcpy(block, bytes, size);
    block[size] = 0x80;
    (void)p2i_put64(block + BLOCK - 8, 8 * (uint64_t)size);
    uint32_t words[80];
    for (size_t i = 0; i < 16; i++) {
        words[i] = p2i_load_be32(block + 4 * i);
    }
    for (size_t i = 16; i < 80; i++) {
        words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    }
    static const uint32_t start[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    static const uint32_t constants[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    uint32_t a = start[0];
    uint32_t b = start[1];
    uint32_t c = start[2];
    uint32_t d = start[3];
    uint32_t e = start[4];
    for (size_t i = 0; i < 80; i++) {
        uint32_t choice = i < 20        ? (b & c) | (~b & d)
                          : i / 20 == 2 ? (b & c) | (b & d) | (c & d)
                                        : b ^ c ^ d;
        uint32_t next = rotate(a, 5) + choice + e + constants[i / 20] + words[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    const uint32_t end[5] = {a, b, c, d, e};
    for (size_t i = 0; i < 5; i++) {
        (void)p2i_put32(digest + 4 * i, start[i] + end[i]);
    }
}

/* The type of the answer to an ICMP message, or of its question; -1: it has neither. */
static int counterpart_of(uint8_t transport, uint8_t type)
{
    static const uint8_t pairs4[][2] = {{8, 0}, {13, 14}, {15, 16}, {10, 9}, {17, 18}};
    static const uint8_t pairs6[][2] = {{128, 129}, {133, 134}, {135, 136},
                                        {130, 131}, {139, 140}, {144, 145}};
    bool six = transport == P2I_PROTO_ICMPV6;
    const uint8_t(*pairs)[2] = six ? pairs6 : pairs4;
    size_t count = six ? sizeof pairs6 / sizeof *pairs6 : sizeof pairs4 / sizeof *pairs4;
    for (size_t i = 0; i < count; i++) {
        for (unsigned side = 0; side < 2; side++) {
            if (pairs[i][side] == type) {
                return pairs[i][!side];
            }
        }
    }
    return -1;
}

/* The ports of the flow as they are hashed: ICMP has its type, and that of the answer. Returns
 * false where the direction matters: ICMP without an answer, which has its code instead. */
static bool ports_of(const struct p2i_community_flow *flow, uint16_t port[2])
{
    port[0] = flow->port[0];
    port[1] = flow->port[1];
    if (flow->transport != P2I_PROTO_ICMP && flow->transport != P2I_PROTO_ICMPV6) {
        return true;
    }
    uint8_t type = (uint8_t)(flow->port[1] >> 8);
    int counterpart = counterpart_of(flow->transport, type);
    port[0] = type;
    port[1] = counterpart >= 0 ? (uint16_t)counterpart : (uint8_t)flow->port[1];
    return counterpart >= 0;
}

static bool has_ports(uint8_t transport)
{
    return transport == P2I_PROTO_TCP || transport == P2I_PROTO_UDP ||
           transport == P2I_PROTO_SCTP || transport == P2I_PROTO_ICMP ||
           transport == P2I_PROTO_ICMPV6;
}

void p2i_community_id(const struct p2i_community_flow *flow, uint8_t text[P2I_COMMUNITY_ID_SIZE])
{
    enum { MOST = 2 + 2 * 16 + 2 + 4 }; /* seed, addresses, protocol and padding, ports */
    uint8_t bytes[MOST] = {0};
    uint8_t digest[DIGEST];
    uint16_t port[2];
    size_t size = flow->source.size;
    int order = memcmp(flow->source.data, flow->destination.data, size);
    bool swap = ports_of(flow, port) && (order > 0 || (order == 0 && port[0] > port[1]));
    uint8_t *at = bytes + 2;
    memcpy(at, swap ? flow->destination.data : flow->source.data, size);
    memcpy(at + size, swap ? flow->source.data : flow->destination.data, size);
    at += 2 * size;
    *at = flow->transport;
    at += 2;
    if (has_ports(flow->transport)) {
        at = p2i_put16(p2i_put16(at, port[swap]), port[!swap]);
    }
    sha1(bytes, (size_t)(at - bytes), digest);
    memcpy(text, "1:", 2);
    for (size_t i = 0; i < DIGEST; i += 3) {
        p2i_base64_encode(p2i_view_first(p2i_view_of(digest + i, DIGEST - i), 3),
                          text + 2 + i / 3 * 4);
    }
}
