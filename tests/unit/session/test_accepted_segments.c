/* SPDX-License-Identifier: MIT */
/* Only segments that the end host accepted count (RFC 9293 section 3.10.7): numbers outside the
 * window, SYNs without an answer, wrong checksums, padding, probes, urgent bytes. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "single_run.h"

enum {
    C = 0,
    S = 1,
    SYN = P2I_TCP_SYN,
    FIN = P2I_TCP_FIN,
    RST = P2I_TCP_RST,
    PSH = P2I_TCP_PSH,
    FAR = 500000000
};

/* A segment with correct checksums. */
#define RIGHT(...) traffic_tcp(&run, (struct tcp){__VA_ARGS__, .sum = SUMMED})

static void handshake(void)
{
    RIGHT(C, .sequence = 99, .flags = SYN);
    RIGHT(S, .sequence = 499, .acknowledgement = 100, .flags = SYN);
    RIGHT(C, .sequence = 100, .acknowledgement = 500);
}

/* ---- the window ---- */

Test(window, segments_too_far_ahead_have_no_effect, .init = begin)
{
    handshake();
    for (uint32_t i = 0; i < 65; i++) {
        RIGHT(C, .sequence = FAR + 2 * i, .payload = "x");
    }
    RIGHT(C, .sequence = 100, .payload = "abc");
    RIGHT(C, .sequence = 103, .payload = "def");
    expect("1 C \"abc\" @100\n1 C \"def\" @103\n1 C end\n1 S end\n");
    cr_assert_eq(counts.out_of_window_segments, 65);
    cr_assert_eq(counts.gaps, 0);
}

Test(window, acknowledgements_outside_it_have_no_effect, .init = begin)
{
    handshake();
    for (uint32_t i = 0; i < 8; i++) {
        RIGHT(C, .sequence = FAR + 2 * i, .payload = "x");
    }
    RIGHT(S, .sequence = 500, .acknowledgement = FAR + 1);
    RIGHT(C, .sequence = FAR + 20, .payload = "x");
    RIGHT(C, .sequence = 100, .payload = "abc");
    expect("1 C \"abc\" @100\n1 C end\n1 S end\n");
}

Test(window, four_consecutive_segments_outside_it_continue_the_stream, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "abc");
    for (uint32_t i = 0; i < 3; i++) {
        RIGHT(C, .sequence = FAR + 2 * i, .payload = "xy");
    }
    cr_assert_eq(run.line_count, 1);
    RIGHT(C, .sequence = FAR + 6, .payload = "xy");
    RIGHT(C, .sequence = FAR + 8, .payload = "last");
    char *text = traffic_end(&run, &counts);
    cr_assert_not_null(
        strstr(text, "1 C \"abc\" @100\n1 C gap 499999897\n1 C \"xy\" @500000000\n"));
    cr_assert_not_null(strstr(text, "1 C \"last\" @500000008\n"));
    cr_assert_eq(counts.gaps, 1);
    free(text);
}

Test(window, not_if_a_segment_came_inside_it_meanwhile, .init = begin)
{
    handshake();
    for (uint32_t i = 0; i < 8; i++) {
        RIGHT(C, .sequence = FAR + 2 * i, .payload = "xy");
        if (i % 3 == 2) {
            RIGHT(C, .sequence = 100 + i / 3 * 2, .payload = "ab");
        }
    }
    expect("1 C \"ab\" @100\n1 C \"ab\" @102\n1 C end\n1 S end\n");
    cr_assert_eq(counts.gaps, 0);
}

Test(window, is_scaled_by_the_peers_option, .init = begin)
{
    /* 1,000 bytes with a shift of 3. */
    RIGHT(C, .sequence = 99, .flags = SYN, .shift = 8);
    RIGHT(S, .sequence = 499, .acknowledgement = 100, .flags = SYN, .shift = 4, .window = 1000);
    RIGHT(C, .sequence = 100, .acknowledgement = 500);
    RIGHT(S, .sequence = 500, .acknowledgement = 100, .window = 1000);
    RIGHT(C, .sequence = 100, .payload = "abc");
    RIGHT(C, .sequence = 103 + 8001, .payload = "out");
    RIGHT(C, .sequence = 103 + 8000, .payload = "in");
    expect("1 C \"abc\" @100\n1 C gap 8000\n1 C \"in\" @8103\n1 C end\n1 S end\n");
    cr_assert_eq(counts.out_of_window_segments, 1);
}

