/* SPDX-License-Identifier: MIT */
/* Captures with odd times: single wrong stamps, steps, no time at all. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "single_run.h"

enum { C = 0, S = 1, SYN = P2I_TCP_SYN, NOW = 1000000, HOUR = 3600 };
static const uint32_t far_ahead = 4000000000U; /* in the year 2096 */

static void at(uint32_t stamp_s)
{
    run.time_ns = UINT64_C(1000000000) * stamp_s;
}

static void udp_at(uint32_t stamp_s, unsigned host, const char *payload)
{
    at(stamp_s);
    traffic_udp(&run, C, host, payload);
}

#define TCP_AT(stamp_s, ...) (at(stamp_s), traffic_tcp(&run, (struct tcp){__VA_ARGS__}))

Test(time, one_stamp_far_ahead_ends_no_session, .init = begin)
{
    static const uint32_t odd[] = {4000000000U, UINT32_MAX, NOW + 301};
    for (size_t i = 0; i < 3; i++) {
        TCP_AT(NOW, C, .sequence = 1, .payload = "aa");
        udp_at(odd[i], 2, "odd");
        cr_expect_eq(run.completed_s, NOW, "the export time is not thrown ahead");
        TCP_AT(NOW + 1, C, .sequence = 3, .payload = "bb");
        cr_expect_eq(run.completed_s, NOW + 1);
        expect("1 C \"aa\" @1\n2 C \"odd\" @0\n1 C \"bb\" @3\n1 C end\n1 S end\n");
        begin();
    }
    expect("");
}

/* Idle sessions end at their time, neither sooner nor later. */
Test(time, sessions_still_end_behind_an_odd_stamp, .init = begin)
{
    TCP_AT(NOW, C, .sequence = 1, .payload = "aa");
    udp_at(far_ahead, 2, "odd");
    udp_at(NOW + 150, 3, "u");
    udp_at(0, 4, "odd");
    udp_at(NOW + 300, 3, "v");
    cr_expect_eq(run.line_count, 5, "not yet");
    udp_at(NOW + 301, 3, "w");
    expect("1 C \"aa\" @1\n2 C \"odd\" @0\n3 C \"u\" @0\n4 C \"odd\" @0\n5 C \"v\" @0\n"
           "1 C end\n1 S end\n5 C \"w\" @0\n");
}

/* The session of the odd packet: a TCP session continues if the segment has the next sequence
 * number ... */
Test(time, an_odd_segment_with_the_next_number_stays_in_its_session, .init = begin)
{
    TCP_AT(NOW, C, .sequence = 99, .flags = SYN);
    TCP_AT(NOW, C, .sequence = 100, .payload = "abc");
    TCP_AT(far_ahead, C, .sequence = 103, .payload = "def");
    TCP_AT(NOW, C, .sequence = 106, .payload = "ghi");
    TCP_AT(0, C, .sequence = 109, .payload = "jkl");
    TCP_AT(NOW + 1, C, .sequence = 112, .payload = "mno");
    expect("1 C \"abc\" @100\n1 C \"def\" @103\n1 C \"ghi\" @106\n1 C \"jkl\" @109\n"
           "1 C \"mno\" @112\n1 C end\n1 S end\n");
    cr_expect_eq(counts.tcp_sessions, 1);
}

/* ... and only then. The following packets belong to the session that the segment begins. */
Test(time, any_other_odd_segment_begins_one, .init = begin)
{
    TCP_AT(NOW, C, .sequence = 99, .flags = SYN);
    TCP_AT(NOW, C, .sequence = 100, .payload = "abc");
    TCP_AT(far_ahead, C, .sequence = 104, .payload = "efg");
    TCP_AT(NOW, C, .sequence = 107, .payload = "hij");
    expect("1 C \"abc\" @100\n1 C end\n1 S end\n2 C \"efg\" @104\n2 C \"hij\" @107\n"
           "2 C end\n2 S end\n");
    cr_expect_eq(counts.tcp_sessions, 2);
}

Test(time, a_first_stamp_of_zero_does_not_split_the_session, .init = begin)
{
    udp_at(NOW, 2, "u");
    TCP_AT(0, C, .sequence = 99, .flags = SYN);
    TCP_AT(NOW, S, .sequence = 499, .acknowledgement = 100, .flags = SYN);
    TCP_AT(NOW, C, .sequence = 100, .payload = "abc");
    free(traffic_end(&run, &counts));
    cr_expect_eq(counts.tcp_sessions, 1);
}

