/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "protocol/tls/hello.h"
#include "wire.h"

static struct wire wire;

#define TLS13_SUITES P2I_VIEW("\x13\x01\x13\x02\x13\x03")

static void expect_view(struct p2i_view found, struct p2i_view expected)
{
    cr_assert(p2i_view_equals(found, expected), "'%.*s' instead of '%.*s'", (int)found.size,
              (const char *)found.data, (int)expected.size, (const char *)expected.data);
}

Test(client_hello, read_whole)
{
    wire_client_hello(&wire, &(struct wire_client){
                                 .version = 0x0303,
                                 .suites = TLS13_SUITES,
                                 .extensions = P2I_VIEW("\x0a\x0a\x00\x00\x00\x2a\x00\x00"),
                                 .host = P2I_VIEW("www.example.org"),
                             });
    struct p2i_client_hello hello;
    cr_assert(p2i_client_hello_read(wire_view(&wire), true, &hello));
    expect_view(hello.host, P2I_VIEW("www.example.org"));
    expect_view(p2i_view_of(hello.suites, hello.suites_size), TLS13_SUITES);
    cr_assert_eq(hello.suites_length, 6);
    cr_assert_eq(hello.version, 0x0303);
    cr_assert(hello.early_data);
    cr_assert(hello.complete);
}

Test(client_hello, without_extensions)
{
    wire_client_hello(&wire,
                      &(struct wire_client){.version = 0x0300, .suites = P2I_VIEW("\x00\x05")});
    struct p2i_client_hello hello;
    cr_assert(p2i_client_hello_read(wire_view(&wire), true, &hello));
    cr_assert_eq(hello.host.size, 0);
    cr_assert(hello.complete);
    cr_assert_not(hello.early_data);
}

Test(client_hello, more_than_sixteen_suites)
{
    uint8_t suites[41]; /* an odd length, too: as sent */
    for (uint8_t i = 0; i < sizeof suites; i++) {
        suites[i] = i;
    }
    wire_client_hello(&wire, &(struct wire_client){.version = 0x0303,
                                                   .suites = p2i_view_of(suites, sizeof suites)});
    struct p2i_client_hello hello;
    cr_assert(p2i_client_hello_read(wire_view(&wire), true, &hello));
    expect_view(p2i_view_of(hello.suites, hello.suites_size), p2i_view_of(suites, 32));
    cr_assert_eq(hello.suites_length, 41);
}

Test(client_hello, server_name_of_another_type_is_passed_over)
{
    wire_client_hello(
        &wire, &(struct wire_client){
                   .version = 0x0303,
                   .suites = TLS13_SUITES,
                   .extensions = P2I_VIEW("\x00\x00\x00\x0a\x00\x08\x07\x00\x01x\x00\x00\x01y")});
    struct p2i_client_hello hello;
    cr_assert(p2i_client_hello_read(wire_view(&wire), true, &hello));
    expect_view(hello.host, P2I_VIEW("y"));
}

/* What was read before the cut stays, if it is the version at least. */
Test(client_hello, cut_at_every_byte)
{
    wire_client_hello(&wire, &(struct wire_client){.version = 0x0303,
                                                   .suites = TLS13_SUITES,
                                                   .host = P2I_VIEW("example.net")});
    size_t suites_at = 2 + 32 + 1 + 4 + 2;
    for (size_t size = 0; size <= wire.size; size++) {
        uint8_t *copy = malloc(size > 0 ? size : 1);
        memcpy(copy, wire.data, size);
        struct p2i_client_hello hello;
        bool read = p2i_client_hello_read(p2i_view_of(copy, size), false, &hello);
        cr_assert_eq(read, size >= 2, "cut at %zu", size);
        size_t suites = size < suites_at ? 0 : size > suites_at + 6 ? 6 : size - suites_at;
        expect_view(p2i_view_of(hello.suites, hello.suites_size),
                    p2i_view_first(TLS13_SUITES, suites & ~(size_t)1));
        cr_assert_eq(hello.suites_length, size >= suites_at ? 6 : 0, "cut at %zu", size);
        cr_assert_eq(hello.host.size, size == wire.size ? 11 : 0, "cut at %zu", size);
        /* Without any extension the hello may end behind the compression methods. */
        cr_assert_eq(hello.complete, size == wire.size || size == suites_at + 6 + 2, "cut at %zu",
                     size);
        free(copy);
    }
}

/* A list that does not fit into a whole hello is none. */
Test(client_hello, suites_that_do_not_fit)
{
    wire_client_hello(&wire, &(struct wire_client){.version = 0x0303, .suites = TLS13_SUITES});
    wire.data[2 + 32 + 1 + 4] = 0x80;
    struct p2i_client_hello hello;
    cr_assert(p2i_client_hello_read(wire_view(&wire), true, &hello));
    cr_assert_eq(hello.suites_size, 0);
    cr_assert_eq(hello.suites_length, 0x8006);
    cr_assert_not(hello.complete);
}

Test(client_hello, not_a_version_of_tls)
{
    wire_client_hello(&wire, &(struct wire_client){.version = 0xfefd, .suites = TLS13_SUITES});
    struct p2i_client_hello hello;
    cr_assert_not(p2i_client_hello_read(wire_view(&wire), true, &hello));
}

