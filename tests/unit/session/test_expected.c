/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "session/expected.h"

static struct p2i_key key_of(uint8_t from, uint16_t from_port, uint8_t to, uint16_t to_port)
{
    return (struct p2i_key){
        .end = {{.bytes = {10, 0, 0, from}}, {.bytes = {10, 0, 0, to}}},
        .port = {from_port, to_port},
        .transport = P2I_PROTO_TCP,
        .ip_version = 4,
    };
}

static struct p2i_expected_listener listener_of(uint8_t host, uint16_t port)
{
    return (struct p2i_expected_listener){
        .address = {.bytes = {10, 0, 0, host}},
        .until_s = 1000,
        .port = port,
        .ip_version = 4,
        .protocol = P2I_ID_FTP_DATA,
    };
}

static enum p2i_protocol_id take(struct p2i_expected *expected, struct p2i_key key)
{
    return p2i_expected_take(expected, 7, &key, 1000);
}

Test(expected, used_up_by_one_session)
{
    struct p2i_expected expected = {0};
    struct p2i_expected_listener listener = listener_of(2, 5000);
    cr_expect_eq(take(&expected, key_of(1, 4000, 2, 5000)), P2I_ID_UNKNOWN);
    p2i_expected_add(&expected, 7, &listener);
    cr_expect_eq(take(&expected, key_of(1, 4000, 2, 5001)), P2I_ID_UNKNOWN);
    cr_expect_eq(take(&expected, key_of(1, 5000, 3, 4000)), P2I_ID_UNKNOWN);
    cr_expect_eq(take(&expected, key_of(1, 4000, 2, 5000)), P2I_ID_FTP_DATA);
    cr_expect_eq(take(&expected, key_of(1, 4000, 2, 5000)), P2I_ID_UNKNOWN);
    p2i_expected_add(&expected, 7, &listener);
    cr_expect_eq(take(&expected, key_of(2, 5000, 9, 4000)), P2I_ID_FTP_DATA, "the other end");
    p2i_expected_free(&expected);
}

Test(expected, not_for_others)
{
    struct p2i_expected expected = {0};
    struct p2i_expected_listener listener = listener_of(2, 5000);
    struct p2i_key key = key_of(1, 4000, 2, 5000);
    p2i_expected_add(&expected, 7, &listener);
    cr_expect_eq(p2i_expected_take(&expected, 6, &key, 1000), P2I_ID_UNKNOWN, "another shard");
    cr_expect_eq(p2i_expected_take(&expected, 7, &key, 1001), P2I_ID_UNKNOWN, "too late");
    key.transport = P2I_PROTO_UDP;
    cr_expect_eq(take(&expected, key), P2I_ID_UNKNOWN);
    key.transport = P2I_PROTO_TCP;
    key.ip_version = 6;
    cr_expect_eq(take(&expected, key), P2I_ID_UNKNOWN);
    p2i_expected_free(&expected);
}

/* The oldest goes. */
Test(expected, bounded)
{
    struct p2i_expected expected = {0};
    for (uint16_t port = 5000; port <= 5000 + P2I_EXPECTED_MAX; port++) {
        struct p2i_expected_listener listener = listener_of(2, port);
        p2i_expected_add(&expected, 7, &listener);
    }
    cr_expect_eq(take(&expected, key_of(1, 4000, 2, 5000)), P2I_ID_UNKNOWN);
    for (uint16_t port = 5001; port <= 5000 + P2I_EXPECTED_MAX; port++) {
        cr_expect_eq(take(&expected, key_of(1, 4000, 2, port)), P2I_ID_FTP_DATA);
    }
    p2i_expected_free(&expected);
}

/* A control channel and its data channels fall to one worker, whatever their ports. */
Test(expected, one_shard)
{
    struct p2i_key control = key_of(1, 40000, 2, 21);
    for (uint16_t port = 1024; port < 1200; port++) {
        struct p2i_key passive = key_of(1, 50000, 2, port);
        struct p2i_key active = key_of(1, port, 2, 20);
        cr_expect_eq(p2i_shard_of(&passive), p2i_shard_of(&control));
        cr_expect_eq(p2i_shard_of(&active), p2i_shard_of(&control));
    }
    unsigned others = 0;
    for (uint16_t port = 1024; port < 1200; port++) {
        struct p2i_key web = key_of(1, port, 2, 80);
        others += p2i_shard_of(&web) != p2i_shard_of(&control);
    }
    cr_expect_gt(others, 100);
}
