/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "protocol/tls_hello.h"
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
    cr_assert(p2i_client_hello_read(wire_view(&wire), &hello));
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
    cr_assert(p2i_client_hello_read(wire_view(&wire), &hello));
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
    cr_assert(p2i_client_hello_read(wire_view(&wire), &hello));
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
    cr_assert(p2i_client_hello_read(wire_view(&wire), &hello));
    expect_view(hello.host, P2I_VIEW("y"));
}

/* What was read before the cut stays, and there is nothing before the suites. */
Test(client_hello, cut_at_every_byte)
{
    wire_client_hello(&wire, &(struct wire_client){.version = 0x0303,
                                                   .suites = TLS13_SUITES,
                                                   .host = P2I_VIEW("example.net")});
    size_t suites_end = 2 + 32 + 1 + 4 + 2 + 6;
    for (size_t size = 0; size <= wire.size; size++) {
        uint8_t *copy = malloc(size > 0 ? size : 1);
        memcpy(copy, wire.data, size);
        struct p2i_client_hello hello;
        bool read = p2i_client_hello_read(p2i_view_of(copy, size), &hello);
        cr_assert_eq(read, size >= suites_end, "cut at %zu", size);
        cr_assert(!read || hello.suites_size == 6);
        cr_assert_eq(hello.host.size, size == wire.size ? 11 : 0, "cut at %zu", size);
        /* Without any extension the hello may end behind the compression methods. */
        cr_assert_eq(hello.complete, size == wire.size || size == suites_end + 2, "cut at %zu",
                     size);
        free(copy);
    }
}

Test(client_hello, not_a_version_of_tls)
{
    wire_client_hello(&wire, &(struct wire_client){.version = 0xfefd, .suites = TLS13_SUITES});
    struct p2i_client_hello hello;
    cr_assert_not(p2i_client_hello_read(wire_view(&wire), &hello));
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
        cr_assert(p2i_server_hello_read(wire_view(&wire), &hello), "case %zu", i);
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
    cr_assert(p2i_server_hello_read(wire_view(&wire), &hello));
    cr_assert(hello.retry);
}

Test(server_hello, cut_at_every_byte)
{
    wire_server_hello(&wire, &(struct wire_server){
                                 .version = 0x0303, .suite = 0x1301, .supported_version = 0x0304});
    for (size_t size = 0; size <= wire.size; size++) {
        uint8_t *copy = malloc(size > 0 ? size : 1);
        memcpy(copy, wire.data, size);
        struct p2i_server_hello hello;
        bool read = p2i_server_hello_read(p2i_view_of(copy, size), &hello);
        cr_assert_eq(read, size >= 2 + 32 + 5 + 3, "cut at %zu", size);
        cr_assert_eq(read && hello.encrypted, size == wire.size, "cut at %zu", size);
        free(copy);
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
    cr_assert(p2i_ssl2_client_hello_read(P2I_VIEW(SSL2_CLIENT), &hello));
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
        cr_assert_eq(p2i_ssl2_client_hello_read(p2i_view_first(client, size), &hello),
                     size >= 9 + 9);
        cr_assert_not(hello.complete);
    }
    struct p2i_view server = P2I_VIEW(SSL2_SERVER);
    for (size_t size = 0; size < server.size; size++) {
        struct p2i_server_hello hello;
        struct p2i_view certificate = {0};
        cr_assert_eq(p2i_ssl2_server_hello_read(p2i_view_first(server, size), &hello, &certificate),
                     size >= 11);
        cr_assert_leq(certificate.size, size);
        cr_assert_eq(hello.cipher_suite, size >= 17 ? 0x0080 : 0);
    }
}
