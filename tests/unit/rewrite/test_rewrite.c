/* SPDX-License-Identifier: MIT */
/* Frames: headers are changed, checksums are as right or wrong as they were, streams are changed
 * alike wherever their bytes stand, and what nobody knows is gone. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/put.h"
#include "packet/transport.h"
#include "rewrite/internal.h"

enum { ETHERNET = 14, IPV4 = 20, TCP = 20, UDP = 8, FRAME_MAX = 1600 };

static const uint8_t key[P2I_CRYPTO_PAN_KEY] = {9, 8, 7};
static struct p2i_rewrite *rewrite;
static uint64_t now_ns;

static void setup(void)
{
    rewrite = p2i_rewrite_open(key, false);
    cr_assert_not_null(rewrite);
}

static void done(void)
{
    p2i_rewrite_free(rewrite);
}

static uint16_t sum(uint32_t start, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        start += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
    }
    while (start > 0xffff) {
        start = (start & 0xffff) + (start >> 16);
    }
    return (uint16_t)~start;
}

/* A frame under construction. */
struct built {
    uint8_t data[FRAME_MAX];
    size_t size;
};

static const uint8_t client[4] = {10, 0, 0, 1};
static const uint8_t server[4] = {192, 0, 2, 80};

/* Sets the checksums of the IP header and of TCP or UDP. */
static void set_checksums(struct built *built)
{
    uint8_t *ip = built->data + ETHERNET;
    uint8_t *transport = ip + IPV4;
    size_t length = built->size - ETHERNET - IPV4;
    size_t place = ip[9] == 6 ? 16 : 6;
    (void)p2i_put16(ip + 10, 0);
    (void)p2i_put16(ip + 10, sum(0, ip, IPV4));
    (void)p2i_put16(transport + place, 0);
    uint32_t pseudo = (uint32_t)ip[9] + (uint32_t)length;
    for (size_t i = 12; i < 20; i += 2) {
        pseudo += p2i_load_be16(ip + i);
    }
    (void)p2i_put16(transport + place, sum(pseudo, transport, length));
}

static void build(struct built *built, bool up, uint8_t protocol, uint16_t port,
                  const void *payload, size_t size)
{
    static const uint8_t macs[12] = {2, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2};
    size_t header = protocol == 6 ? TCP : UDP;
    memset(built->data, 0, sizeof built->data);
    memcpy(built->data, up ? macs : macs + 6, 6);
    memcpy(built->data + 6, up ? macs + 6 : macs, 6);
    (void)p2i_put16(built->data + 12, 0x0800);
    uint8_t *ip = built->data + ETHERNET;
    ip[0] = 0x45;
    (void)p2i_put16(ip + 2, (uint16_t)(IPV4 + header + size));
    ip[8] = 64;
    ip[9] = protocol;
    memcpy(ip + 12, up ? client : server, 4);
    memcpy(ip + 16, up ? server : client, 4);
    uint8_t *transport = ip + IPV4;
    (void)p2i_put16(transport, up ? 40000 : port);
    (void)p2i_put16(transport + 2, up ? port : 40000);
    (void)p2i_put16(transport + 4, protocol == 6 ? 0 : (uint16_t)(UDP + size));
    memcpy(transport + header, payload, size);
    built->size = ETHERNET + IPV4 + header + size;
    set_checksums(built);
}

static void build_tcp(struct built *built, bool up, uint32_t sequence, uint8_t flags,
                      const char *payload)
{
    build(built, up, 6, 80, payload, strlen(payload));
    uint8_t *tcp = built->data + ETHERNET + IPV4;
    (void)p2i_put32(tcp + 4, sequence);
    (void)p2i_put32(tcp + 8, 1);
    tcp[12] = TCP / 4 << 4;
    tcp[13] = flags;
    (void)p2i_put16(tcp + 14, 8000);
    set_checksums(built);
}

static void add_part(const void *data, size_t size, size_t original)
{
    struct p2i_error error;
    now_ns += 1000000;
    struct p2i_engine_frame frame = {.struct_size = sizeof frame,
                                     .data = data,
                                     .size = (uint32_t)size,
                                     .original_size = (uint32_t)original,
                                     .time_ns = now_ns,
                                     .link_type = 1};
    cr_assert_eq(p2i_rewrite_add(rewrite, &frame, &error), P2I_OK);
}