/* A confirmed time counts: the segment comes too late, whatever its number. */
Test(time, a_confirmed_silence_ends_a_session, .init = begin)
{
    TCP_AT(NOW, C, .sequence = 100, .payload = "abc");
    udp_at(NOW + HOUR, 2, "u");
    udp_at(NOW + HOUR, 3, "v");
    TCP_AT(NOW + HOUR, C, .sequence = 103, .payload = "def");
    free(traffic_end(&run, &counts));
    cr_expect_eq(counts.tcp_sessions, 2);
}

/* The packet that breaks a long silence belongs to a session that continues with the next packet.
 */
static void expect_sessions_an_hour_apart(bool tcp, bool odd)
{
    for (uint32_t i = 0; i < 10; i++) {
        for (uint32_t packet = 0; packet < 3; packet++) {
            if (tcp) {
                TCP_AT(NOW + i * HOUR + packet, C, .sequence = 100 + packet, .payload = "x");
            } else {
                udp_at(NOW + i * HOUR + packet, 1, "x");
            }
            if (odd && packet == 1) {
                udp_at(far_ahead, 2, "odd");
            }
        }
    }
    free(traffic_end(&run, &counts));
    cr_expect_eq(tcp ? counts.tcp_sessions : counts.udp_sessions, tcp || !odd ? 10 : 20);
    cr_expect_eq(run.id_count, odd ? 20 : 10);
}

Test(time, udp_sessions_an_hour_apart, .init = begin)
{
    expect_sessions_an_hour_apart(false, false);
}

Test(time, udp_sessions_an_hour_apart_with_odd_stamps, .init = begin)
{
    expect_sessions_an_hour_apart(false, true);
}

Test(time, tcp_sessions_an_hour_apart, .init = begin)
{
    expect_sessions_an_hour_apart(true, false);
}

Test(time, tcp_sessions_an_hour_apart_with_odd_stamps, .init = begin)
{
    expect_sessions_an_hour_apart(true, true);
}

/* One packet each: no two stamps ever agree, and the clock stands; each packet is a session all the
 * same. */
Test(time, lone_packets_an_hour_apart, .init = begin)
{
    for (uint32_t i = 0; i < 10; i++) {
        udp_at(NOW + i * HOUR, 1, "x");
    }
    free(traffic_end(&run, &counts));
    cr_expect_eq(counts.udp_sessions, 10);
    cr_expect_eq(run.live_peak, 1);
}

/* The same SYN again, an hour later. */
Test(time, a_repeated_syn_after_an_hour_begins_a_session, .init = begin)
{
    TCP_AT(NOW, C, .sequence = 99, .flags = SYN);
    TCP_AT(NOW + HOUR, C, .sequence = 99, .flags = SYN);
    free(traffic_end(&run, &counts));
    cr_expect_eq(counts.tcp_sessions, 2);
}

/* The newer capture comes first: its live sessions expire while the older one is read. */
Test(time, a_step_back, .init = begin)
{
    TCP_AT(NOW, C, .sequence = 1, .payload = "new");
    udp_at(NOW - HOUR, 2, "u");
    cr_expect_eq(run.completed_s, NOW);
    udp_at(NOW - HOUR + 1, 2, "v");
    cr_expect_eq(run.completed_s, NOW - HOUR + 1);
    for (uint32_t i = 1; i <= 4; i++) {
        cr_expect_eq(run.line_count, 2 + i, "minute %u", i);
        udp_at(NOW - HOUR + 1 + 75 * i, 3, "w");
    }
    udp_at(NOW - HOUR + 301, 3, "w");
    cr_expect_eq(run.line_count, 8, "not yet");
    udp_at(NOW - HOUR + 302, 3, "w");
    cr_expect_eq(run.line_count, 9 + 2, "its ends");
    free(traffic_end(&run, &counts));
}

Test(time, a_step_back_of_one_packet_is_ignored, .init = begin)
{
    TCP_AT(NOW, C, .sequence = 1, .payload = "aa");
    udp_at(NOW - HOUR, 2, "odd");
    udp_at(NOW, 3, "u");
    udp_at(NOW - HOUR, 2, "odd");
    cr_expect_eq(run.completed_s, NOW);
    udp_at(NOW + 61, 3, "v");
    TCP_AT(NOW + 62, C, .sequence = 3, .payload = "bb");
    cr_expect_eq(run.completed_s, NOW + 62);
    free(traffic_end(&run, &counts));
    cr_expect_eq(counts.tcp_sessions, 1);
}

/* Captures may begin at 0 and end at 2^32 - 1. */
Test(time, ends_of_time, .init = begin)
{
    udp_at(0, 1, "a");
    udp_at(0, 2, "b");
    udp_at(62, 3, "c");
    udp_at(0, 3, "d");
    udp_at(UINT32_MAX - 1, 1, "e");
    udp_at(UINT32_MAX, 1, "f");
    cr_expect_eq(run.completed_s, UINT32_MAX);
    udp_at(UINT32_MAX, 2, "g");
    expect("1 C \"a\" @0\n2 C \"b\" @0\n3 C \"c\" @0\n3 C \"d\" @0\n4 C \"e\" @0\n"
           "4 C \"f\" @0\n5 C \"g\" @0\n");
}

