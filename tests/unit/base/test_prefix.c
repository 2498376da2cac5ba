/* SPDX-License-Identifier: MIT */
#include "base/prefix.h"

#include <criterion/criterion.h>

static struct p2i_prefix prefix_of(const char *text)
{
    struct p2i_prefix prefix = {.value = 7};
    const char *wrong = p2i_prefix_parse(p2i_view_of(text, strlen(text)), &prefix);
    cr_assert_null(wrong, "%s: %s", text, wrong);
    cr_assert_eq(prefix.value, 7, "%s: the value belongs to the user", text);
    return prefix;
}

static bool is_refused(const char *text)
{
    struct p2i_prefix prefix;
    return p2i_prefix_parse(p2i_view_of(text, strlen(text)), &prefix) != NULL;
}

static bool holds(const char *outer, const char *inner)
{
    struct p2i_prefix a = prefix_of(outer);
    struct p2i_prefix b = prefix_of(inner);
    return p2i_prefix_holds(&a, &b);
}

static bool equals(const char *one, const char *other)
{
    struct p2i_prefix a = prefix_of(one);
    struct p2i_prefix b = prefix_of(other);
    return p2i_prefix_equals(&a, &b);
}

Test(prefix, ipv4)
{
    struct p2i_prefix host = prefix_of("192.0.2.255");
    cr_expect_eq(host.ip_version, 4);
    cr_expect_eq(host.length, 32);
    cr_expect_eq(memcmp(host.address.bytes, "\xc0\x00\x02\xff", 4), 0);
    struct p2i_prefix net = prefix_of("192.0.2.255/25");
    cr_expect_eq(net.length, 25);
    cr_expect_eq(memcmp(net.address.bytes, "\xc0\x00\x02\x80", 4), 0);
    struct p2i_prefix all = prefix_of("192.0.2.255/0");
    cr_expect_eq(all.length, 0);
    cr_expect_eq(memcmp(all.address.bytes, "\0\0\0\0", 4), 0);
}

Test(prefix, ipv6)
{
    struct p2i_prefix host = prefix_of("2001:db8::ffff");
    cr_expect_eq(host.ip_version, 6);
    cr_expect_eq(host.length, 128);
    cr_expect_eq(memcmp(host.address.bytes, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\xff\xff", 16), 0);
    struct p2i_prefix net = prefix_of("2001:db8::ffff/113");
    cr_expect_eq(net.length, 113);
    cr_expect_eq(memcmp(net.address.bytes, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\x80\0", 16), 0);
    struct p2i_prefix short_net = prefix_of("2001:db8::ffff/20");
    cr_expect_eq(memcmp(short_net.address.bytes, "\x20\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16), 0);
    cr_expect(equals("::ffff:192.0.2.1", "::ffff:c000:201"));
}

Test(prefix, wrong_text)
{
    static const char *const texts[] = {
        "",
        "/8",
        "192.0.2",
        "192.0.2.1.1",
        "192.0.2.",
        ".192.0.2",
        "192.0.2.256",
        "192.0.2.01",
        " 192.0.2.1",
        "192.0.2.1 ",
        "192.0.2.x",
        "192.0.2.1/",
        "192.0.2.1/33",
        "192.0.2.1/-1",
        "192.0.2.1/+8",
        "192.0.2.1/8/8",
        "192.0.2.1/ 8",
        "192.0.2.1/255.0.0.0",
        "192.0.2.1/4294967304",
        "2001:db8",
        "2001:db8:::",
        "2001:db8::g",
        "2001:db8::/",
        "2001:db8::/129",
        "2001:db8::%eth0",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999",
        "example.com",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cr_expect(is_refused(texts[i]), "'%s'", texts[i]);
    }
    struct p2i_prefix prefix;
    cr_expect_not_null(p2i_prefix_parse(P2I_VIEW("2001:db8::\0"), &prefix));
    cr_expect_not_null(p2i_prefix_parse(P2I_VIEW("192.0.2.1\0"), &prefix));
}

Test(prefix, length_without_leading_zeros)
{
    static const char *const texts[] = {"1.2.3.4/032", "1.2.3.4/08", "1.2.3.4/00",
                                        "::1/064",     "::1/00",     "::1/0128"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cr_expect(is_refused(texts[i]), "'%s'", texts[i]);
    }
    cr_expect_not(is_refused("1.2.3.4/0"));
    cr_expect_not(is_refused("::1/0"));
}

Test(prefix, equals)
{
    cr_expect(equals("192.0.2.1/24", "192.0.2.2/24"));
    cr_expect_not(equals("192.0.2.0/24", "192.0.2.0/25"));
    cr_expect_not(equals("0.0.0.0/0", "::/0"));
}

Test(prefix, holds)
{
    cr_expect(holds("192.0.2.0/24", "192.0.2.0/24"));
    cr_expect(holds("192.0.2.0/24", "192.0.2.128/25"));
    cr_expect(holds("0.0.0.0/0", "192.0.2.1"));
    cr_expect(holds("2001:db8::/63", "2001:db8:0:1::/64"));
    cr_expect(holds("2001:db8::/65", "2001:db8::7fff:0:0:0"));
    cr_expect_not(holds("2001:db8::/65", "2001:db8::8000:0:0:0"));
    cr_expect_not(holds("192.0.2.0/25", "192.0.2.128/25"));
    cr_expect_not(holds("192.0.2.128/25", "192.0.2.0/24"));
    cr_expect_not(holds("0.0.0.0/0", "::/0"));
}

Test(prefix, holds_bytes)
{
    struct p2i_prefix ipv4 = prefix_of("192.0.2.0/25");
    struct p2i_prefix ipv6 = prefix_of("2001:db8::/32");
    struct p2i_prefix all = prefix_of("::/0");
    struct p2i_view inner = p2i_view_of((const uint8_t[]){192, 0, 2, 127}, 4);
    cr_expect(p2i_prefix_holds_bytes(&ipv4, inner));
    cr_expect_not(p2i_prefix_holds_bytes(&ipv4, p2i_view_of((const uint8_t[]){192, 0, 2, 128}, 4)));
    cr_expect_not(p2i_prefix_holds_bytes(&all, inner));
    const uint8_t address[17] = {0x20, 0x01, 0x0d, 0xb8, 1};
    cr_expect(p2i_prefix_holds_bytes(&ipv6, p2i_view_of(address, 16)));
    cr_expect_not(p2i_prefix_holds_bytes(&ipv6, p2i_view_of(address, 15)));
    cr_expect_not(p2i_prefix_holds_bytes(&all, p2i_view_of(address, 17)));
    cr_expect_not(p2i_prefix_holds_bytes(&all, p2i_view_of(address, 0)));
}