static void add(const struct built *built)
{
    add_part(built->data, built->size, built->size);
}

static const uint8_t *frame_at(size_t place)
{
    const uint8_t *data = p2i_rewrite_frame(rewrite, place);
    cr_assert_not_null(data);
    return data;
}

static void run(void)
{
    struct p2i_error error;
    cr_assert_eq(p2i_rewrite_run(rewrite, &error), P2I_OK);
}

/* How far the checksum of a frame is from the right one; 0: right. */
static uint16_t error_of(const uint8_t *data, size_t size)
{
    struct built copy = {.size = size};
    memcpy(copy.data, data, size);
    set_checksums(&copy);
    size_t place = ETHERNET + IPV4 + (data[ETHERNET + 9] == 6 ? 16 : 6);
    uint32_t wrong = p2i_load_be16(data + place);
    uint32_t right = p2i_load_be16(copy.data + place);
    cr_expect_eq(p2i_load_be16(data + ETHERNET + 10), p2i_load_be16(copy.data + ETHERNET + 10));
    return (uint16_t)((wrong + 0xffff - right) % 0xffff);
}

static const char request[] = "GET /anna HTTP/1.1\r\nHost: shop.example\r\n\r\n";

Test(rewrite, headers_of_a_dialog, .init = setup, .fini = done)
{
    struct built up;
    struct built down;
    build_tcp(&up, true, 100, 0x18, request);
    build_tcp(&down, false, 500, 0x18, "HTTP/1.1 204 No Content\r\n\r\n");
    add(&up);
    add(&down);
    run();
    const uint8_t *first = frame_at(0);
    const uint8_t *second = frame_at(1);
    uint8_t address[4];
    memcpy(address, client, 4);
    p2i_rewrite_address(rewrite, address, 4);
    cr_expect_arr_eq(first + ETHERNET + 12, address, 4);
    cr_expect_arr_eq(second + ETHERNET + 16, address, 4);
    cr_expect_arr_eq(first, second + 6, 6);
    cr_expect_arr_neq(first, up.data, 6);
    cr_expect_eq(error_of(first, up.size), 0);
    cr_expect_eq(error_of(second, down.size), 0);
    const uint8_t *payload = first + ETHERNET + IPV4 + TCP;
    cr_expect(memcmp(payload, "GET /", 5) == 0 && memcmp(payload + 5, "anna", 4) != 0);
    cr_expect_null(memmem(first, up.size, "shop", 4));
}

Test(rewrite, bytes_of_a_stream_are_changed_alike, .init = setup, .fini = done)
{
    struct built whole;
    struct built part;
    build_tcp(&whole, true, 100, 0x18, request);
    add(&whole);
    build_tcp(&part, true, 107, 0x18, "na HTTP/1.1\r\nHost: sh");
    add(&part);
    build_tcp(&part, true, 107, 0x18, "xx HTTP/1.1\r\nHost: sh");
    add(&part);
    run();
    const uint8_t *payload = frame_at(0) + ETHERNET + IPV4 + TCP;
    cr_expect_arr_eq(frame_at(1) + ETHERNET + IPV4 + TCP, payload + 7, 21);
    const uint8_t *other = frame_at(2) + ETHERNET + IPV4 + TCP;
    cr_expect(other[0] != payload[7] && other[1] != payload[8] && memcmp(other, "xx", 2) != 0);
    cr_expect_arr_eq(other + 2, payload + 9, 19);
}

Test(rewrite, a_word_over_two_segments_is_one, .init = setup, .fini = done)
{
    struct built built;
    build_tcp(&built, true, 100, 0x18, "GET / HTTP/1.1\r\nHost: shop.exa");
    add(&built);
    build_tcp(&built, true, 130, 0x18, "mple\r\n\r\n");
    add(&built);
    run();
    uint8_t host[] = "shop.example";
    p2i_rewrite_text(rewrite, host, sizeof host - 1);
    cr_expect_arr_eq(frame_at(0) + ETHERNET + IPV4 + TCP + 22, host, 8);
    cr_expect_arr_eq(frame_at(1) + ETHERNET + IPV4 + TCP, host + 8, 4);
}

/* Holes cost as much as bytes: few bytes behind many missing ones are written by themselves, even
 * where they stand in a body. */