Test(window, is_four_mebibytes_if_unknown, .init = begin)
{
    RIGHT(C, .sequence = 100, .payload = "abc");
    RIGHT(C, .sequence = 103 + (4 << 20) + 1, .payload = "out");
    RIGHT(C, .sequence = 103 + (4 << 20), .payload = "in");
    expect("1 C \"abc\" @100\n1 C gap 4194304\n1 C \"in\" @4194407\n1 C end\n1 S end\n");
}

Test(window, a_fin_outside_it_has_no_effect, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = FAR, .flags = FIN);
    RIGHT(S, .sequence = 500, .acknowledgement = 100, .flags = FIN);
    RIGHT(C, .sequence = 100, .payload = "abc");
    traffic_wait(&run, 15);
    RIGHT(C, .sequence = 103, .payload = "def");
    expect("1 C \"abc\" @100\n1 C \"def\" @103\n1 C end\n1 S end\n");
    cr_assert_eq(counts.out_of_window_ends, 1);
    cr_assert_eq(counts.tcp_sessions, 1);
}

Test(window, a_rst_outside_it_has_no_effect, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "abc");
    RIGHT(S, .sequence = FAR, .flags = RST);
    traffic_wait(&run, 15);
    RIGHT(C, .sequence = 103, .payload = "def");
    expect("1 C \"abc\" @100\n1 C \"def\" @103\n1 C end\n1 S end\n");
    cr_assert_eq(counts.out_of_window_ends, 1);
    cr_assert_eq(counts.tcp_sessions, 1);
}

Test(window, a_sender_that_continues_revokes_its_rst, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "abc");
    RIGHT(C, .sequence = 103, .flags = RST);
    RIGHT(C, .sequence = 103, .payload = "def");
    traffic_wait(&run, 15);
    RIGHT(C, .sequence = 106, .payload = "ghi");
    expect("1 C \"abc\" @100\n1 C \"def\" @103\n1 C \"ghi\" @106\n1 C end\n1 S end\n");
    cr_assert_eq(counts.tcp_sessions, 1);
}

Test(window, a_refused_syn_ends_its_session, .init = begin)
{
    for (uint32_t i = 1; i <= 3; i++) {
        RIGHT(C, .sequence = i * 1000, .flags = SYN);
        RIGHT(S, .sequence = 0, .acknowledgement = i * 1000 + 1, .flags = RST);
    }
    expect("");
    cr_assert_eq(counts.tcp_sessions, 3);
}

Test(window, fin_and_rst_behind_accepted_bytes_are_old, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "abc");
    RIGHT(C, .sequence = 102, .flags = FIN);
    RIGHT(C, .sequence = 90, .flags = RST);
    RIGHT(S, .sequence = 499, .flags = RST);
    traffic_wait(&run, 15);
    RIGHT(C, .sequence = 103, .payload = "def");
    expect("1 C \"abc\" @100\n1 C \"def\" @103\n1 C end\n1 S end\n");
    cr_assert_eq(counts.tcp_sessions, 1);
    cr_assert_eq(counts.out_of_window_ends, 3);
}

Test(window, repeated_segments_after_a_loss_belong_to_the_stream, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "abc");
    for (uint32_t i = 0; i < 4; i++) {
        RIGHT(C, .sequence = FAR + 2 * i, .payload = "xy");
        RIGHT(C, .sequence = FAR + 2 * i, .payload = "xy");
    }
    cr_assert_eq(run.line_count, 6);
    free(traffic_end(&run, &counts));
}

