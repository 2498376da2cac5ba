/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "single_run.h"

enum { C = 0, S = 1, SYN = P2I_TCP_SYN, FIN = P2I_TCP_FIN, RST = P2I_TCP_RST };

static void handshake(void)
{
    TCP(C, .sequence = 99, .flags = SYN, .shift = 8);
    TCP(S, .sequence = 499, .acknowledgement = 100, .flags = SYN, .shift = 8);
    TCP(S, .sequence = 500, .acknowledgement = 100);
    TCP(C, .sequence = 100, .acknowledgement = 500);
}

Test(sessions, bytes_in_order_reach_the_parser, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .acknowledgement = 500, .payload = "one");
    TCP(S, .sequence = 500, .acknowledgement = 103, .payload = "two");
    TCP(C, .sequence = 103, .acknowledgement = 503, .payload = "three");
    expect("1 C \"one\" @100\n1 S \"two\" @500\n1 C \"three\" @103\n1 C end\n1 S end\n");
    cr_assert_eq(counts.tcp_sessions, 1);
}

Test(sessions, segments_out_of_order_are_held, .init = begin)
{
    handshake();
    TCP(C, .sequence = 106, .payload = "ghi");
    TCP(C, .sequence = 103, .payload = "def");
    TCP(C, .sequence = 100, .payload = "abc");
    expect("1 C \"abc\" @100\n1 C \"def\" @103\n1 C \"ghi\" @106\n1 C end\n1 S end\n");
    cr_assert_eq(counts.out_of_order_segments, 2);
    cr_assert_eq(counts.gaps, 0);
}

Test(sessions, repeated_bytes_are_delivered_once, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "abc");
    TCP(C, .sequence = 100, .payload = "ABC");
    TCP(C, .sequence = 101, .payload = "BCdef");
    TCP(C, .sequence = 106, .payload = "g");
    expect("1 C \"abc\" @100\n1 C \"def\" @101\n1 C \"g\" @106\n1 C end\n1 S end\n");
    cr_assert_eq(counts.retransmitted_bytes, 5);
}

Test(sessions, the_first_of_overlapping_bytes_win_also_while_held, .init = begin)
{
    handshake();
    TCP(C, .sequence = 104, .payload = "ef");
    TCP(C, .sequence = 108, .payload = "ij");
    TCP(C, .sequence = 102, .payload = "cdEFghIJkl");
    TCP(C, .sequence = 100, .payload = "abCD");
    expect("1 C \"abCD\" @100\n1 C \"ef\" @104\n1 C \"gh\" @106\n1 C \"ij\" @108\n"
           "1 C \"kl\" @110\n1 C end\n1 S end\n");
}

Test(sessions, sequence_numbers_wrap, .init = begin)
{
    TCP(C, .sequence = 0xfffffffc, .flags = SYN);
    TCP(C, .sequence = 0x00000003, .payload = "ghi");
    TCP(C, .sequence = 0xfffffffd, .payload = "abcdef");
    expect("1 C \"abcdef\" @4294967293\n1 C \"ghi\" @3\n1 C end\n1 S end\n");
}

Test(sessions, keep_alives_deliver_nothing, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "abc");
    TCP(C, .sequence = 102, .payload = "c");
    TCP(C, .sequence = 102);
    TCP(C, .sequence = 103, .payload = "d");
    expect("1 C \"abc\" @100\n1 C \"d\" @103\n1 C end\n1 S end\n");
}

Test(sessions, a_capture_may_begin_in_the_middle, .init = begin)
{
    TCP(S, .sequence = 9000, .acknowledgement = 700, .payload = "reply");
    TCP(C, .sequence = 699, .acknowledgement = 9005);
    TCP(C, .sequence = 700, .acknowledgement = 9005, .payload = "next");
    expect("1 S \"reply\" @9000\n1 C \"next\" @700\n1 C end\n1 S end\n");
}