/* A frame without its own time confirms no odd stamp. */
Test(time, frames_without_time_do_not_count, .init = begin)
{
    TCP_AT(NOW, C, .sequence = 1, .payload = "aa");
    udp_at(far_ahead, 2, "odd");
    run.untimed = true;
    udp_at(far_ahead, 3, "u");
    udp_at(0, 3, "u");
    udp_at(0, 3, "u");
    run.untimed = false;
    cr_expect_eq(run.completed_s, NOW);
    TCP_AT(NOW + 1, C, .sequence = 3, .payload = "bb");
    cr_expect_eq(run.completed_s, NOW + 1);
    free(traffic_end(&run, &counts));
    cr_expect_eq(counts.tcp_sessions, 1);
}

static uint32_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

static uint32_t odd_stamp(uint64_t *state, uint32_t stamp_s)
{
    static const uint32_t ends[] = {0, 1, 1U << 31, UINT32_MAX - 1, UINT32_MAX};
    switch (next_random(state) % 4) {
    case 0:
        return ends[next_random(state) % 5];
    case 1:
        return stamp_s + 301 + next_random(state) % 4000;
    case 2:
        return stamp_s - 301 - next_random(state) % 4000;
    default:
        return stamp_s - 150 + next_random(state) % 300;
    }
}

/* Odd stamps, alone and in rows, and steps in both directions. */
static char *odd_traffic(unsigned workers, uint64_t seed, uint64_t memory)
{
    traffic_begin(&run, workers, memory);
    uint64_t state = seed;
    uint32_t stamp_s = NOW;
    uint32_t due[100] = {0};
    uint32_t odd_s = 0;
    unsigned odd_left = 0;
    for (int i = 0; i < 5000; i++) {
        unsigned host = next_random(&state) % 100;
        stamp_s += next_random(&state) % 16 == 0 ? next_random(&state) % 20 : 0;
        if (next_random(&state) % 400 == 0) {
            stamp_s = odd_stamp(&state, stamp_s);
        }
        if (odd_left == 0 && next_random(&state) % 16 == 0) {
            odd_s = odd_stamp(&state, stamp_s);
            odd_left = 1 + next_random(&state) % 3;
        }
        at(odd_left > 0 ? odd_s : stamp_s);
        odd_left -= odd_left > 0;
        run.untimed = next_random(&state) % 32 == 0;
        if (host % 2 == 0) {
            traffic_udp(&run, next_random(&state) % 2, host + 1, "u");
        } else {
            traffic_tcp(&run,
                        (struct tcp){C, .host = host + 1, .sequence = due[host], .payload = "t"});
            due[host] += next_random(&state) % 8 != 0;
        }
    }
    return traffic_end(&run, &counts);
}

Test(time, any_number_of_workers_gives_the_same)
{
    for (uint64_t seed = 1; seed <= 8; seed++) {
        for (uint64_t memory = 0; memory <= 48 << 10; memory += 48 << 10) {
            char *one = odd_traffic(1, seed, memory);
            uint64_t sessions = counts.udp_sessions + counts.tcp_sessions;
            char *two = odd_traffic(2, seed, memory);
            char *three = odd_traffic(3, seed, memory);
            cr_assert_str_eq(two, one, "seed %llu", (unsigned long long)seed);
            cr_assert_str_eq(three, one, "seed %llu", (unsigned long long)seed);
            cr_assert_eq(counts.udp_sessions + counts.tcp_sessions, sessions);
            cr_assert_gt(sessions, 200);
            free(one);
            free(two);
            free(three);
        }
    }
}

static void ignore(void *context, const struct p2i_session_message *message)
{
    (void)context;
    (void)message;
}

static const struct p2i_protocol *const no_protocols[] = {NULL};

static uint64_t live, most_live;

static void note_live(void *context, uint64_t number, int change)
{
    (void)context;
    (void)number;
    live += (uint64_t)(int64_t)change;
    if (live > most_live) {
        most_live = live;
    }
}

/* A run with one worker whose messages are ignored. */
struct bench {
    struct p2i_sessions *sessions;
    struct delivery delivery;
    uint64_t number; /* of the last packet */
};

