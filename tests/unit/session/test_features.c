/* SPDX-License-Identifier: MIT */
/* What an observed session is said to have met. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "traffic.h"

enum { C = 0, S = 1, SYN = P2I_TCP_SYN, FIN = P2I_TCP_FIN, RST = P2I_TCP_RST, PSH = P2I_TCP_PSH };

static struct traffic run;
static struct p2i_session_counts counts;

static void begin_observed(void)
{
    traffic_begin_observed(&run);
}

/* A segment with correct checksums. */
#define RIGHT(...) traffic_tcp(&run, (struct tcp){__VA_ARGS__, .sum = SUMMED})

static void handshake(void)
{
    RIGHT(C, .sequence = 99, .flags = SYN);
    RIGHT(S, .sequence = 499, .acknowledgement = 100, .flags = SYN);
    RIGHT(C, .sequence = 100, .acknowledgement = 500);
}

/* Ends the run, whose sessions must have had these features, in the order of their numbers. */
static void expect_features(const char *expected)
{
    char text[1024] = "";
    free(traffic_end(&run, &counts));
    for (unsigned i = 0; i < P2I_FEATURE_COUNT; i++) {
        if (p2i_features_have(&run.features, i)) {
            strcat(text, strlen(text) > 0 ? " " : "");
            strcat(text, p2i_feature_name(i));
        }
    }
    cr_assert_str_eq(text, expected, "\"%s\" instead of \"%s\"", text, expected);
}

Test(features, of_a_plain_session_are_none, .init = begin_observed)
{
    handshake();
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "abc");
    RIGHT(S, .sequence = 500, .acknowledgement = 103, .payload = "def");
    RIGHT(C, .sequence = 103, .acknowledgement = 503, .flags = FIN);
    RIGHT(S, .sequence = 503, .acknowledgement = 104, .flags = FIN);
    expect_features("");
}

Test(features, joined, .init = begin_observed)
{
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "abc");
    RIGHT(S, .sequence = 500, .acknowledgement = 103, .payload = "def");
    expect_features("joined");
}

Test(features, one_direction, .init = begin_observed)
{
    traffic_udp(&run, C, 1, "abc");
    expect_features("one_direction");
}

Test(features, simultaneous_open, .init = begin_observed)
{
    RIGHT(C, .sequence = 99, .flags = SYN);
    RIGHT(S, .sequence = 499, .flags = SYN);
    RIGHT(C, .sequence = 99, .acknowledgement = 500, .flags = SYN);
    RIGHT(S, .sequence = 499, .acknowledgement = 100, .flags = SYN);
    expect_features("simultaneous_open");
}

Test(features, gap, .init = begin_observed)
{
    handshake();
    RIGHT(C, .sequence = 200, .acknowledgement = 500, .payload = "abc");
    expect_features("gap out_of_order");
}

Test(features, out_of_order, .init = begin_observed)
{
    handshake();
    RIGHT(C, .sequence = 103, .acknowledgement = 500, .payload = "def");
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "abc");
    expect_features("out_of_order");
}

Test(features, retransmission, .init = begin_observed)
{
    handshake();
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "abc");
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "abc");
    expect_features("retransmission");
}

Test(features, different_copies, .init = begin_observed)
{
    handshake();
    RIGHT(C, .sequence = 103, .acknowledgement = 500, .payload = "def");
    RIGHT(C, .sequence = 103, .acknowledgement = 500, .payload = "dEf");
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "abc");
    expect_features("out_of_order retransmission different_copies");
}

Test(features, equal_copies_do_not_differ, .init = begin_observed)
{
    handshake();
    RIGHT(C, .sequence = 104, .acknowledgement = 500, .payload = "efg");
    RIGHT(C, .sequence = 103, .acknowledgement = 500, .payload = "defgh");
    RIGHT(C, .sequence = 105, .acknowledgement = 500, .payload = "fg");
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "abc");
    expect_features("out_of_order retransmission");
}

Test(features, out_of_window, .init = begin_observed)
{
    handshake();
    RIGHT(C, .sequence = 500000000, .acknowledgement = 500, .payload = "abc");
    expect_features("out_of_window");
}