Test(sessions, without_a_syn_the_acknowledgement_shows_the_beginning, .init = begin)
{
    TCP(C, .sequence = 700, .acknowledgement = 9000);
    TCP(S, .sequence = 9003, .payload = "def");
    TCP(S, .sequence = 9000, .payload = "abc");
    TCP(C, .sequence = 700, .acknowledgement = 9006, .payload = "x");
    expect("1 S \"abc\" @9000\n1 S \"def\" @9003\n1 C \"x\" @700\n1 C end\n1 S end\n");
}

Test(sessions, an_old_acknowledgement_does_not, .init = begin)
{
    TCP(C, .sequence = 700, .acknowledgement = 9000);
    TCP(S, .sequence = 9000000, .payload = "abc");
    TCP(C, .sequence = 1, .host = 2, .acknowledgement = 9000);
    TCP(S, .sequence = 8999, .host = 2, .payload = "abc");
    expect("1 S \"abc\" @9000000\n2 S \"abc\" @8999\n1 C end\n1 S end\n2 C end\n2 S end\n");
}

Test(sessions, the_side_of_the_well_known_port_is_the_responder, .init = begin)
{
    TCP(S, .sequence = 9000, .payload = "reply");
    TCP(S, .sequence = 9005, .flags = FIN);
    expect("1 S \"reply\" @9000\n1 S end\n1 C end\n");
}

Test(sessions, what_the_snaplen_cut_off_is_a_gap, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "abc", .uncaptured = 7);
    TCP(C, .sequence = 110, .payload = "def");
    expect("1 C \"abc\" @100\n1 C gap 7\n1 C \"def\" @110\n1 C end\n1 S end\n");
    cr_assert_eq(counts.cut_bytes, 7);
    cr_assert_eq(counts.counts.lost_bytes, 7);
}

Test(sessions, a_hole_that_never_fills_is_reported_at_the_end, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "abc");
    TCP(C, .sequence = 110, .payload = "def");
    TCP(C, .sequence = 113, .flags = FIN);
    traffic_wait(&run, 400);
    TCP(C, .host = 2, .sequence = 1, .payload = "other");
    cr_assert_eq(run.line_count, 2, "one packet may have a wrong time");
    TCP(C, .host = 2, .sequence = 6, .payload = "ones");
    expect("1 C \"abc\" @100\n2 C \"other\" @1\n1 C gap 7\n1 C \"def\" @110\n1 C end\n1 S end\n"
           "2 C \"ones\" @6\n2 C end\n2 S end\n");
    cr_assert_eq(counts.gaps, 1);
}

Test(sessions, a_hole_is_lost_after_an_idle_time, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "abc");
    TCP(C, .sequence = 110, .payload = "def");
    traffic_wait(&run, 20);
    traffic_udp(&run, C, 2, "u");
    cr_assert_eq(run.line_count, 2);
    traffic_wait(&run, 1);
    traffic_udp(&run, C, 2, "v");
    TCP(C, .sequence = 113, .payload = "ghi");
    expect("1 C \"abc\" @100\n2 C \"u\" @0\n1 C gap 7\n1 C \"def\" @110\n2 C \"v\" @0\n"
           "1 C \"ghi\" @113\n1 C end\n1 S end\n");
}

Test(sessions, an_idle_session_continues_as_the_same, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "calm");
    traffic_udp(&run, C, 2, "u");
    traffic_wait(&run, 30);
    traffic_udp(&run, C, 2, "u");
    TCP(S, .sequence = 500, .payload = "def");
    TCP(C, .sequence = 104, .payload = "bye");
    traffic_wait(&run, 30);
    traffic_udp(&run, C, 2, "u");
    TCP(C, .sequence = 107, .payload = "more");
    expect("1 C \"calm\" @100\n2 C \"u\" @0\n2 C \"u\" @0\n1 S \"def\" @500\n"
           "1 C \"bye\" @104\n2 C \"u\" @0\n");
    cr_assert_eq(counts.tcp_sessions, 1);
}

