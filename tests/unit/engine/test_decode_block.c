/* SPDX-License-Identifier: MIT */
#include "block_frames.h"
#include "engine/decode_block.h"
#include "session/table.h"

enum { NOW = 1000000 };
static const uint64_t second = 1000000000;
static const uint64_t now_ns = NOW * UINT64_C(1000000000);

static struct p2i_settings settings;
static struct p2i_block block;
static struct p2i_block_decoder decoder;
static struct p2i_decoded_block decoded;

static void begin_with(unsigned threads, bool radius, bool pppoe)
{
    settings = (struct p2i_settings){
        .threads = threads,
        .memory_bytes = 64 << 20,
        .subscriber_radius = radius,
        .subscriber_pppoe = pppoe,
    };
    decoded = (struct p2i_decoded_block){0};
    cr_assert(p2i_block_init(&block));
    cr_assert(p2i_block_decoder_init(&decoder, &settings, NULL, &(struct p2i_wanted){0}));
    block_begin(&block, 1);
}

static void begin(void)
{
    begin_with(1, false, false);
}

static void end(void)
{
    p2i_block_decoder_free(&decoder);
    p2i_decoded_block_free(&decoded);
    p2i_block_free(&block);
}

static void decode_all(void)
{
    size_t at = 0;
    p2i_decode_block(&decoder, &block, &at, P2I_BLOCK_FRAMES, &decoded);
    cr_assert_eq(at, block.frame_count);
}

static void send_udp(uint16_t from_port, uint16_t to_port, uint64_t time_ns)
{
    (void)block_send(
        &block, (struct sent){P2I_PROTO_UDP, 1, 2, from_port, to_port, .payload = "x", .size = 1},
        time_ns);
}

/* Number of packets that workers get. */
static size_t handed_over(const struct p2i_arrivals *arrivals)
{
    size_t count = 0;
    for (unsigned i = 0; i < settings.threads; i++) {
        count += arrivals->counts[i];
    }
    return count;
}

/* ---- fates ---- */

/* Each frame has one fate; only handled packets are on the way to sessions. */
Test(decode_block, fates, .init = begin, .fini = end)
{
    static const uint8_t arp[60] = {[12] = 8, 6};
    send_udp(4000, 5000, now_ns);
    (void)block_add(&block, LINK_ETHERNET, arp, sizeof arp, now_ns);
    (void)block_add(&block, LINK_RAW, "\x45", 1, now_ns);
    (void)block_send(&block, (struct sent){P2I_PROTO_ICMP, 1, 2, .payload = "12345678", .size = 8},
                     now_ns);
    send_udp(4000, 5000, now_ns);
    block.frames[4].skip = P2I_FATE_FILTERED;
    (void)block_add(&block, UINT16_MAX, arp, sizeof arp, now_ns);
    (void)block_send(&block, (struct sent){P2I_PROTO_TCP, 1, 2, 4000, 5000}, now_ns);
    decode_all();
    static const enum p2i_fate expected[] = {
        P2I_FATE_HANDLED,  P2I_FATE_NETWORK_OTHER, P2I_FATE_NETWORK_CUT, P2I_FATE_TRANSPORT_OTHER,
        P2I_FATE_FILTERED, P2I_FATE_LINK_TYPE,     P2I_FATE_HANDLED,
    };
    uint64_t counts[P2I_FATE_COUNT] = {0};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        counts[expected[i]]++;
    }
    for (unsigned fate = 0; fate < P2I_FATE_COUNT; fate++) {
        cr_expect_eq(decoder.fates[fate], counts[fate], "fate %u: %llu", fate,
                     (unsigned long long)decoder.fates[fate]);
    }
    cr_expect_eq(decoded.arrivals.count, 7);
    cr_expect_eq(decoded.arrivals.counts[0], 2);
    cr_expect_eq(decoded.arrivals.order[0], 0);
    cr_expect_eq(decoded.arrivals.order[1], 6);
    cr_expect_eq(decoded.arrivals.list[6].number, 7);
    cr_expect_eq(decoded.last_number, 7);
    cr_expect_not(decoder.out_of_memory);
}

