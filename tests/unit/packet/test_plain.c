/* SPDX-License-Identifier: MIT */
/* The straight line of plain.c and the decoders of the layers give the same packets. */
#include <criterion/criterion.h>

#include "packet/internal.h"

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

/* Ethernet, IPv4 or IPv6, TCP or UDP; sizes agree. */
static size_t make_frame(uint8_t *frame, bool ipv6, bool tcp, size_t payload_size)
{
    size_t ip_size = ipv6 ? 40 : 20;
    size_t transport_size = tcp ? 20 : 8;
    size_t size = 14 + ip_size + transport_size + payload_size;
    uint8_t *ip = frame + 14;
    uint8_t *transport = ip + ip_size;
    for (size_t i = 0; i < size; i++) {
        frame[i] = (uint8_t)(i * 7 + 1);
    }
    memcpy(frame + 12, ipv6 ? "\x86\xdd" : "\x08\x00", 2);
    size_t length = transport_size + payload_size + (ipv6 ? 0 : ip_size);
    ip[0] = ipv6 ? 0x60 : 0x45;
    ip[ipv6 ? 4 : 2] = (uint8_t)(length >> 8);
    ip[ipv6 ? 5 : 3] = (uint8_t)length;
    ip[ipv6 ? 6 : 9] = tcp ? P2I_PROTO_TCP : P2I_PROTO_UDP;
    if (!ipv6) {
        memset(ip + 6, 0, 2);
    }
    if (tcp) {
        transport[12] = 0x50;
    } else {
        transport[4] = (uint8_t)((8 + payload_size) >> 8);
        transport[5] = (uint8_t)(8 + payload_size);
    }
    return size;
}

static void expect_same(const struct p2i_packet *plain, const struct p2i_packet *layers)
{
    cr_assert_eq(layers->fate, P2I_FATE_HANDLED);
    cr_assert_eq(memcmp(&plain->key, &layers->key, offsetof(struct p2i_session_key, scope)), 0);
    cr_assert_eq(plain->transport, layers->transport);
    cr_assert_eq(plain->ip_version, layers->ip_version);
    cr_assert_eq(plain->transport_header, layers->transport_header);
    cr_assert_eq(plain->payload.size, layers->payload.size);
    cr_assert(plain->payload.size == 0 || plain->payload.data == layers->payload.data);
    cr_assert_eq(plain->payload_length, layers->payload_length);
    cr_assert_eq(plain->ip_length, layers->ip_length);
    cr_assert_eq(plain->tcp_sequence, layers->tcp_sequence);
    cr_assert_eq(plain->tcp_acknowledgement, layers->tcp_acknowledgement);
    cr_assert_eq(plain->tcp_flags, layers->tcp_flags);
    cr_assert_eq(plain->class_of_service, layers->class_of_service);
    cr_assert_eq(plain->source_mac, layers->source_mac);
    cr_assert_eq(plain->destination_mac, layers->destination_mac);
    cr_assert_eq(plain->ip.data, layers->ip.data);
    cr_assert_eq(plain->ip.size, layers->ip.size);
}

/* Decodes the frame both ways. True: it is plain. */
static bool compare(struct p2i_fragments *fragments, struct p2i_view frame, uint32_t missing)
{
    struct p2i_packet plain = {0};
    struct p2i_packet layers = {0};
    struct p2i_decoding decoding = {.packet = &layers, .fragments = fragments, .missing = missing};
    if (!p2i_decode_plain(&plain, frame)) {
        return false;
    }
    layers.fate = (uint8_t)p2i_decode_ethernet(&decoding, frame);
    cr_assert_eq(decoding.depth, 0U);
    cr_assert_eq(decoding.scope, 0U);
    cr_assert_not(decoding.encrypted);
    expect_same(&plain, &layers);
    return true;
}

Test(plain, equals_the_layers)
{
    enum { ROUNDS = 200000 };
    static const uint16_t tunnels[] = {2152, 4789, 6635, 1701, 5072, 6081, 4755};
    struct p2i_decoder_counts counts = {0};
    struct p2i_fragments *fragments = p2i_fragments_new(&counts, 1 << 20);
    struct p2i_joined_buffers joined = {0};
    uint32_t random = 1;
    unsigned plain_count = 0;
    cr_assert_not_null(fragments);
    p2i_fragments_join_into(fragments, &joined);
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint8_t frame[200];
        bool ipv6 = (next_random(&random) & 1) != 0;
        size_t size =
            make_frame(frame, ipv6, (next_random(&random) & 1) != 0, next_random(&random) % 64);
        uint8_t *ports = frame + 14 + (ipv6 ? 40 : 20);
        if (next_random(&random) % 8 == 0) {
            uint16_t port = tunnels[next_random(&random) % 7];
            size_t at = (next_random(&random) & 1) * 2;
            ports[at] = (uint8_t)(port >> 8);
            ports[at + 1] = (uint8_t)port;
        }
        if (next_random(&random) % 4 == 0) { /* padding behind the packet */
            memset(frame + size, 0, 6);
            size += 6;
        }
        for (unsigned changes = next_random(&random) % 3; changes > 0; changes--) {
            frame[12 + next_random(&random) % (size - 12)] = (uint8_t)next_random(&random);
        }
        size_t captured = next_random(&random) % 4 == 0 ? next_random(&random) % size : size;
        uint8_t *copy = malloc(captured + 1); /* no byte may be read behind it */
        cr_assert_not_null(copy);
        memcpy(copy + 1, frame, captured);
        plain_count +=
            compare(fragments, p2i_view_of(copy + 1, captured), (uint32_t)(size - captured));
        free(copy);
        p2i_joined_buffers_clear(&joined);
    }
    cr_assert_gt(plain_count, ROUNDS / 3);
    cr_assert_lt(plain_count, ROUNDS);
    p2i_joined_buffers_free(&joined);
    p2i_fragments_free(fragments);
}
