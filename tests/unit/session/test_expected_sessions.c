/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "session/expected_sessions.h"

static struct p2i_session_key key_of(uint8_t from, uint16_t from_port, uint8_t to, uint16_t to_port)
{
    return (struct p2i_session_key){
        .end = {{.bytes = {10, 0, 0, from}}, {.bytes = {10, 0, 0, to}}},
        .port = {from_port, to_port},
        .transport = P2I_PROTO_TCP,
        .ip_version = 4,
    };
}

/* A listener announced by `host` and 10.0.0.1. */
static struct p2i_expected_listener listener_of(uint8_t host, uint16_t port)
{
    return (struct p2i_expected_listener){
        .address = {.bytes = {10, 0, 0, host}},
        .ends = {{.bytes = {10, 0, 0, 1}}, {.bytes = {10, 0, 0, host}}},
        .port = port,
        .ip_version = 4,
        .protocol = P2I_ID_FTP_DATA,
    };
}

static void add(struct p2i_expected *expected, struct p2i_expected_listener listener)
{
    p2i_expected_add(expected, 7, &listener, 1000);
}

static enum p2i_protocol_id take(struct p2i_expected *expected, struct p2i_session_key key)
{
    return p2i_expected_take(expected, 7, &key, 1000);
}

Test(expected, is_used_up_by_one_session)
{
    struct p2i_expected expected = {0};
    cr_expect_eq(take(&expected, key_of(1, 4000, 2, 5000)), P2I_ID_UNKNOWN);
    add(&expected, listener_of(2, 5000));
    cr_expect_eq(take(&expected, key_of(1, 4000, 2, 5001)), P2I_ID_UNKNOWN);
    cr_expect_eq(take(&expected, key_of(1, 5000, 3, 4000)), P2I_ID_UNKNOWN);
    cr_expect_eq(take(&expected, key_of(1, 4000, 2, 5000)), P2I_ID_FTP_DATA);
    cr_expect_eq(take(&expected, key_of(1, 4000, 2, 5000)), P2I_ID_UNKNOWN);
    add(&expected, listener_of(2, 5000));
    cr_expect_eq(take(&expected, key_of(2, 5000, 1, 4000)), P2I_ID_FTP_DATA, "the other end");
    p2i_expected_free(&expected);
}

Test(expected, does_not_hold_for_other_hosts)
{
    struct p2i_expected expected = {0};
    struct p2i_session_key key = key_of(1, 4000, 2, 5000);
    add(&expected, listener_of(2, 5000));
    cr_expect_eq(p2i_expected_take(&expected, 6, &key, 1000), P2I_ID_UNKNOWN, "another shard");
    cr_expect_eq(p2i_expected_take(&expected, 7, &key, 1301), P2I_ID_UNKNOWN, "too late");
    cr_expect_eq(p2i_expected_take(&expected, 7, &key, 999), P2I_ID_UNKNOWN, "before");
    cr_expect_eq(take(&expected, key_of(3, 4000, 2, 5000)), P2I_ID_UNKNOWN, "somebody else");
    cr_expect_eq(take(&expected, key_of(1, 80, 2, 5000)), P2I_ID_UNKNOWN, "a service");
    key.transport = P2I_PROTO_UDP;
    cr_expect_eq(take(&expected, key), P2I_ID_UNKNOWN);
    key.transport = P2I_PROTO_TCP;
    key.ip_version = 6;
    cr_expect_eq(take(&expected, key), P2I_ID_UNKNOWN);
    key.ip_version = 4;
    key.scope = 1;
    cr_expect_eq(take(&expected, key), P2I_ID_UNKNOWN);
    key.scope = 0;
    cr_expect_eq(p2i_expected_take(&expected, 7, &key, 1300), P2I_ID_FTP_DATA, "in time");
    p2i_expected_free(&expected);
}

/* The announced address may be a third one: that of a NAT, or of another server. */
Test(expected, holds_for_both_announcing_hosts)
{
    for (uint8_t other = 1; other <= 4; other++) {
        struct p2i_expected expected = {0};
        struct p2i_expected_listener listener = listener_of(2, 5000);
        listener.address.bytes[3] = 9;
        add(&expected, listener);
        bool one = other == 1 || other == 2;
        cr_expect_eq(take(&expected, key_of(other, 4000, 9, 5000)),
                     one ? P2I_ID_FTP_DATA : P2I_ID_UNKNOWN, "%u", other);
        p2i_expected_free(&expected);
    }
}