Test(window, an_island_adjacent_to_held_bytes_has_no_gap, .init = begin)
{
    char big[1401];
    memset(big, 'b', 1400);
    big[1400] = 0;
    handshake();
    RIGHT(C, .sequence = 100, .payload = "abc");
    RIGHT(C, .sequence = 103 + 65525, .payload = big);
    for (uint32_t i = 0; i < 4; i++) {
        RIGHT(C, .sequence = 103 + 65536 + 1400 * i, .payload = big);
    }
    free(traffic_end(&run, &counts));
    cr_assert_eq(counts.counts.lost_bytes, 65525);
}

/* ---- SYN ---- */

Test(syn, without_an_answer_has_no_effect, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = FAR, .flags = SYN);
    RIGHT(C, .sequence = 100, .payload = "abc");
    RIGHT(S, .sequence = 500, .payload = "def");
    expect("1 C \"abc\" @100\n1 S \"def\" @500\n1 C end\n1 S end\n");
    cr_assert_eq(counts.unanswered_syns, 1);
    cr_assert_eq(counts.tcp_sessions, 1);
}

Test(syn, each_without_an_answer_counts_once, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = FAR, .flags = SYN);
    RIGHT(C, .sequence = FAR, .flags = SYN);
    RIGHT(C, .sequence = FAR + 9, .flags = SYN);
    RIGHT(C, .sequence = 100, .payload = "abc");
    expect("1 C \"abc\" @100\n1 C end\n1 S end\n");
    cr_assert_eq(counts.unanswered_syns, 2);
}

Test(syn, with_an_answer_begins_a_session, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "abc");
    RIGHT(C, .sequence = FAR, .flags = SYN);
    RIGHT(S, .sequence = 9000, .acknowledgement = FAR + 1, .flags = SYN);
    RIGHT(C, .sequence = FAR + 1, .payload = "new");
    RIGHT(S, .sequence = 9001, .payload = "too");
    expect("1 C \"abc\" @100\n1 C end\n1 S end\n2 C \"new\" @500000001\n2 S \"too\" @9001\n"
           "2 C end\n2 S end\n");
    cr_assert_eq(counts.unanswered_syns, 0);
}

Test(syn, counts_when_its_sender_continues_and_the_peer_was_not_captured, .init = begin)
{
    RIGHT(C, .sequence = 99, .flags = SYN);
    RIGHT(C, .sequence = 100, .payload = "abc");
    RIGHT(C, .sequence = FAR, .flags = SYN);
    RIGHT(C, .sequence = 103, .payload = "def");
    RIGHT(C, .sequence = FAR + 1, .payload = "new");
    expect("1 C \"abc\" @100\n1 C \"def\" @103\n1 C end\n1 S end\n2 C \"new\" @500000001\n"
           "2 C end\n2 S end\n");
}

Test(syn, with_ack_counts_when_its_sender_continues_and_the_peer_was_not_captured, .init = begin)
{
    RIGHT(S, .sequence = 499, .acknowledgement = 100, .flags = SYN);
    RIGHT(S, .sequence = 500, .acknowledgement = 103, .payload = "abc");
    RIGHT(S, .sequence = FAR, .acknowledgement = 7000, .flags = SYN);
    RIGHT(S, .sequence = FAR + 1, .acknowledgement = 7000, .payload = "new");
    expect("1 S \"abc\" @500\n1 C end\n1 S end\n2 S \"new\" @500000001\n2 C end\n2 S end\n");
}

Test(syn, without_a_captured_answer_counts_when_acknowledged, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "abc");
    RIGHT(C, .sequence = FAR, .flags = SYN);
    RIGHT(S, .sequence = 9001, .acknowledgement = FAR + 1);
    RIGHT(C, .sequence = FAR + 1, .payload = "new");
    expect("1 C \"abc\" @100\n1 C end\n1 S end\n2 C \"new\" @500000001\n2 C end\n2 S end\n");
}