Test(sessions, a_hole_in_front_of_too_many_segments_is_lost, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "a");
    for (uint32_t i = 0; i <= P2I_OUT_OF_ORDER_SEGMENTS; i++) {
        TCP(C, .sequence = 110 + 2 * i, .payload = "xy");
    }
    TCP(S, .sequence = 500, .payload = "then");
    char *text = traffic_end(&run, &counts);
    cr_assert_eq(counts.gaps, 1);
    cr_assert_not_null(strstr(text, "1 C gap 9\n1 C \"xy\" @110\n"));
    cr_assert_not_null(strstr(text, "1 C \"xy\" @238\n1 S \"then\""));
    free(text);
}

Test(sessions, a_hole_in_front_of_too_many_bytes_is_lost, .init = begin)
{
    enum { SIZE = 60000 };
    char *big = malloc(SIZE + 1);
    memset(big, 'x', SIZE);
    big[SIZE] = '\0';
    handshake();
    for (uint32_t i = 0; i < 5; i++) {
        cr_assert_eq(run.line_count, 0);
        TCP(C, .sequence = 110 + i * SIZE, .payload = big);
    }
    cr_assert_gt(run.line_count, 0, "five segments are more than may be held");
    free(big);
    char *text = traffic_end(&run, &counts);
    cr_assert_eq(counts.gaps, 0 + 1);
    free(text);
}

Test(sessions, how_many_bytes_may_be_held_can_be_set)
{
    traffic_begin_holding(&run, 1, 0, 8);
    handshake();
    TCP(C, .sequence = 110, .payload = "1234");
    TCP(C, .sequence = 114, .payload = "5678");
    cr_assert_eq(run.line_count, 0, "eight bytes are held");
    TCP(C, .sequence = 118, .payload = "9");
    cr_assert_gt(run.line_count, 0, "nine are not");
    free(traffic_end(&run, &counts));
    cr_assert_eq(counts.gaps, 1);
}

Test(sessions, a_hole_that_the_peer_acknowledged_is_lost_soon, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "a");
    TCP(C, .sequence = 110, .payload = "b");
    TCP(S, .sequence = 500, .acknowledgement = 111);
    for (uint32_t i = 0; i < 6; i++) {
        TCP(C, .sequence = 111 + i, .payload = "c");
    }
    cr_assert_eq(run.line_count, 1, "not yet: the hole may be an exchange of two packets");
    TCP(C, .sequence = 117, .payload = "c");
    cr_assert_gt(run.line_count, 1);
    free(traffic_end(&run, &counts));
    cr_assert_eq(counts.gaps, 1);
}

Test(sessions, fin_ends_a_direction_when_all_before_it_has_come, .init = begin)
{
    handshake();
    TCP(C, .sequence = 103, .payload = "def", .flags = FIN);
    TCP(C, .sequence = 100, .payload = "abc");
    TCP(S, .sequence = 500, .payload = "reply", .flags = FIN);
    cr_assert_eq(run.line_count, 5);
    expect("1 C \"abc\" @100\n1 C \"def\" @103\n1 C end\n1 S \"reply\" @500\n1 S end\n");
}

Test(sessions, rst_ends_both_directions, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "abc");
    TCP(C, .sequence = 110, .payload = "def");
    TCP(S, .sequence = 500, .flags = RST);
    traffic_wait(&run, 11);
    traffic_udp(&run, C, 9, "u");
    cr_assert_eq(run.line_count, 6, "when nobody has gone on behind it");
    expect("1 C \"abc\" @100\n1 C gap 7\n1 C \"def\" @110\n1 C end\n1 S end\n2 C \"u\" @0\n");
}

Test(sessions, bytes_after_the_end_are_parsed_anew, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "abc", .flags = FIN);
    TCP(S, .sequence = 500, .flags = FIN);
    TCP(C, .sequence = 103, .payload = "def");
    TCP(C, .sequence = 100, .payload = "abc");
    expect("1 C \"abc\" @100\n1 C end\n1 S end\n1 C \"def\" @103\n1 C end\n1 S end\n");
}