Test(server_hello, versions)
{
    static const struct {
        struct wire_server server;
        uint16_t version;
        bool encrypted;
    } cases[] = {
        {{.version = 0x0300, .suite = 0x0005, .compression = 1}, 0x0300, false},
        {{.version = 0x0301, .suite = 0x002f}, 0x0301, false},
        {{.version = 0x0303, .suite = 0xc02f}, 0x0303, false},
        {{.version = 0x0303, .suite = 0x1301, .supported_version = 0x0304}, 0x0304, true},
        {{.version = 0x0303, .suite = 0x1301, .supported_version = 0x7f1c}, 0x7f1c, true},
        {{.version = 0x7f12, .suite = 0x1301}, 0x7f12, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wire.size = 0;
        wire_server_hello(&wire, &cases[i].server);
        struct p2i_server_hello hello;
        cr_assert(p2i_server_hello_read(wire_view(&wire), true, &hello), "case %zu", i);
        cr_assert_eq(hello.version, cases[i].version, "case %zu: %04x", i, hello.version);
        cr_assert_eq(hello.cipher_suite, cases[i].server.suite, "case %zu", i);
        cr_assert_eq(hello.compression_method, cases[i].server.compression, "case %zu", i);
        cr_assert_eq(hello.encrypted, cases[i].encrypted, "case %zu", i);
        cr_assert_not(hello.retry, "case %zu", i);
    }
}

Test(server_hello, retry)
{
    wire_server_hello(
        &wire, &(struct wire_server){
                   .version = 0x0303, .suite = 0x1301, .supported_version = 0x0304, .retry = true});
    struct p2i_server_hello hello;
    cr_assert(p2i_server_hello_read(wire_view(&wire), true, &hello));
    cr_assert(hello.retry);
}

/* Version and suite are needed; a suite of TLS 1.3 shows the version where that was cut off. */
Test(server_hello, cut_at_every_byte)
{
    wire_server_hello(&wire, &(struct wire_server){.version = 0x0303,
                                                   .suite = 0x1301,
                                                   .supported_version = 0x0304,
                                                   .compression = 1});
    size_t suite_end = 2 + 32 + 5 + 2;
    for (size_t size = 0; size <= wire.size; size++) {
        uint8_t *copy = malloc(size > 0 ? size : 1);
        memcpy(copy, wire.data, size);
        struct p2i_server_hello hello;
        bool read = p2i_server_hello_read(p2i_view_of(copy, size), false, &hello);
        cr_assert_eq(read, size >= suite_end, "cut at %zu", size);
        cr_assert_eq(read && hello.encrypted, read, "cut at %zu", size);
        cr_assert(!read || hello.version == 0x0304);
        cr_assert_eq(hello.compression_method, size > suite_end, "cut at %zu", size);
        free(copy);
    }
}

Test(server_hello, the_version_of_a_cut_one)
{
    static const struct {
        uint16_t suite, version;
    } cases[] = {{0xc02f, 0x0303}, {0x1308, 0x0303}, {0x1305, 0x0304}, {0x00c6, 0x0304},
                 {0x00c8, 0x0303}, {0xc0b4, 0x0304}, {0xc106, 0x0304}, {0xc107, 0x0303}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wire.size = 0;
        wire_server_hello(&wire, &(struct wire_server){.version = 0x0303, .suite = cases[i].suite});
        struct p2i_server_hello hello;
        cr_assert(p2i_server_hello_read(wire_view(&wire), false, &hello));
        cr_assert_eq(hello.version, cases[i].version, "%04x", cases[i].suite);
        cr_assert(p2i_server_hello_read(wire_view(&wire), true, &hello));
        cr_assert_eq(hello.version, 0x0303, "%04x", cases[i].suite);
    }
}

#define SSL2_CLIENT                                                                                \
    "\x01\x03\x01\x00\x09\x00\x00\x00\x10\x01\x00\x80\x00\x00\x2f\x00\x00\xff"                     \
    "0123456789abcdef"
#define SSL2_SERVER                                                                                \
    "\x04\x00\x01\x00\x02\x00\x03\x00\x06\x00\x02"                                                 \
    "ABC"                                                                                          \
    "\x01\x00\x80\x07\x00\xc0"                                                                     \
    "id"

Test(ssl2, client_hello)
{
    struct p2i_client_hello hello;
    cr_assert(p2i_ssl2_client_hello_read(P2I_VIEW(SSL2_CLIENT), true, &hello));
    cr_assert_eq(hello.version, 0x0301);
    cr_assert_eq(hello.suites_length, 9);
    cr_assert(hello.complete);
    expect_view(p2i_view_of(hello.suites, hello.suites_size), P2I_VIEW("\x00\x80\x00\x2f\x00\xff"));
}

Test(ssl2, server_hello)
{
    struct p2i_server_hello hello;
    struct p2i_view certificate;
    cr_assert(p2i_ssl2_server_hello_read(P2I_VIEW(SSL2_SERVER), &hello, &certificate));
    cr_assert_eq(hello.version, 2);
    cr_assert_eq(hello.cipher_suite, 0x0080);
    expect_view(certificate, P2I_VIEW("ABC"));
}

Test(ssl2, cut_at_every_byte)
{
    struct p2i_view client = P2I_VIEW(SSL2_CLIENT);
    for (size_t size = 0; size < client.size; size++) {
        struct p2i_client_hello hello;
        cr_assert_eq(p2i_ssl2_client_hello_read(p2i_view_first(client, size), false, &hello),
                     size >= 3);
        cr_assert_eq(hello.suites_length, size >= 5 ? 9 : 0);
        cr_assert_eq(hello.suites_size, size < 9 ? 0 : size >= 18 ? 6 : (size - 9) / 3 * 2);
        cr_assert_not(hello.complete);
    }
    struct p2i_view server = P2I_VIEW(SSL2_SERVER);
    for (size_t size = 0; size < server.size; size++) {
        struct p2i_server_hello hello;
        struct p2i_view certificate = {0};
        cr_assert_eq(p2i_ssl2_server_hello_read(p2i_view_first(server, size), &hello, &certificate),
                     size >= 17);
        cr_assert_leq(certificate.size, size);
        cr_assert_eq(hello.cipher_suite, size >= 17 ? 0x0080 : 0);
    }
}