Test(syn, not_captured_is_known_by_its_answer, .init = begin)
{
    handshake();
    RIGHT(S, .sequence = 500, .payload = "abc");
    RIGHT(S, .sequence = FAR, .acknowledgement = 7001, .flags = SYN);
    RIGHT(C, .sequence = 7001, .acknowledgement = FAR + 1);
    RIGHT(S, .sequence = FAR + 1, .payload = "new");
    expect("1 S \"abc\" @500\n1 C end\n1 S end\n2 S \"new\" @500000001\n2 C end\n2 S end\n");
}

Test(syn, a_wrong_answer_does_not_count, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "abc");
    RIGHT(C, .sequence = FAR, .flags = SYN);
    TCP(S, .sequence = 9000, .acknowledgement = FAR + 1, .flags = SYN, .sum = SUM_WRONG);
    RIGHT(C, .sequence = 103, .payload = "def");
    expect("1 C \"abc\" @100\n1 C \"def\" @103\n1 C end\n1 S end\n");
}

Test(syn, of_two_answers_the_acknowledged_one_counts, .init = begin)
{
    RIGHT(C, .sequence = 99, .flags = SYN);
    RIGHT(S, .sequence = FAR, .acknowledgement = 100, .flags = SYN);
    RIGHT(S, .sequence = 499, .acknowledgement = 100, .flags = SYN);
    RIGHT(C, .sequence = 100, .acknowledgement = 500);
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "abc");
    RIGHT(S, .sequence = 500, .acknowledgement = 103, .payload = "def");
    expect("1 C \"abc\" @100\n1 S \"def\" @500\n1 C end\n1 S end\n");
    cr_assert_eq(counts.tcp_sessions, 1);
}

Test(syn, ack_within_a_session_has_no_effect, .init = begin)
{
    handshake();
    RIGHT(S, .sequence = 500, .payload = "abc");
    RIGHT(S, .sequence = FAR, .acknowledgement = 100, .flags = SYN);
    RIGHT(C, .sequence = 100, .acknowledgement = 503);
    RIGHT(S, .sequence = 503, .payload = "def");
    expect("1 S \"abc\" @500\n1 S \"def\" @503\n1 C end\n1 S end\n");
}

Test(syn, data_count_when_they_are_acknowledged, .init = begin)
{
    RIGHT(C, .sequence = 99, .flags = SYN, .payload = "fast");
    cr_assert_eq(run.line_count, 0);
    RIGHT(S, .sequence = 499, .acknowledgement = 104, .flags = SYN);
    cr_assert_eq(run.line_count, 1);
    expect("1 C \"fast\" @100\n1 C end\n1 S end\n");
}

Test(syn, data_without_acknowledgement_give_way, .init = begin)
{
    RIGHT(C, .sequence = 99, .flags = SYN, .payload = "FAKE");
    RIGHT(S, .sequence = 499, .acknowledgement = 100, .flags = SYN);
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "real");
    expect("1 C \"real\" @100\n1 C end\n1 S end\n");
}

Test(syn, data_count_when_the_sender_continues_and_the_peer_was_not_captured, .init = begin)
{
    RIGHT(C, .sequence = 99, .flags = SYN, .payload = "fast");
    RIGHT(C, .sequence = 104, .payload = "more");
    expect("1 C \"fast\" @100\n1 C \"more\" @104\n1 C end\n1 S end\n");
}

/* ---- checksums ---- */

Test(checksum, a_correct_copy_replaces_a_wrong_one, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "FAKE", .sum = SUM_WRONG);
    RIGHT(C, .sequence = 100, .payload = "real");
    expect("1 C \"real\" @100\n1 C end\n1 S end\n");
    cr_assert_eq(counts.doubtful_segments, 1);
    cr_assert_eq(counts.doubtful_taken, 0);
}

Test(checksum, of_the_ip_header_counts_too, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "FAKE", .sum = IP_SUM_WRONG);
    RIGHT(C, .sequence = 100, .payload = "real");
    expect("1 C \"real\" @100\n1 C end\n1 S end\n");
}