Test(sessions, a_new_syn_on_the_same_ports_is_a_new_session, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "old");
    TCP(C, .sequence = 77000, .flags = SYN);
    TCP(S, .sequence = 99000, .acknowledgement = 77001, .flags = SYN);
    TCP(C, .sequence = 77001, .payload = "new");
    expect("1 C \"old\" @100\n1 C end\n1 S end\n2 C \"new\" @77001\n2 C end\n2 S end\n");
    cr_assert_eq(counts.tcp_sessions, 2);
}

Test(sessions, a_repeated_syn_is_not, .init = begin)
{
    handshake();
    TCP(C, .sequence = 99, .flags = SYN);
    TCP(C, .sequence = 100, .payload = "abc");
    TCP(C, .sequence = 99, .flags = SYN);
    TCP(C, .sequence = 103, .payload = "def");
    expect("1 C \"abc\" @100\n1 C \"def\" @103\n1 C end\n1 S end\n");
    cr_assert_eq(counts.tcp_sessions, 1);
}

Test(sessions, a_syn_that_comes_late_is_not, .init = begin)
{
    TCP(C, .sequence = 100, .payload = "abc");
    TCP(C, .sequence = 99, .flags = SYN);
    TCP(C, .sequence = 103, .payload = "def");
    expect("1 C \"abc\" @100\n1 C \"def\" @103\n1 C end\n1 S end\n");
    cr_assert_eq(counts.tcp_sessions, 1);
}

Test(sessions, a_finished_parser_gets_nothing_more, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "bye");
    TCP(C, .sequence = 103, .payload = "more");
    TCP(S, .sequence = 500, .payload = "more");
    expect("1 C \"bye\" @100\n");
}

Test(sessions, idle_sessions_end_by_capture_time_in_the_order_of_their_last_packets, .init = begin)
{
    TCP(C, .host = 1, .sequence = 1, .payload = "aa");
    TCP(C, .host = 2, .sequence = 1, .payload = "bb");
    traffic_udp(&run, C, 3, "u");
    TCP(C, .host = 1, .sequence = 3, .payload = "aa");
    traffic_wait(&run, 299);
    traffic_udp(&run, C, 4, "v");
    cr_assert_eq(run.line_count, 5, "none but the datagrams' session is over, which says nothing");
    traffic_wait(&run, 3);
    traffic_udp(&run, C, 5, "w");
    expect("1 C \"aa\" @1\n2 C \"bb\" @1\n3 C \"u\" @0\n1 C \"aa\" @3\n4 C \"v\" @0\n"
           "2 C end\n2 S end\n1 C end\n1 S end\n5 C \"w\" @0\n");
}

Test(sessions, time_that_goes_back_ends_no_session, .init = begin)
{
    TCP(C, .sequence = 1, .payload = "aa");
    run.time_ns -= UINT64_C(5000) * 1000000000;
    TCP(C, .sequence = 3, .payload = "bb");
    cr_assert_eq(run.line_count, 2);
    free(traffic_end(&run, &counts));
    cr_assert_eq(counts.tcp_sessions, 1);
}

Test(sessions, datagrams_have_sessions_too, .init = begin)
{
    traffic_udp(&run, C, 1, "question");
    traffic_udp(&run, S, 1, "answer");
    expect("1 C \"question\" @0\n1 S \"answer\" @0\n");
    cr_assert_eq(counts.udp_sessions, 1);
}

/* Many sessions in 16 MiB: the oldest are ended first, with their last messages. */
Test(sessions, out_of_memory_ends_the_oldest)
{
    traffic_begin(&run, 1, 1 << 20);
    for (unsigned port = 1; port <= 20000; port++) {
        TCP(C, .port = (uint16_t)(1024 + port), .sequence = 1, .payload = "xx");
    }
    size_t lines = run.line_count;
    free(traffic_end(&run, &counts));
    cr_assert_gt(counts.evicted_sessions, 10000);
    cr_assert_eq(lines, 20000 + counts.evicted_sessions * 2);
}