Test(expected, holds_for_ports_of_data_connections_only)
{
    const struct {
        uint16_t listener, other;
        bool good;
    } cases[] = {{20, 4000, true},   {19, 4000, false},  {21, 4000, false}, {80, 4000, false},
                 {443, 4000, false}, {1023, 20, false},  {1024, 20, true},  {5000, 1023, false},
                 {5000, 21, false},  {5000, 1024, true}, {65535, 20, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct p2i_expected expected = {0};
        add(&expected, listener_of(2, cases[i].listener));
        cr_expect_eq(take(&expected, key_of(1, cases[i].other, 2, cases[i].listener)),
                     cases[i].good ? P2I_ID_FTP_DATA : P2I_ID_UNKNOWN, "%u, %u", cases[i].listener,
                     cases[i].other);
        p2i_expected_free(&expected);
    }
}

/* A pair over its limit loses its oldest listener. */
Test(expected, is_limited_for_each_pair_of_hosts)
{
    struct p2i_expected expected = {0};
    for (uint16_t port = 5000; port <= 5000 + P2I_EXPECTED_OF_TWO; port++) {
        add(&expected, listener_of(2, port));
    }
    cr_expect_eq(take(&expected, key_of(1, 4000, 2, 5000)), P2I_ID_UNKNOWN);
    for (uint16_t port = 5001; port <= 5000 + P2I_EXPECTED_OF_TWO; port++) {
        cr_expect_eq(take(&expected, key_of(1, 4000, 2, port)), P2I_ID_FTP_DATA);
    }
    p2i_expected_free(&expected);
}

/* In a full shard the pair with most listeners loses its oldest one. */
Test(expected, the_pair_with_most_gives_way)
{
    struct p2i_expected expected = {0};
    add(&expected, listener_of(100, 5000));
    for (uint16_t i = 0; i < 1000; i++) {
        add(&expected, listener_of((uint8_t)(2 + i % 5), (uint16_t)(6000 + i)));
    }
    cr_expect_eq(take(&expected, key_of(1, 4000, 100, 5000)), P2I_ID_FTP_DATA);
    /* Each new pair gets a place, until all have the same number. */
    add(&expected, listener_of(101, 5001));
    cr_expect_eq(take(&expected, key_of(1, 4000, 101, 5001)), P2I_ID_FTP_DATA);
    unsigned left = 0;
    for (uint16_t i = 0; i < 1000; i++) {
        struct p2i_session_key key = key_of(1, 4000, (uint8_t)(2 + i % 5), (uint16_t)(6000 + i));
        left += take(&expected, key) == P2I_ID_FTP_DATA;
    }
    cr_expect_geq(left, P2I_EXPECTED_MAX - 2);
    p2i_expected_free(&expected);
}

/* With as many pairs as places the oldest one goes; expired listeners take no place. */
Test(expected, is_limited_for_many_hosts)
{
    struct p2i_expected expected = {0};
    for (uint8_t host = 2; host <= 2 + P2I_EXPECTED_MAX; host++) {
        add(&expected, listener_of(host, 5000));
    }
    cr_expect_eq(take(&expected, key_of(1, 4000, 2, 5000)), P2I_ID_UNKNOWN);
    cr_expect_eq(take(&expected, key_of(1, 4000, 3, 5000)), P2I_ID_FTP_DATA);
    struct p2i_expected_listener late = listener_of(200, 5000);
    for (uint16_t port = 5000; port < 5004; port++) {
        late.port = port;
        p2i_expected_add(&expected, 7, &late, 2000);
    }
    for (uint16_t port = 5000; port < 5004; port++) {
        struct p2i_session_key key = key_of(1, 4000, 200, port);
        cr_expect_eq(p2i_expected_take(&expected, 7, &key, 2000), P2I_ID_FTP_DATA);
    }
    p2i_expected_free(&expected);
}

/* A control connection and its data connections belong to one worker, whatever their ports. */
Test(expected, control_and_data_connections_share_a_shard)
{
    struct p2i_session_key control = key_of(1, 40000, 2, 21);
    for (uint16_t port = 1024; port < 1200; port++) {
        struct p2i_session_key passive = key_of(1, 50000, 2, port);
        struct p2i_session_key active = key_of(1, port, 2, 20);
        cr_expect_eq(p2i_shard_of(&passive), p2i_shard_of(&control));
        cr_expect_eq(p2i_shard_of(&active), p2i_shard_of(&control));
    }
    unsigned others = 0;
    for (uint16_t port = 1024; port < 1200; port++) {
        struct p2i_session_key web = key_of(1, port, 2, 80);
        others += p2i_shard_of(&web) != p2i_shard_of(&control);
    }
    cr_expect_gt(others, 100);
}