Test(checksum, a_copy_replaces_what_it_covers, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "ABCDEFGH", .sum = SUM_WRONG);
    RIGHT(C, .sequence = 102, .payload = "cdef");
    RIGHT(S, .sequence = 500, .acknowledgement = 108);
    expect("1 C \"AB\" @100\n1 C \"cdef\" @102\n1 C \"GH\" @106\n1 C end\n1 S end\n");
}

Test(checksum, acknowledged_segments_are_accepted, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "abc", .sum = SUM_WRONG);
    RIGHT(C, .sequence = 103, .payload = "def");
    cr_assert_eq(run.line_count, 0);
    RIGHT(S, .sequence = 500, .acknowledgement = 106, .payload = "reply");
    cr_assert_eq(run.line_count, 3);
    expect("1 C \"abc\" @100\n1 C \"def\" @103\n1 S \"reply\" @500\n1 C end\n1 S end\n");
    cr_assert_eq(counts.doubtful_taken, 1);
}

Test(checksum, a_wrong_acknowledgement_is_ignored, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "FAKE", .sum = SUM_WRONG);
    TCP(S, .sequence = 500, .acknowledgement = 104, .sum = SUM_WRONG);
    RIGHT(C, .sequence = 100, .payload = "real");
    expect("1 C \"real\" @100\n1 C end\n1 S end\n");
}

Test(checksum, doubtful_segments_are_accepted_at_the_end, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "abc", .sum = SUM_WRONG);
    expect("1 C \"abc\" @100\n1 C end\n1 S end\n");
    cr_assert_eq(counts.doubtful_taken, 1);
}

Test(checksum, doubtful_segments_are_accepted_at_the_limit, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "abc", .sum = SUM_WRONG);
    for (uint32_t i = 0; i < P2I_OUT_OF_ORDER_SEGMENTS; i++) {
        RIGHT(C, .sequence = 103 + 2 * i, .payload = "xy");
    }
    cr_assert_eq(run.line_count, 1 + P2I_OUT_OF_ORDER_SEGMENTS);
    free(traffic_end(&run, &counts));
    cr_assert_eq(counts.gaps, 0);
}

Test(checksum, of_a_sender_without_correct_ones_is_ignored, .init = begin)
{
    TCP(C, .sequence = 99, .flags = SYN, .sum = SUM_WRONG);
    RIGHT(S, .sequence = 499, .acknowledgement = 100, .flags = SYN);
    TCP(C, .sequence = 100, .payload = "abc", .sum = SUM_WRONG);
    cr_assert_eq(run.line_count, 1);
    expect("1 C \"abc\" @100\n1 C end\n1 S end\n");
    cr_assert_eq(counts.doubtful_segments, 0);
}

Test(checksum, left_to_the_network_card_is_ignored, .init = begin)
{
    handshake();
    TCP(C, .sequence = 100, .payload = "abc", .sum = SUM_PARTIAL);
    TCP(C, .sequence = 103, .payload = "def", .sum = NOT_SUMMED);
    TCP(C, .sequence = 106, .payload = "ghi", .uncaptured = 3, .sum = SUM_WRONG);
    cr_assert_eq(run.line_count, 4);
    free(traffic_end(&run, &counts));
    cr_assert_eq(counts.doubtful_segments, 0);
}

Test(checksum, a_wrong_fin_or_syn_has_no_effect, .init = begin)
{
    handshake();
    RIGHT(S, .sequence = 500, .acknowledgement = 100, .flags = FIN);
    TCP(C, .sequence = 100, .flags = FIN, .payload = "FAKE", .sum = SUM_WRONG);
    TCP(C, .sequence = 100, .flags = FIN, .sum = SUM_WRONG);
    TCP(C, .sequence = 100, .flags = RST, .sum = SUM_WRONG);
    TCP(C, .sequence = FAR, .flags = SYN, .sum = SUM_WRONG);
    RIGHT(C, .sequence = 100, .payload = "real");
    RIGHT(C, .sequence = 104, .payload = "more");
    expect("1 C \"real\" @100\n1 C \"more\" @104\n1 C end\n1 S end\n");
    cr_assert_eq(counts.tcp_sessions, 1);
}