static uint32_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

/* Reordered traffic of many hosts with little memory. */
static char *disorder(unsigned workers, uint64_t seed, uint64_t memory)
{
    traffic_begin(&run, workers, memory);
    uint64_t state = seed;
    uint32_t next[2][200] = {{0}};
    for (int i = 0; i < 6000; i++) {
        unsigned host = next_random(&state) % 200;
        unsigned from = next_random(&state) % 2;
        uint32_t *due = &next[from][host];
        uint32_t jump = next_random(&state) % 8 == 0 ? next_random(&state) % 9 : 0;
        uint32_t back = next_random(&state) % 8 == 0 ? next_random(&state) % 9 : 0;
        char payload[2] = {(char)('a' + i % 26), '\0'};
        uint16_t flags = next_random(&state) % 64 == 0   ? FIN
                         : next_random(&state) % 64 == 0 ? RST
                                                         : 0;
        if (next_random(&state) % 100 == 0) {
            traffic_wait(&run, next_random(&state) % 100);
        }
        TCP(from, .host = host + 1, .port = (uint16_t)(2000 + host),
            .sequence = 1000 + *due + jump - back, .flags = flags, .payload = payload);
        *due += 1 + jump;
    }
    return traffic_end(&run, &counts);
}

Test(sessions, any_number_of_workers_gives_the_same)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        for (uint64_t memory = 0; memory <= 64 << 10; memory += 64 << 10) {
            char *one = disorder(1, seed, memory);
            uint64_t evicted = counts.evicted_sessions;
            char *two = disorder(2, seed, memory);
            char *three = disorder(3, seed, memory);
            cr_assert_str_eq(two, one);
            cr_assert_str_eq(three, one);
            cr_assert_eq(counts.evicted_sessions, evicted);
            cr_assert(memory == 0 || evicted > 0);
            free(one);
            free(two);
            free(three);
        }
    }
}

/* A stream cut at random, with each segment sent up to three times and reordered within the limit
 * of held bytes, is delivered unchanged. */
Test(sessions, a_disturbed_stream_comes_out_whole)
{
    enum { LENGTH = 4000, WINDOW = 20 };
    char *stream = malloc(LENGTH + 1);
    for (uint64_t seed = 1; seed <= 20; seed++) {
        uint64_t state = seed;
        traffic_begin(&run, 1, 0);
        TCP(C, .sequence = 0xfffffff0 - 1, .flags = SYN);
        for (int i = 0; i < LENGTH; i++) {
            stream[i] = (char)('a' + next_random(&state) % 26);
        }
        stream[LENGTH] = '\0';
        for (uint32_t at = 0; at < LENGTH; at += WINDOW) {
            for (int turn = 0; turn < 40; turn++) {
                uint32_t from = at + next_random(&state) % WINDOW;
                uint32_t size = 1 + next_random(&state) % 8;
                char segment[16] = {0};
                memcpy(segment, stream + from, size < LENGTH - from ? size : LENGTH - from);
                TCP(C, .sequence = 0xfffffff0 + from, .payload = segment);
            }
            char rest[WINDOW + 1] = {0};
            memcpy(rest, stream + at, WINDOW);
            TCP(C, .sequence = 0xfffffff0 + at, .payload = rest);
        }
        char *text = traffic_end(&run, &counts);
        char *whole = calloc(1, LENGTH + 1);
        size_t size = 0;
        for (const char *quote = strchr(text, '"'); quote != NULL; quote = strchr(quote, '"')) {
            const char *close = strchr(quote + 1, '"');
            memcpy(whole + size, quote + 1, (size_t)(close - quote - 1));
            size += (size_t)(close - quote - 1);
            quote = close + 1;
        }
        cr_assert_eq(size, LENGTH);
        cr_assert_str_eq(whole, stream);
        cr_assert_eq(counts.gaps, 0);
        free(text);
        free(whole);
    }
    free(stream);
}
