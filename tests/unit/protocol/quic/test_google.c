/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>

#include "dialog.h"
#include "protocol/protocols.h"
#include "quic_seal.h"

#define GOOGLE_HELLO                                                                               \
    "CHLO\x04\0\0\0"                                                                               \
    "PAD\0\x03\0\0\0SNI\0\x0e\0\0\0VER\0\x12\0\0\0UAID\x18\0\0\0"                                  \
    "---example.orgQ046Chrome"
#define GOOGLE_RECORD                                                                              \
    "clickstream C host=\"example.org\" path=\"\" referer=\"\" user_agent=\"Chrome\" cookie=\"\" " \
    "cipher_suites= locked=0 cipher_suites_length=0 host_type=4 method=0 @0\n"
#define HASH "hash1hash2ha"

/* A record with nothing in it. */
#define EMPTY_RECORD                                                                               \
    "clickstream C host=\"\" path=\"\" referer=\"\" user_agent=\"\" cookie=\"\" cipher_suites= "   \
    "locked=0 cipher_suites_length=0 host_type=4 method=0 @0\n"

/* The first `size` bytes of a datagram. */
static char *play_cut(struct p2i_view datagram, size_t size)
{
    static const struct p2i_protocol *const only_quic[] = {&p2i_quic, NULL};
    struct dialog_step steps[] = {{P2I_FROM_INITIATOR, (const char *)datagram.data, size},
                                  {P2I_FROM_INITIATOR, NULL, datagram.size - size}};
    struct dialog dialog = {
        .ends = {.transport = P2I_OVER_UDP, .port = {50000, 443}},
        .protocols = only_quic,
        .steps = steps,
        .step_count = size < datagram.size ? 2 : 1,
    };
    return dialog_play(&dialog, 0);
}

static char *play(struct p2i_view datagram)
{
    return play_cut(datagram, datagram.size);
}

static void expect(struct p2i_view datagram, const char *expected)
{
    char *got = play(datagram);
    cr_assert_str_eq(got, expected);
    free(got);
}

Test(quic_google, hello_in_the_clear)
{
    expect(P2I_VIEW("\x0d"
                    "cid8cid8Q024\x01" HASH "\x01\xa0\x01\x68\0" GOOGLE_HELLO),
           GOOGLE_RECORD);
    expect(P2I_VIEW("\x19"
                    "cid8cid8Q043\x01\x02" HASH "\xa4\x01\x04\0\0\x68" GOOGLE_HELLO),
           GOOGLE_RECORD);
    expect(P2I_VIEW("\xc3Q046\x50"
                    "cid8cid8\0\0\0\x04" HASH "\xa0\x01\0\x68" GOOGLE_HELLO),
           GOOGLE_RECORD);
    expect(P2I_VIEW("\xc3Q046\x50"
                    "cid8cid8\0\0\0\x04" HASH "\x40\x01\0\x68" GOOGLE_HELLO),
           "");
    expect(P2I_VIEW("\x09"
                    "cid8cid8Q044\x01" HASH "\xa0\x01\x68\0" GOOGLE_HELLO),
           "");
}

/* The name is whole or empty, the agent goes as far as it does. */
Test(quic_google, hello_is_cut)
{
    static const char whole[] = "\x09"
                                "cid8cid8Q043\x01" HASH "\x80\x01" GOOGLE_HELLO;
    size_t hello_at = sizeof whole - sizeof GOOGLE_HELLO;
    for (size_t size = 0; size < sizeof whole - 1; size++) {
        size_t left = sizeof whole - 1 - size; /* "Chrome" is last, behind the version */
        char expected[300] = "";
        if (size >= hello_at + 8) {
            snprintf(expected, sizeof expected,
                     "clickstream C host=\"%s\" path=\"\" referer=\"\" user_agent=\"%.*s\" "
                     "cookie=\"\" cipher_suites= locked=0 cipher_suites_length=0 host_type=4 "
                     "method=0 cut @0\n",
                     left <= 10 ? "example.org" : "", left < 6 ? (int)(6 - left) : 0, "Chrome");
        }
        char *got = play_cut(p2i_view_of(whole, sizeof whole - 1), size);
        cr_assert_str_eq(got, expected, "%zu: %s", size, got);
        free(got);
    }
}

Test(quic_google, malformed_hello)
{
    expect(P2I_VIEW("\x09"
                    "cid8cid8Q043\x01" HASH "\x80\x01"
                    "CHLO\xff\xff\0\0SNI\0\x03\0\0\0abc"),
           "");
    expect(P2I_VIEW("\x09"
                    "cid8cid8Q043\x01" HASH "\x80\x01"
                    "CHLO\x02\0\0\0PAD\0\x03\0\0\0SNI\0\x02\0\0\0abcdef"),
           EMPTY_RECORD);
    expect(P2I_VIEW("\x09"
                    "cid8cid8Q043\x01" HASH "\x80\x01"
                    "CHLO\x01\0\0\0SNI\0\xff\xff\xff\xff"
                    "abcdef"),
           EMPTY_RECORD);
}

Test(quic_google, hello_in_an_initial)
{
    static struct quic_sealed frames, datagram;
    /* CRYPTO, as it was then */
    static const uint8_t head[] = {8, 0, 0x40, sizeof GOOGLE_HELLO - 1};
    quic_put(&frames, head, sizeof head);
    quic_put(&frames, GOOGLE_HELLO, sizeof GOOGLE_HELLO - 1);
    struct quic_seal seal = {
        .version = 0x51303530, /* "Q050" */
        .destination = P2I_VIEW("cid8cid8"),
        .frames = p2i_view_of(frames.data, frames.size),
        .payload_size = 1200,
        .number = 1,
        .number_size = 4,
    };
    quic_seal(&datagram, &seal);
    struct p2i_view bytes = p2i_view_of(datagram.data, datagram.size);
    expect(bytes, GOOGLE_RECORD);
    char *got = play_cut(bytes, 80);
    cr_assert_not_null(strstr(got, "user_agent=\"\" cookie=\"\" cipher_suites= locked=0 "
                                   "cipher_suites_length=0 host_type=4 method=0 cut @0\n"),
                       "%s", got);
    free(got);
}