/* A frame that is skipped, or has no time of its own, does not move the clock. */
Test(decode_block, frames_without_time, .init = begin, .fini = end)
{
    send_udp(4000, 5000, now_ns);
    send_udp(4000, 5000, now_ns + 10 * second);
    block.frames[1].untimed = 1;
    send_udp(4000, 5000, now_ns + 20 * second);
    block.frames[2].skip = P2I_FATE_FILTERED;
    decode_all();
    cr_expect_eq(decoder.dispatch.clock.now_s, NOW);
    cr_expect_eq(decoded.arrivals.mark_count, 1);
    cr_expect_eq(handed_over(&decoded.arrivals), 2);
    cr_expect(decoded.arrivals.list[1].packet.untimed);
}

/* Facts of the frame that the decoder does not see. */
Test(decode_block, numbers, .init = begin, .fini = end)
{
    block_begin(&block, 1000);
    send_udp(4000, 5000, now_ns);
    send_udp(4000, 5001, now_ns);
    block.frames[1].number = 17;
    block.frames[1].capture = 3;
    block.frames[1].interface_id = 5;
    decode_all();
    const struct p2i_arrival *arrival = &decoded.arrivals.list[1];
    cr_expect_eq(arrival->number, 1001, "in the run");
    cr_expect_eq(arrival->packet.number, 17, "in the capture");
    cr_expect_eq(arrival->packet.capture, 3);
    cr_expect_eq(arrival->packet.interface_id, 5);
    cr_expect_eq(arrival->packet.time_ns, now_ns);
    cr_expect_eq(decoded.last_number, 1001);
    cr_expect_eq(decoder.last_number, 1001);
}

/* ---- parts of a block ---- */

/* At most so many frames at once, whether they have a session or not. */
Test(decode_block, at_most, .init = begin, .fini = end)
{
    enum { FRAMES = 100, MOST = 7 };
    static const uint8_t arp[60] = {[12] = 8, 6};
    for (uint16_t i = 0; i < FRAMES; i++) {
        if (i % 4 == 3) {
            (void)block_add(&block, LINK_ETHERNET, arp, sizeof arp, now_ns);
        } else {
            send_udp(4000 + i, 5000, now_ns);
        }
    }
    size_t packets = 0;
    for (size_t at = 0; at < block.frame_count;) {
        size_t before = at;
        p2i_decode_block(&decoder, &block, &at, MOST, &decoded);
        cr_assert_eq(at, before + MOST < FRAMES ? before + MOST : FRAMES);
        cr_assert_eq(decoded.arrivals.count, at - before);
        cr_assert_eq(decoded.last_number, at);
        for (size_t i = 0; i < decoded.arrivals.count; i++) {
            cr_assert_eq(decoded.arrivals.list[i].number, before + i + 1);
        }
        for (size_t i = 0; i < handed_over(&decoded.arrivals); i++) {
            cr_assert_neq((before + decoded.arrivals.order[i]) % 4, 3, "they are grouped");
        }
        packets += handed_over(&decoded.arrivals);
    }
    cr_expect_eq(packets, FRAMES / 4 * 3);
    cr_expect_eq(decoder.fates[P2I_FATE_HANDLED], packets);
    cr_expect_eq(decoder.fates[P2I_FATE_NETWORK_OTHER], FRAMES - packets);
}

Test(decode_block, replaces_what_was_there)
{
    begin();
    send_udp(40000, 1813, now_ns);
    decode_all();
    block_begin(&block, 2);
    decode_all();
    cr_expect_eq(decoded.arrivals.count, 0);
    cr_expect_eq(handed_over(&decoded.arrivals), 0);
    cr_expect_eq(decoded.arrivals.mark_count, 0);
    end();
}

/* A full block. */
Test(decode_block, many_frames)
{
    begin_with(3, false, false);
    for (uint32_t i = 0; i < P2I_BLOCK_FRAMES; i++) {
        send_udp((uint16_t)(10000 + i), 5000, now_ns + i * second);
    }
    decode_all();
    cr_expect_eq(decoded.arrivals.count, P2I_BLOCK_FRAMES);
    cr_expect_eq(decoded.arrivals.mark_count, P2I_BLOCK_FRAMES);
    cr_expect_eq(handed_over(&decoded.arrivals), P2I_BLOCK_FRAMES);
    end();
}

