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
    p2i_expected_add(expected, &listener, 1000);
}

static enum p2i_protocol_id find(struct p2i_expected *expected, struct p2i_session_key key)
{
    uint64_t place;
    return p2i_expected_find(expected, &key, 1000, &place);
}

/* Returns the next port from `from` on with which a listener on 10.0.0.`host` is in group 7. */
static uint16_t port_in_group(uint8_t host, uint16_t from)
{
    for (uint16_t port = from;; port++) {
        struct p2i_expected expected = {0};
        add(&expected, listener_of(host, port));
        bool found = expected.groups[7].used == 1;
        p2i_expected_free(&expected);
        if (found) {
            return port;
        }
        cr_assert_lt(port, UINT16_MAX);
    }
}

/* The first session that it fits. */
Test(expected, holds_for_one_session)
{
    struct p2i_expected expected = {0};
    cr_expect_eq(find(&expected, key_of(1, 4000, 2, 5000)), P2I_ID_UNKNOWN);
    add(&expected, listener_of(2, 5000));
    cr_expect_eq(find(&expected, key_of(1, 4000, 2, 5001)), P2I_ID_UNKNOWN);
    cr_expect_eq(find(&expected, key_of(1, 5000, 3, 4000)), P2I_ID_UNKNOWN);
    cr_expect_eq(find(&expected, key_of(1, 4000, 2, 5000)), P2I_ID_FTP_DATA);
    cr_expect_eq(find(&expected, key_of(1, 4001, 2, 5000)), P2I_ID_UNKNOWN, "another session");
    cr_expect_eq(find(&expected, key_of(1, 4000, 2, 5000)), P2I_ID_FTP_DATA, "its next packet");
    add(&expected, listener_of(2, 5000));
    cr_expect_eq(find(&expected, key_of(2, 5000, 1, 4001)), P2I_ID_FTP_DATA, "the other end");
    cr_expect_eq(find(&expected, key_of(2, 5000, 1, 4002)), P2I_ID_UNKNOWN);
    p2i_expected_free(&expected);
}

/* Its first payload is among so many packets; later ones need no look at the listeners. */
Test(expected, holds_for_some_packets)
{
    struct p2i_expected expected = {0};
    struct p2i_session_key key = key_of(1, 4000, 2, 5000);
    add(&expected, listener_of(2, 5000));
    add(&expected, listener_of(2, 5000));
    for (unsigned i = 0; i < P2I_EXPECTED_PACKETS; i++) {
        cr_expect(p2i_expected_may_be(&expected, &key));
        cr_expect_eq(find(&expected, key), P2I_ID_FTP_DATA, "packet %u", i);
    }
    key.port[0] = 4001;
    for (unsigned i = 0; i < P2I_EXPECTED_PACKETS; i++) {
        cr_expect_eq(find(&expected, key), P2I_ID_FTP_DATA, "packet %u of the second", i);
    }
    cr_expect_not(p2i_expected_may_be(&expected, &key));
    cr_expect_eq(find(&expected, key), P2I_ID_UNKNOWN);
    p2i_expected_free(&expected);
}

/* The quick test for most packets. */
Test(expected, may_be)
{
    struct p2i_expected expected = {0};
    struct p2i_session_key announced = key_of(1, 4000, 2, 5000);
    struct p2i_session_key reversed = key_of(2, 5000, 1, 4000);
    struct p2i_session_key other = key_of(1, 4000, 2, 5001);
    cr_expect_not(p2i_expected_may_be(&expected, &announced));
    add(&expected, listener_of(2, 5000));
    cr_expect(p2i_expected_may_be(&expected, &announced));
    cr_expect(p2i_expected_may_be(&expected, &reversed));
    cr_expect_not(p2i_expected_may_be(&expected, &other));
    p2i_expected_free(&expected);
}