static struct bench bench_begin(void)
{
    struct p2i_session_settings settings = {
        .protocols = no_protocols,
        .memory_bytes = UINT64_C(1) << 30,
        .emit = ignore,
        .live_changed = note_live,
    };
    struct bench bench = {.sessions = p2i_sessions_new(&settings)};
    cr_assert_not_null(bench.sessions);
    delivery_begin(&bench.delivery, 1, false);
    live = most_live = 0;
    return bench;
}

static void bench_end(struct bench *bench)
{
    p2i_sessions_finish(bench->sessions, bench->number + 1);
    p2i_sessions_free(bench->sessions);
    delivery_end(&bench->delivery);
}

static void bench_deliver(struct bench *bench, const struct p2i_packet *packet)
{
    deliver(&bench->delivery, &bench->sessions, packet, ++bench->number);
}

/* A datagram in a session of its own, by its number. */
static void lone_datagram(struct bench *bench, uint32_t session, uint32_t stamp_s)
{
    struct p2i_packet packet = {
        .source = {.bytes = {10, (uint8_t)(session >> 16), (uint8_t)(session >> 8),
                             (uint8_t)session}},
        .destination = {.bytes = {192, 0, 2, 1}},
        .payload = P2I_VIEW("x"),
        .payload_length = 1,
        .time_ns = stamp_s * UINT64_C(1000000000),
        .source_port = 4000,
        .destination_port = 4001,
        .ip_version = 4,
        .transport = P2I_PROTO_UDP,
    };
    bench_deliver(bench, &packet);
}

/* A segment from 192.0.2.1 to 10.0.0.1. */
static void segment_from_port(struct bench *bench, uint16_t port, const char *payload,
                              uint32_t stamp_s)
{
    struct p2i_packet packet = {
        .source = {.bytes = {192, 0, 2, 1}},
        .destination = {.bytes = {10, 0, 0, 1}},
        .payload = p2i_view_of(payload, strlen(payload)),
        .payload_length = (uint32_t)strlen(payload),
        .time_ns = stamp_s * UINT64_C(1000000000),
        .tcp_flags = P2I_TCP_ACK,
        .source_port = port,
        .destination_port = 4000,
        .ip_version = 4,
        .transport = P2I_PROTO_TCP,
    };
    bench_deliver(bench, &packet);
}

static uint64_t data_channels(uint32_t odd_s, uint32_t begin_s)
{
    struct p2i_session_counts ended;
    struct bench bench = bench_begin();
    segment_from_port(&bench, 21, "229 x (|||2000|)\r\n", NOW);
    lone_datagram(&bench, 1, odd_s);
    lone_datagram(&bench, 1, begin_s);
    segment_from_port(&bench, 2000, "xx", begin_s);
    p2i_sessions_finish(bench.sessions, bench.number + 1);
    p2i_sessions_counts(bench.sessions, &ended);
    bench_end(&bench);
    return ended.protocols[P2I_ID_FTP_DATA];
}

Test(time, announcements_survive_an_odd_stamp)
{
    cr_expect_eq(data_channels(NOW, NOW + 300), 1);
    cr_expect_eq(data_channels(NOW + 1, NOW + 301), 0, "no longer");
    cr_expect_eq(data_channels(far_ahead, NOW + 1), 1);
    cr_expect_eq(data_channels(0, NOW + 1), 1);
    cr_expect_eq(data_channels(NOW - 3600, NOW - 3600), 1, "set back");
}

/* 100 sessions a second for 2,000 seconds, of which those of the last 61 are live. */
static uint64_t peak_with_odd(uint64_t odd_number, uint32_t odd_s)
{
    struct bench bench = bench_begin();
    for (uint32_t i = 1; i <= 200000; i++) {
        lone_datagram(&bench, i, i == odd_number ? odd_s : NOW + i / 100);
    }
    bench_end(&bench);
    return most_live;
}

Test(time, an_odd_stamp_does_not_change_the_number_of_live_sessions)
{
    uint64_t peak = peak_with_odd(0, 0);
    cr_expect_leq(peak, 6200);
    cr_expect_eq(peak_with_odd(10050, far_ahead), peak);
    cr_expect_eq(peak_with_odd(10050, 0), peak);
    cr_expect_eq(peak_with_odd(1, far_ahead), peak);
}

/* Time that goes back and forth in pairs must not cause a walk over all sessions: they end with the
 * first leap, and later leaps find no more sessions than packets since. */
Test(time, alternation_costs_little)
{
    struct bench bench = bench_begin();
    for (uint32_t i = 0; i < 100000; i++) {
        lone_datagram(&bench, i, NOW);
    }
    for (uint32_t i = 0; i < 400000; i++) {
        lone_datagram(&bench, i, i / 2 % 2 == 0 ? far_ahead : NOW);
    }
    bench_end(&bench);
    cr_expect_eq(most_live, 100000);
}