Test(rewrite, holes_are_as_long_as_bytes_are_many, .init = setup, .fini = done)
{
    static const char post[] =
        "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 90000\r\n\r\n";
    static const char get[] = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
    static const uint32_t holes[] = {10000, 60000};
    struct built built;
    build_tcp(&built, true, 100, 0x18, post);
    add(&built);
    for (size_t i = 0; i < 2; i++) {
        build_tcp(&built, true, 100 + sizeof post - 1 + holes[i], 0x18, get);
        add(&built);
    }
    run();
    cr_expect_arr_neq(frame_at(1) + ETHERNET + IPV4 + TCP, "GET ", 4, "content of the body");
    cr_expect_arr_eq(frame_at(2) + ETHERNET + IPV4 + TCP, "GET ", 4);
}

Test(rewrite, wrong_checksums_stay_wrong, .init = setup, .fini = done)
{
    struct built built;
    build_tcp(&built, true, 100, 0x18, request);
    (void)p2i_put16(built.data + ETHERNET + IPV4 + 16,
                    (uint16_t)(p2i_load_be16(built.data + ETHERNET + IPV4 + 16) ^ 0x1234));
    uint16_t before = error_of(built.data, built.size);
    cr_assert_neq(before, 0);
    add(&built);
    build(&built, true, 17, 9999, "no checksum", 11);
    (void)p2i_put16(built.data + ETHERNET + IPV4 + 6, 0);
    add(&built);
    run();
    cr_expect_eq(error_of(frame_at(0), ETHERNET + IPV4 + TCP + sizeof request - 1), before);
    cr_expect_eq(p2i_load_be16(frame_at(1) + ETHERNET + IPV4 + 6), 0);
}

Test(rewrite, fragments_get_the_bytes_of_their_packet, .init = setup, .fini = done)
{
    static const uint8_t query[] = {0x12, 0x34, 1,   0,   0,   1,   0,   0,   0,   0,
                                    0,    0,    7,   'e', 'x', 'a', 'm', 'p', 'l', 'e',
                                    3,    'o',  'r', 'g', 0,   0,   1,   0,   1};
    enum { FIRST = 24 }; /* bytes behind the IP header in the first fragment */
    struct built whole;
    build(&whole, true, 17, 53, query, sizeof query);
    struct built parts[2] = {whole, whole};
    size_t total = UDP + sizeof query;
    parts[0].size = ETHERNET + IPV4 + FIRST;
    parts[1].size = ETHERNET + IPV4 + total - FIRST;
    memcpy(parts[1].data + ETHERNET + IPV4, whole.data + ETHERNET + IPV4 + FIRST, total - FIRST);
    for (size_t i = 0; i < 2; i++) {
        uint8_t *ip = parts[i].data + ETHERNET;
        (void)p2i_put16(ip + 2, (uint16_t)(parts[i].size - ETHERNET));
        (void)p2i_put16(ip + 4, 77);
        (void)p2i_put16(ip + 6, i == 0 ? 0x2000 : FIRST / 8);
        (void)p2i_put16(ip + 10, 0);
        (void)p2i_put16(ip + 10, sum(0, ip, IPV4));
        add(&parts[i]);
    }
    run();
    struct built joined = {.size = whole.size};
    memcpy(joined.data, frame_at(0), parts[0].size);
    memcpy(joined.data + parts[0].size, frame_at(1) + ETHERNET + IPV4, total - FIRST);
    (void)p2i_put16(joined.data + ETHERNET + 2, (uint16_t)(whole.size - ETHERNET));
    (void)p2i_put16(joined.data + ETHERNET + 6, 0);
    (void)p2i_put16(joined.data + ETHERNET + 10, 0);
    (void)p2i_put16(joined.data + ETHERNET + 10, sum(0, joined.data + ETHERNET, IPV4));
    cr_expect_eq(error_of(joined.data, joined.size), 0);
    uint8_t host[] = "example.org";
    p2i_rewrite_text(rewrite, host, sizeof host - 1);
    const uint8_t *name = joined.data + ETHERNET + IPV4 + UDP + 12;
    cr_expect(name[0] == 7 && memcmp(name + 1, host, 7) == 0 && memcmp(name + 9, host + 8, 3) == 0);
}