/* ---- packets that bind subscribers ---- */

/* An Accounting-Request with status Start: the user has 10.9.0.`host`. */
static void send_start(uint8_t transport, uint16_t to_port, uint8_t host, const char *user,
                       uint64_t time_ns)
{
    uint8_t request[64] = {4, 1, [20] = 40, 6, 0, 0, 0, 1, 8, 6, 10, 9, 0, host, 1};
    size_t size = 34 + strlen(user);
    request[3] = (uint8_t)size;
    request[33] = (uint8_t)(2 + strlen(user));
    memcpy(request + 34, user, strlen(user));
    (void)block_send(
        &block, (struct sent){transport, 2, 1, 40000, to_port, .payload = request, .size = size},
        time_ns);
}

/* The login at 10.9.0.`host`, "" if there is none, by what the packets before `before` bound. */
static const char *login_at(uint8_t host, uint64_t before, uint64_t time_ns)
{
    static char login[P2I_LOGIN_MAX + 1];
    struct p2i_address address = {.bytes = {10, 9, 0, host}};
    const struct p2i_binding *found =
        p2i_bindings_find_address(decoder.bindings, P2I_BOUND_RADIUS, &address, 4, before, time_ns);
    if (found == NULL) {
        return "";
    }
    memcpy(login, found->login, found->login_size);
    login[found->login_size] = '\0';
    return login;
}

/* Packets bind in the order of the run, whatever session they belong to, if that is wanted. */
Test(decode_block, radius)
{
    for (unsigned wanted = 0; wanted < 2; wanted++) {
        begin_with(2, wanted != 0, false);
        send_start(P2I_PROTO_UDP, 1813, 1, "anna", now_ns);
        send_start(P2I_PROTO_UDP, 53, 1, "boris", now_ns);
        send_start(P2I_PROTO_TCP, 1813, 1, "clara", now_ns);
        send_start(P2I_PROTO_UDP, 1813, 1, "dora", now_ns);
        decode_all();
        cr_expect_eq(handed_over(&decoded.arrivals), 4, "they belong to sessions too");
        cr_assert_eq(decoder.bindings != NULL, wanted != 0);
        if (wanted != 0) {
            cr_expect_str_eq(login_at(1, 1, now_ns), "", "it does not see its own binding");
            cr_expect_str_eq(login_at(1, 2, now_ns), "anna");
            cr_expect_str_eq(login_at(1, 4, now_ns), "anna");
            cr_expect_str_eq(login_at(1, 5, now_ns), "dora");
        }
        end();
    }
}

/* PPP control frames in PPPoE sessions belong to no session of ours. */
Test(decode_block, pppoe)
{
    /* Ethernet; PPPoE session 0x1234; PAP Authenticate-Request. */
    static const uint8_t pap[60] = {[12] = 0x88, 0x64, 0x11, 0, 0x12, 0x34, 0,   16,
                                    0xc0,        0x23, 1,    1, 0,    14,   4,   'u',
                                    's',         'e',  'r',  4, 'p',  'a',  's', 's'};
    for (unsigned wanted = 0; wanted < 2; wanted++) {
        begin_with(2, false, wanted != 0);
        send_start(P2I_PROTO_UDP, 1813, 1, "anna", now_ns);
        (void)block_add(&block, LINK_ETHERNET, pap, sizeof pap, now_ns);
        decode_all();
        cr_expect_eq(handed_over(&decoded.arrivals), 1);
        cr_assert_eq(decoder.bindings != NULL, wanted != 0);
        if (wanted != 0) {
            struct p2i_binding_key key = {.words = {decoded.arrivals.list[1].packet.scope},
                                          .kind = P2I_BOUND_PPPOE_SESSION};
            cr_expect_null(p2i_bindings_find(decoder.bindings, &key, 2, now_ns));
            cr_expect_not_null(p2i_bindings_find(decoder.bindings, &key, 3, now_ns));
            cr_expect_str_eq(login_at(1, UINT64_MAX, now_ns), "", "RADIUS is not wanted");
        }
        end();
    }
}

/* With a wrong stamp a binding would begin too early or be unknown for long: it gets the time of
 * the clock. Its packet keeps its own. */