Test(features, keep_alive, .init = begin_observed)
{
    handshake();
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "abc");
    RIGHT(C, .sequence = 102, .acknowledgement = 500);
    expect_features("keep_alive");
}

Test(features, padding, .init = begin_observed)
{
    handshake();
    RIGHT(C, .sequence = 100, .payload = "\0\0", .size = 2, .acknowledgement = 500);
    RIGHT(C, .sequence = 100, .acknowledgement = 500);
    RIGHT(C, .sequence = 100, .payload = "abc", .flags = PSH);
    expect_features("padding");
}

Test(features, wrong_checksum, .init = begin_observed)
{
    handshake();
    traffic_tcp(&run, (struct tcp){C, .sequence = 100, .payload = "abc", .sum = SUM_WRONG});
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "def");
    expect_features("wrong_checksum retransmission");
}

Test(features, sequence_wrap, .init = begin_observed)
{
    RIGHT(C, .sequence = UINT32_MAX - 1, .flags = SYN);
    RIGHT(S, .sequence = 499, .acknowledgement = UINT32_MAX, .flags = SYN);
    RIGHT(C, .sequence = UINT32_MAX, .acknowledgement = 500, .payload = "abc");
    expect_features("sequence_wrap");
}

Test(features, half_closed, .init = begin_observed)
{
    handshake();
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "abc");
    RIGHT(C, .sequence = 103, .acknowledgement = 500, .flags = FIN);
    RIGHT(S, .sequence = 500, .acknowledgement = 104, .payload = "def");
    expect_features("half_closed");
}

Test(features, reset, .init = begin_observed)
{
    handshake();
    RIGHT(S, .sequence = 500, .acknowledgement = 100, .flags = RST);
    expect_features("reset");
}

Test(features, unanswered_syn, .init = begin_observed)
{
    handshake();
    RIGHT(C, .sequence = 70000, .flags = SYN);
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "abc");
    expect_features("unanswered_syn");
}

Test(features, reused_ports, .init = begin_observed)
{
    handshake();
    RIGHT(S, .sequence = 500, .acknowledgement = 100, .flags = RST);
    RIGHT(C, .sequence = 70000, .flags = SYN);
    RIGHT(S, .sequence = 499, .acknowledgement = 70001, .flags = SYN);
    expect_features("reset reused_ports");
}

Test(features, dormant, .init = begin_observed)
{
    handshake();
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "calm");
    for (unsigned i = 0; i < 3; i++) {
        traffic_wait(&run, 30);
        traffic_udp(&run, C, 2, "u");
        traffic_udp(&run, S, 2, "u");
    }
    RIGHT(C, .sequence = 104, .acknowledgement = 500, .payload = "calm");
    expect_features("dormant");
}

Test(features, several_segments, .init = begin_observed)
{
    handshake();
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "<ab");
    RIGHT(C, .sequence = 103, .acknowledgement = 500, .payload = "cd>");
    expect_features("several_segments");
}

Test(features, pipelining, .init = begin_observed)
{
    handshake();
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "<ab><cd>");
    expect_features("pipelining");
}

Test(features, limit, .init = begin_observed)
{
    char text[1025] = {0};
    handshake();
    memset(text, '<', sizeof text - 1);
    for (uint32_t i = 0; i < 65; i++) {
        RIGHT(C, .sequence = 100 + 1024 * i, .acknowledgement = 500, .payload = text);
    }
    expect_features("limit");
}

Test(features, time_went_back, .init = begin_observed)
{
    handshake();
    run.time_ns -= 1000;
    RIGHT(C, .sequence = 100, .acknowledgement = 500, .payload = "abc");
    expect_features("time_went_back");
}

Test(features, first_bytes_by_end, .init = begin_observed)
{
    handshake();
    RIGHT(S, .sequence = 500, .acknowledgement = 100, .payload = "0123456789abcdefghi");
    RIGHT(C, .sequence = 100, .acknowledgement = 519, .payload = "abc");
    RIGHT(C, .sequence = 103, .acknowledgement = 519, .payload = "def");
    free(traffic_end(&run, &counts));
    cr_expect_eq(run.facts.first_size[0], 3);
    cr_expect_eq(run.facts.first_size[1], 16);
}