/* An expired listener takes no place when another one in its group is announced. */
Test(expected, expires)
{
    struct p2i_expected expected = {0};
    struct p2i_expected_listener early = listener_of(2, port_in_group(2, 5000));
    struct p2i_expected_listener late = listener_of(2, port_in_group(2, early.port + 1));
    struct p2i_session_key key = key_of(1, 4000, 2, early.port);
    add(&expected, early);
    p2i_expected_add(&expected, &late, 1300);
    cr_expect(p2i_expected_may_be(&expected, &key));
    p2i_expected_add(&expected, &late, 1301);
    cr_expect_not(p2i_expected_may_be(&expected, &key));
    p2i_expected_free(&expected);
}

/* A listener is at the sender's address, and at the one in the announcement if that differs. */
Test(expected, notes_both_addresses)
{
    const struct p2i_session_key control = key_of(1, 40000, 2, 21);
    const struct {
        struct p2i_ftp_listener where;
        bool second; /* 10.0.0.9 is a listener too */
    } cases[] = {
        {{.port = 5000}, false},
        {{.port = 5000, .address_size = 4, .address = {10, 0, 0, 2}}, false},
        {{.port = 5000, .address_size = 4, .address = {10, 0, 0, 9}}, true},
        {{.port = 5000, .address_size = 16, .address = {10, 0, 0, 9}}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct p2i_expected expected = {0};
        p2i_expected_note(&expected, &control, &control.end[1], &cases[i].where, 77, 1000);
        cr_expect_eq(find(&expected, key_of(1, 4000, 2, 5000)), P2I_ID_FTP_DATA, "case %zu", i);
        cr_expect_eq(find(&expected, key_of(1, 4001, 2, 5000)), P2I_ID_UNKNOWN,
                     "case %zu: one listener", i);
        cr_expect_eq(find(&expected, key_of(1, 4000, 9, 5000)),
                     cases[i].second ? P2I_ID_FTP_DATA : P2I_ID_UNKNOWN, "case %zu", i);
        p2i_expected_free(&expected);
    }
}

Test(expected, does_not_hold_for_other_hosts)
{
    struct p2i_expected expected = {0};
    struct p2i_session_key key = key_of(1, 4000, 2, 5000);
    uint64_t place;
    add(&expected, listener_of(2, 5000));
    cr_expect_eq(p2i_expected_find(&expected, &key, 1301, &place), P2I_ID_UNKNOWN, "too late");
    cr_expect_eq(p2i_expected_find(&expected, &key, 999, &place), P2I_ID_UNKNOWN, "before");
    cr_expect_eq(find(&expected, key_of(3, 4000, 2, 5000)), P2I_ID_UNKNOWN, "somebody else");
    cr_expect_eq(find(&expected, key_of(1, 80, 2, 5000)), P2I_ID_UNKNOWN, "a service");
    key.ip_version = 6;
    cr_expect_eq(find(&expected, key), P2I_ID_UNKNOWN);
    key.ip_version = 4;
    key.scope = 1;
    cr_expect_eq(find(&expected, key), P2I_ID_UNKNOWN);
    key.scope = 0;
    cr_expect_eq(p2i_expected_find(&expected, &key, 1300, &place), P2I_ID_FTP_DATA, "in time");
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
        cr_expect_eq(find(&expected, key_of(other, 4000, 9, 5000)),
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
        cr_expect_eq(find(&expected, key_of(1, cases[i].other, 2, cases[i].listener)),
                     cases[i].good ? P2I_ID_FTP_DATA : P2I_ID_UNKNOWN, "%u, %u", cases[i].listener,
                     cases[i].other);
        p2i_expected_free(&expected);
    }
}

/* A pair over its limit loses its oldest listener. */
Test(expected, is_limited_for_each_pair_of_hosts)
{
    struct p2i_expected expected = {0};
    uint16_t ports[P2I_EXPECTED_OF_TWO + 1];
    uint16_t from = 5000;
    for (size_t i = 0; i < P2I_EXPECTED_OF_TWO + 1; i++) {
        ports[i] = port_in_group(2, from);
        from = ports[i] + 1;
        add(&expected, listener_of(2, ports[i]));
    }
    cr_expect_eq(find(&expected, key_of(1, 4000, 2, ports[0])), P2I_ID_UNKNOWN);
    for (size_t i = 1; i < P2I_EXPECTED_OF_TWO + 1; i++) {
        cr_expect_eq(find(&expected, key_of(1, 4000, 2, ports[i])), P2I_ID_FTP_DATA);
    }
    p2i_expected_free(&expected);
}

/* In a full group the pair with most listeners loses its oldest one. */
Test(expected, the_pair_with_most_gives_way)
{
    struct p2i_expected expected = {0};
    const uint16_t one = port_in_group(100, 5000);
    const uint16_t late = port_in_group(101, 5000);
    uint16_t many[5]; /* of hosts 2 to 6 */
    for (uint8_t i = 0; i < 5; i++) {
        many[i] = port_in_group((uint8_t)(2 + i), 6000);
    }
    add(&expected, listener_of(100, one));
    for (uint16_t i = 0; i < 1000; i++) {
        add(&expected, listener_of((uint8_t)(2 + i % 5), many[i % 5]));
    }
    cr_expect_eq(find(&expected, key_of(1, 4000, 100, one)), P2I_ID_FTP_DATA);
    /* Each new pair gets a place, until all have the same number. */
    add(&expected, listener_of(101, late));
    cr_expect_eq(find(&expected, key_of(1, 4000, 101, late)), P2I_ID_FTP_DATA);
    unsigned left = 0; /* each session has a listener of its own */
    for (uint16_t i = 0; i < 1000; i++) {
        struct p2i_session_key key = key_of(1, 4000 + i, (uint8_t)(2 + i % 5), many[i % 5]);
        left += find(&expected, key) == P2I_ID_FTP_DATA;
    }
    cr_expect_eq(left, P2I_EXPECTED_MAX - 2);
    p2i_expected_free(&expected);
}

/* With as many pairs as places the oldest one goes; expired listeners take no place. */
Test(expected, is_limited_for_many_hosts)
{
    struct p2i_expected expected = {0};
    for (uint8_t host = 2; host <= 2 + P2I_EXPECTED_MAX; host++) {
        add(&expected, listener_of(host, port_in_group(host, 5000)));
    }
    cr_expect_eq(find(&expected, key_of(1, 4000, 2, port_in_group(2, 5000))), P2I_ID_UNKNOWN);
    cr_expect_eq(find(&expected, key_of(1, 4000, 3, port_in_group(3, 5000))), P2I_ID_FTP_DATA);
    struct p2i_expected_listener late = listener_of(200, port_in_group(200, 5000));
    for (unsigned i = 0; i < 4; i++) {
        p2i_expected_add(&expected, &late, 2000);
    }
    cr_expect_eq(expected.groups[7].used, 4, "the others have expired");
    for (uint16_t port = 4000; port < 4004; port++) {
        struct p2i_session_key key = key_of(1, port, 200, late.port);
        uint64_t place;
        cr_expect_eq(p2i_expected_find(&expected, &key, 2000, &place), P2I_ID_FTP_DATA);
    }
    p2i_expected_free(&expected);
}

/* Ports of services or not: the sessions of two hosts are spread evenly. */
Test(shards, sessions_of_two_hosts_are_spread)
{
    enum { SESSIONS = 100 * P2I_SHARDS };
    const uint16_t servers[] = {80, 8080, 21};
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        unsigned count[P2I_SHARDS] = {0};
        for (uint16_t client = 0; client < SESSIONS; client++) {
            struct p2i_session_key key = key_of(1, 40000 + client, 2, servers[i]);
            count[p2i_shard_of(&key)]++;
        }
        for (unsigned shard = 0; shard < P2I_SHARDS; shard++) {
            cr_expect(count[shard] > 50 && count[shard] < 150, "port %u, shard %u: %u sessions",
                      servers[i], shard, count[shard]);
        }
    }
}