Test(decode_block, bindings_have_the_time_of_the_clock)
{
    static const int64_t stamps[] = {5, 4000000000000, 1000000000, -(int64_t)NOW * 1000000000,
                                     -300000000000};
    static const int64_t expected[] = {5, 0, 1000000000, 1000000000, -300000000000};
    begin_with(1, true, false);
    for (uint8_t i = 0; i < 5; i++) {
        send_start(P2I_PROTO_UDP, 1813, i, "anna", now_ns + (uint64_t)stamps[i]);
    }
    decode_all();
    for (uint8_t i = 0; i < 5; i++) {
        uint64_t from_ns = now_ns + (uint64_t)expected[i];
        cr_expect_str_eq(login_at(i, UINT64_MAX, from_ns), "anna", "packet %u", i + 1U);
        cr_expect_str_eq(login_at(i, UINT64_MAX, from_ns - 1), "", "packet %u", i + 1U);
    }
    cr_expect_eq(decoded.arrivals.list[1].packet.time_ns, now_ns + 4000 * second);
    end();
}

/* What the handled packets alone could see is freed; the others see what they saw. */
Test(decode_block, release)
{
    begin_with(1, true, false);
    send_start(P2I_PROTO_UDP, 1813, 1, "anna", now_ns);
    send_start(P2I_PROTO_UDP, 1813, 1, "boris", now_ns);
    send_start(P2I_PROTO_UDP, 1813, 1, "clara", now_ns);
    decode_all();
    cr_expect_geq(decoded.replaced_bytes, 2 * sizeof(struct p2i_binding));
    cr_expect_lt(decoded.replaced_bytes, 500);
    p2i_block_decoder_release(&decoder, 2);
    cr_expect_str_eq(login_at(1, 3, now_ns), "boris");
    cr_expect_str_eq(login_at(1, 4, now_ns), "clara");
    p2i_block_decoder_release(&decoder, 3);
    cr_expect_str_eq(login_at(1, 4, now_ns), "clara");
    block_begin(&block, 4);
    send_udp(40000, 53, now_ns);
    decode_all();
    cr_expect_eq(decoded.replaced_bytes, 0);
    end();
    begin();
    p2i_block_decoder_release(&decoder, 0);
    end();
}

/* ---- fragments ---- */

/* The last fragment may come in a later block, in which the packet then lives. */
Test(decode_block, fragments_across_blocks, .init = begin, .fini = end)
{
    static const uint8_t first[16] = {0x0f, 0xa0, 0x13, 0x88, 0, 24, 0, 0, 'f', 'r', 'a', 'g'};
    struct p2i_decoded_block next = {0};
    struct sent sent = {P2I_PROTO_UDP,    1,         2, .id = 7, .fragment = 0x2000,
                        .payload = first, .size = 16};
    (void)block_send(&block, sent, now_ns);
    decode_all();
    cr_expect_eq(handed_over(&decoded.arrivals), 0);
    cr_expect_eq(decoder.fates[P2I_FATE_FRAGMENT], 1);
    block_begin(&block, 2);
    sent.fragment = 2;
    sent.payload = "the rest";
    sent.size = 8;
    (void)block_send(&block, sent, now_ns);
    size_t at = 0;
    p2i_decode_block(&decoder, &block, &at, P2I_BLOCK_FRAMES, &next);
    cr_expect_eq(decoded.joined.count, 0);
    cr_expect_eq(next.joined.count, 1);
    cr_assert_eq(handed_over(&next.arrivals), 1);
    block_begin(&block, 3);
    decode_all(); /* another block does not touch it */
    const struct p2i_packet *packet = &next.arrivals.list[0].packet;
    cr_expect_eq(packet->key.port[next.arrivals.list[0].from], 4000);
    cr_expect_eq(packet->payload.size, 16);
    cr_expect_arr_eq(packet->payload.data, "frag\0\0\0\0the rest", 16);
    at = 0;
    p2i_decode_block(&decoder, &block, &at, P2I_BLOCK_FRAMES, &next);
    cr_expect_eq(next.joined.count, 0, "freed when the block is used again");
    p2i_decoded_block_free(&next);
}