/* ---- padding and probes ---- */

Test(padding, is_not_payload, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "\0\0", .size = 2, .acknowledgement = 500);
    RIGHT(C, .sequence = 100, .payload = "abc", .flags = PSH);
    RIGHT(S, .sequence = 500, .payload = "\0\0\0\0\0\0", .size = 6, .acknowledgement = 103);
    RIGHT(S, .sequence = 500, .acknowledgement = 103);
    RIGHT(S, .sequence = 500, .payload = "def", .acknowledgement = 103);
    expect("1 C \"abc\" @100\n1 S \"def\" @500\n1 C end\n1 S end\n");
    cr_assert_eq(counts.padding_bytes, 6);
}

Test(padding, zeros_are_payload_when_the_sender_counts_them, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "\0\0", .size = 2);
    RIGHT(C, .sequence = 102, .payload = "abc");
    RIGHT(S, .sequence = 500, .payload = "\0\0", .size = 2);
    RIGHT(S, .sequence = 502, .acknowledgement = 105);
    cr_assert_eq(run.line_count, 3);
    expect("1 C \"\" @100\n1 C \"abc\" @102\n1 S \"\" @500\n1 C end\n1 S end\n");
}

Test(padding, zeros_are_payload_when_they_are_acknowledged, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "\0\0", .size = 2);
    RIGHT(S, .sequence = 500, .acknowledgement = 102);
    cr_assert_eq(run.line_count, 1);
    free(traffic_end(&run, &counts));
}

Test(padding, zeros_with_a_push_are_payload, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "\0\0", .size = 2, .flags = PSH);
    cr_assert_eq(run.line_count, 1);
    free(traffic_end(&run, &counts));
}

Test(probe, gives_way_to_a_longer_segment, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "X");
    RIGHT(C, .sequence = 100, .payload = "abc");
    expect("1 C \"abc\" @100\n1 C end\n1 S end\n");
}

Test(probe, single_bytes_are_payload_when_the_sender_counts_them, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "a");
    RIGHT(C, .sequence = 101, .payload = "b");
    RIGHT(C, .sequence = 102, .payload = "c");
    RIGHT(S, .sequence = 500, .acknowledgement = 103);
    cr_assert_eq(run.line_count, 3);
    expect("1 C \"a\" @100\n1 C \"b\" @101\n1 C \"c\" @102\n1 C end\n1 S end\n");
}

Test(probe, a_byte_before_the_next_is_a_keep_alive, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "abc");
    RIGHT(C, .sequence = 102, .payload = "X");
    RIGHT(C, .sequence = 103, .payload = "def");
    expect("1 C \"abc\" @100\n1 C \"def\" @103\n1 C end\n1 S end\n");
}

/* ---- the urgent byte ---- */

Test(urgent, byte_is_not_in_the_stream, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "abXcd", .urgent = 3);
    expect("1 C \"ab\" @100\n1 C \"cd\" @100\n1 C end\n1 S end\n");
    cr_assert_eq(counts.urgent_bytes, 1);
}

Test(urgent, byte_may_come_in_a_later_segment, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "ab", .urgent = 4);
    RIGHT(C, .sequence = 102, .payload = "c");
    RIGHT(C, .sequence = 103, .payload = "Xd");
    expect("1 C \"ab\" @100\n1 C \"c\" @102\n1 C \"d\" @103\n1 C end\n1 S end\n");
    cr_assert_eq(counts.urgent_bytes, 1);
}

Test(urgent, byte_alone, .init = begin)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "ab");
    RIGHT(C, .sequence = 102, .payload = "X", .urgent = 1);
    RIGHT(C, .sequence = 103, .payload = "cd");
    expect("1 C \"ab\" @100\n1 C \"cd\" @103\n1 C end\n1 S end\n");
}
