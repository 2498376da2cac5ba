/* SPDX-License-Identifier: MIT */
/* The published vectors of Crypto-PAn, and what it promises. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>

#include "privacy/crypto_pan.h"

/* Of the reference program's sample. */
static const uint8_t key[P2I_CRYPTO_PAN_KEY] = {21,  34, 23,  141, 51, 164, 207, 128, 19,  10,  91,
                                                22,  73, 144, 125, 16, 216, 152, 143, 131, 121, 121,
                                                101, 39, 98,  87,  76, 45,  42,  132, 34,  2};

static struct p2i_address address_of(const char *text)
{
    struct p2i_address address = {0};
    int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    cr_assert_eq(inet_pton(family, text, address.bytes), 1, "%s", text);
    return address;
}

static void expect_map(struct p2i_crypto_pan *pan, const char *from, const char *to)
{
    struct p2i_address address = address_of(from);
    struct p2i_address expected = address_of(to);
    struct p2i_address mapped;
    uint8_t version = strchr(from, ':') != NULL ? 6 : 4;
    /* Twice: worked out, and remembered. */
    for (int i = 0; i < 2; i++) {
        cr_assert(p2i_crypto_pan_map(pan, version, &address, &mapped));
        cr_expect_arr_eq(mapped.bytes, expected.bytes, 16, "%s", from);
    }
}

Test(crypto_pan, the_published_vectors)
{
    static const char *const pairs[][2] = {
        {"128.11.68.132", "135.242.180.132"},
        {"129.118.74.4", "134.136.186.123"},
        {"130.132.252.244", "133.68.164.234"},
        {"141.223.7.43", "141.167.8.160"},
        {"141.233.145.108", "141.129.237.235"},
        {"152.163.225.39", "151.140.114.167"},
        {"156.29.3.236", "147.225.12.42"},
        {"165.247.96.84", "162.9.99.234"},
        {"166.107.77.190", "160.132.178.185"},
        {"192.102.249.13", "252.138.62.131"},
        {"192.215.32.125", "252.43.47.189"},
        {"198.51.77.238", "249.18.186.254"},
        {"::1", "78ff:f001:9fc0:20df:8380:b1f1:704:ed"},
        {"::2", "78ff:f001:9fc0:20df:8380:b1f1:704:ef"},
        {"2001:db8::1", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e"},
        {"2001:db8::2", "4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c"},
    };
    struct p2i_crypto_pan *pan = p2i_crypto_pan_new(key);
    cr_assert_not_null(pan);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        expect_map(pan, pairs[i][0], pairs[i][1]);
    }
    p2i_crypto_pan_free(pan);
}

static unsigned shared_bits(const struct p2i_address *a, const struct p2i_address *b, unsigned most)
{
    unsigned count = 0;
    while (count < most &&
           ((a->bytes[count / 8] ^ b->bytes[count / 8]) & (0x80 >> count % 8)) == 0) {
        count++;
    }
    return count;
}

/* More addresses than the cache has places; each pair of neighbours shares as much as before. */
Test(crypto_pan, prefixes_are_kept_and_no_two_become_one)
{
    struct p2i_crypto_pan *pan = p2i_crypto_pan_new(key);
    for (uint8_t version = 4; version <= 6; version += 2) {
        struct p2i_address before = {0};
        struct p2i_address before_mapped = {0};
        cr_assert(p2i_crypto_pan_map(pan, version, &before, &before_mapped));
        for (uint32_t i = 1; i < 5000; i++) {
            struct p2i_address address = {0};
            uint32_t bits = i * UINT32_C(2654435761);
            memcpy(address.bytes + (version == 6 ? 6 : 0), &bits, sizeof bits);
            struct p2i_address mapped;
            cr_assert(p2i_crypto_pan_map(pan, version, &address, &mapped));
            unsigned most = version == 6 ? 128 : 32;
            cr_assert_eq(shared_bits(&address, &before, most),
                         shared_bits(&mapped, &before_mapped, most));
            before = address;
            before_mapped = mapped;
        }
    }
    p2i_crypto_pan_free(pan);
}

/* An IPv4 address and the IPv6 address with the same bytes share a place in the cache. */
Test(crypto_pan, versions_do_not_mix)
{
    struct p2i_crypto_pan *pan = p2i_crypto_pan_new(key);
    struct p2i_address address = address_of("192.0.2.1");
    struct p2i_address four;
    struct p2i_address six;
    struct p2i_address again;
    cr_assert(p2i_crypto_pan_map(pan, 4, &address, &four));
    cr_assert(p2i_crypto_pan_map(pan, 6, &address, &six));
    cr_assert(p2i_crypto_pan_map(pan, 4, &address, &again));
    cr_expect_arr_eq(four.bytes, again.bytes, 16);
    cr_expect_eq(four.words[1], 0);
    cr_expect_neq(six.words[1], 0);
    p2i_crypto_pan_free(pan);
}

Test(crypto_pan, numbers_depend_on_the_key)
{
    uint8_t other[P2I_CRYPTO_PAN_KEY];
    memcpy(other, key, sizeof other);
    other[0] ^= 1;
    struct p2i_crypto_pan *one = p2i_crypto_pan_new(key);
    struct p2i_crypto_pan *two = p2i_crypto_pan_new(other);
    uint64_t a;
    uint64_t b;
    uint64_t c;
    uint64_t d;
    cr_assert(p2i_crypto_pan_number(one, 1, &a));
    cr_assert(p2i_crypto_pan_number(one, 1, &b));
    cr_assert(p2i_crypto_pan_number(one, 2, &c));
    cr_assert(p2i_crypto_pan_number(two, 1, &d));
    cr_expect_eq(a, b);
    cr_expect_neq(a, 1);
    cr_expect_neq(a, c);
    cr_expect_neq(a, d);
    p2i_crypto_pan_free(one);
    p2i_crypto_pan_free(two);
}