Test(rewrite, what_nobody_knows_is_gone, .init = setup, .fini = done)
{
    struct built built;
    build(&built, true, 17, 9999, "a secret of two", 15);
    add(&built);
    memcpy(built.data + built.size, "trailer of a frame", 18);
    add_part(built.data, built.size + 18, built.size + 18);
    (void)p2i_put16(built.data + 12, 0x88b5);
    add(&built);
    build_tcp(&built, true, 100, 0x18, "a secret of two");
    add_part(built.data, built.size - 5, built.size);
    run();
    for (size_t i = 0; i < 4; i++) {
        cr_expect_null(memmem(frame_at(i), ETHERNET + IPV4 + UDP + 15, "secret", 6));
        cr_expect_null(memmem(frame_at(i), ETHERNET + IPV4 + UDP + 15, "trailer", 7));
        cr_expect_null(memmem(frame_at(i), ETHERNET + IPV4 + UDP + 15, client, 4));
    }
}

Test(rewrite, arp_and_icmp, .init = setup, .fini = done)
{
    static const uint8_t arp[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 1, 1, 1, 1,   1, 8, 6,
                                  0,    1,    8,    0,    6,    4,    0, 1, 2, 1, 1,   1, 1, 1,
                                  10,   0,    0,    1,    0,    0,    0, 0, 0, 0, 192, 0, 2, 80};
    add_part(arp, sizeof arp, sizeof arp);
    struct built inner;
    struct built built;
    build_tcp(&inner, true, 100, 0x18, request);
    uint8_t icmp[8 + IPV4 + 8] = {3, 1};
    memcpy(icmp + 8, inner.data + ETHERNET, IPV4 + 8);
    build(&built, false, 17, 80, "", 0);
    built.data[ETHERNET + 9] = 1;
    memcpy(built.data + ETHERNET + IPV4, icmp, sizeof icmp);
    built.size = ETHERNET + IPV4 + sizeof icmp;
    (void)p2i_put16(built.data + ETHERNET + 2, (uint16_t)(built.size - ETHERNET));
    (void)p2i_put16(built.data + ETHERNET + IPV4 + 2, sum(0, icmp, sizeof icmp));
    add(&built);
    run();
    uint8_t address[4];
    memcpy(address, client, 4);
    p2i_rewrite_address(rewrite, address, 4);
    cr_expect_arr_eq(frame_at(0) + 28, address, 4);
    cr_expect_arr_eq(frame_at(0) + 22, frame_at(0) + 6, 6);
    cr_expect_arr_eq(frame_at(0), arp, 6);
    const uint8_t *error = frame_at(1) + ETHERNET + IPV4;
    cr_expect_arr_eq(error + 8 + 12, address, 4);
    cr_expect_eq(sum(0, error, sizeof icmp), 0);
    cr_expect_eq(sum(0, error + 8, IPV4), 0);
    cr_expect_arr_eq(error + 8 + IPV4, inner.data + ETHERNET + IPV4, 8);
}

Test(rewrite, passwords_alone)
{
    rewrite = p2i_rewrite_open(NULL, true);
    struct built built;
    build_tcp(&built, true, 100, 0x18,
              "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YTpi\r\n\r\n");
    struct built wanted = built;
    add(&built);
    run();
    uint8_t *secret = memmem(wanted.data, wanted.size, "YTpi", 4);
    cr_assert_not_null(secret);
    memcpy(secret, "****", 4);
    set_checksums(&wanted);
    cr_expect_arr_eq(frame_at(0), wanted.data, wanted.size);
    done();
}

Test(rewrite, misuse, .init = setup, .fini = done)
{
    struct p2i_error error;
    struct p2i_rewrite *other = rewrite;
    struct p2i_engine_frame frame = {.struct_size = 1};
    struct p2i_settings *settings = p2i_settings_new();
    cr_expect_eq(p2i_rewrite_new(&other, settings, &error), P2I_USAGE);
    cr_expect_null(other);
    cr_assert_eq(p2i_settings_set(settings, "anonymise", "/nowhere", &error), P2I_OK);
    cr_expect_eq(p2i_rewrite_new(&other, settings, &error), P2I_USAGE);
    cr_expect_eq(p2i_rewrite_add(rewrite, &frame, &error), P2I_USAGE);
    cr_expect_null(p2i_rewrite_frame(rewrite, 0));
    run();
    cr_expect_eq(p2i_rewrite_run(rewrite, &error), P2I_USAGE);
    cr_expect_null(p2i_rewrite_frame(rewrite, 0));
    p2i_settings_free(settings);
}
