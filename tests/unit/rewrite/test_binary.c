/* SPDX-License-Identifier: MIT */
/* Writers of binary protocols: wherever eight bytes are planted into a message, and wherever it is
 * cut, they are gone behind it, except where nothing but numbers can stand. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "rewrite/internal.h"
#include "rewrite/x509.h"

typedef void writer(struct p2i_writing *writing, struct p2i_bytes span);

static const uint8_t key[P2I_CRYPTO_PAN_KEY] = {4, 5, 6};
static const char marker[] = "Zq7vKjXw";
enum { MARKER = sizeof marker - 1, MOST = 2048 };

static struct p2i_substitution *words;

static void setup(void)
{
    words = p2i_substitution_new(key);
    cr_assert_not_null(words);
}

static void done(void)
{
    p2i_substitution_free(words);
}

/* Runs a writer over a copy that ends where its block ends. Static until the next call. */
static const uint8_t *written(writer *write, const uint8_t *data, size_t size)
{
    static uint8_t *copy;
    free(copy);
    copy = malloc(size + 1);
    memcpy(copy, data, size);
    struct p2i_writing writing = {.words = words};
    write(&writing, p2i_span_of(copy, size));
    cr_expect(!writing.out_of_memory);
    return copy;
}

/* Plants the marker at each place of the message, and at each place of each shorter one. */
static void expect_gone(writer *write, const void *message, size_t size)
{
    uint8_t data[MOST];
    for (size_t end = MARKER; end <= size; end++) {
        for (size_t at = 0; at + MARKER <= end; at += end == size ? 1 : 7) {
            memcpy(data, message, end);
            memcpy(data + at, marker, MARKER);
            cr_expect_null(memmem(written(write, data, end), end, marker, MARKER),
                           "at %zu of %zu bytes", at, end);
        }
    }
}

/* The same for words that the message has: at each cut no four letters of one are left. */
static void expect_lost(writer *write, const void *message, size_t size, const char *word)
{
    cr_assert_not_null(memmem(message, size, word, strlen(word)));
    for (size_t end = 0; end <= size; end++) {
        const uint8_t *seen = written(write, message, end);
        for (size_t i = 0; i + 4 <= strlen(word); i++) {
            cr_expect_null(memmem(seen, end, word + i, 4), "%s, cut at %zu", word, end);
        }
    }
}

/* ---- DNS ---- */

static const char answer[] =
    "\x12\x34\x81\x80\0\1\0\x9\0\0\0\1"
    "\6intern\7example\3org\0\0\x1\0\1"                               /* question */
    "\xc0\x0c\0\x1\0\1\0\0\0\x3c\0\4\xc0\0\2\7"                       /* A */
    "\xc0\x0c\0\x1c\0\1\0\0\0\x3c\0\x10 \x01\xd\xb8gehtuchniemd"      /* AAAA */
    "\xc0\x0c\0\x5\0\1\0\0\0\x3c\0\x9\6sekret\xc0\x13"                /* CNAME */
    "\xc0\x0c\0\x6\0\1\0\0\0\x3c\0\x20\2ns\xc0\x0c\4root\xc0\x0c"     /* SOA */
    "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"                        /* its numbers */
    "\xc0\x0c\0\x10\0\1\0\0\0\x3c\0\x0f\x0epassword=geheim"           /* TXT */
    "\xc0\x0c\0\x21\0\1\0\0\0\x3c\0\x0e\0\1\0\2\0\x50\5srv-1\xc0\x0c" /* SRV */
    "\xc0\x0c\0\x41\0\1\0\0\0\x3c\0\x1d\0\1\0"                        /* HTTPS */
    "\0\1\0\x6\2h2\2zq"                                               /* its ALPN */
    "\0\4\0\4\xc0\0\2\x9\0\x80\0\4KEYS"                               /* IPv4 hint, other */
    "\xc0\x0c\0\x2e\0\1\0\0\0\x3c\0\x8signedby"                       /* RRSIG */
    "\xc0\x0c\0\x1\0\1\0\0\0\x3c\0\x8\xc0\0\2\7more"                  /* A that is too long */
    "\0\0\x29\x10\0\0\0\0\0\0\x0c\0\xa\0\x8"                          /* OPT */
    "a-cookie";

Test(binary, names_of_dns, .init = setup, .fini = done)
{
    expect_gone(p2i_write_dns, answer, sizeof answer - 1);
    static const char *const lost[] = {"intern", "sekret",   "gehtuchniemd", "geheim",
                                       "srv-1",  "signedby", "more",         "a-cookie"};
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        expect_lost(p2i_write_dns, answer, sizeof answer - 1, lost[i]);
    }
}

Test(binary, addresses_of_dns_that_are_cut, .init = setup, .fini = done)
{
    enum { ADDRESS_AT = 12 + 24 + 12 };
    uint8_t address[4] = {192, 0, 2, 7};
    p2i_substitute_ipv4(words, address);
    for (size_t size = 0; size <= 4; size++) {
        const uint8_t *seen = written(p2i_write_dns, (const uint8_t *)answer, ADDRESS_AT + size);
        cr_expect_arr_eq(seen + ADDRESS_AT, address, size);
    }
}

Test(binary, labels_behind_the_longest_name, .init = setup, .fini = done)
{
    static const uint8_t head[] = {0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    uint8_t data[MOST] = {0};
    memcpy(data, head, sizeof head);
    size_t at = sizeof head;
    for (unsigned i = 0; i < 40; i++, at += 9) {
        data[at] = 8;
        memcpy(data + at + 1, marker, MARKER);
    }
    data[at + 2] = 1;
    data[at + 4] = 1;
    cr_expect_null(memmem(written(p2i_write_dns, data, at + 5), at + 5, marker, MARKER));
}

Test(binary, what_is_no_dns_message, .init = setup, .fini = done)
{
    static const char text[] = "Please fetch the parcel from Anna Smith at ten o'clock";
    expect_lost(p2i_write_dns, text, sizeof text - 1, "Please fetch the parcel");
    expect_lost(p2i_write_dns_stream, text, sizeof text - 1, "Please fetch the parcel");
}

/* ---- TLS ---- */

static const char client[] =
    "\x16\3\1\1\x0f\1\0\1\x0b\3\3"
    "RandomRandomRandomRandomRandomRa\x10SessionSessionId\0\4\x13\1\xc0\x2b\1\0\0\xce"
    "\0\0\0\x10\0\x0e\0\0\x0bintern.corp"    /* server name */
    "\0\5\0\x0e\1\0\x05ocsp1\0\4exts"        /* status with a responder */
    "\0\x12\0\x5stamp"                       /* time stamps */
    "\0\x11\0\x9\0\7\2\0\4\0\0\0\0"          /* status, version 2 */
    "\0\x10\0\x0e\0\x0c\2h2\x8project9"      /* ALPN */
    "\0\x0a\0\4\0\2\0\x1d\0\x0d\0\4\0\2\4\3" /* groups, algorithms */
    "\0\x2b\0\3\2\3\4\0\x2d\0\2\1\1"         /* versions, modes */
    "\xff\1\0\x0d\x0cverify-bytes"           /* renegotiation */
    "\0\x23\0\x8"
    "a-ticket" /* ticket */
    "\0\x39\0\x8"
    "quicpara"                        /* transport parameters */
    "\0\x15\0\4\0\0\0\0"              /* padding */
    "\0\x33\0\x0a\0\x8\0\x1d\0\4keys" /* key share */
    "\xfe\x0d\0\x8"
    "innername"; /* encrypted hello, longer than it says */

Test(binary, hellos_of_clients, .init = setup, .fini = done)
{
    static const char *const lost[] = {
        "RandomRandom", "SessionSessionId", "intern",   "corp",     "ocsp1", "exts",     "stamp",
        "project9",     "verify-bytes",     "a-ticket", "quicpara", "keys",  "innername"};
    expect_gone(p2i_write_tls, client, sizeof client - 1);
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        expect_lost(p2i_write_tls, client, sizeof client - 1, lost[i]);
    }
    const uint8_t *seen = written(p2i_write_tls, (const uint8_t *)client, sizeof client - 1);
    static const char suites[] = "\0\4\x13\1\xc0\x2b\1\0";
    static const char groups[] = "\0\x0a\0\4\0\2\0\x1d\0\x0d\0\4\0\2\4\3";
    cr_expect_not_null(memmem(seen, sizeof client - 1, suites, sizeof suites - 1));
    cr_expect_not_null(memmem(seen, sizeof client - 1, groups, sizeof groups - 1));
    cr_expect_not_null(memmem(seen, sizeof client - 1, "\2h2", 3));
    cr_expect_not_null(memmem(seen, sizeof client - 1, "\0\x15\0\4\0\0\0\0", 8));
}

Test(binary, equal_session_ids_stay_equal, .init = setup, .fini = done)
{
    static const char server[] = "\x16\3\3\0\x3a\2\0\0\x36\3\3"
                                 "randomrandomrandomrandoDOWNGRD\1x\x10SessionSessionId\xc0\x2b\0";
    uint8_t id[16];
    enum { ID_AT = 11 + 32 + 1 };
    memcpy(id, written(p2i_write_tls, (const uint8_t *)client, sizeof client - 1) + ID_AT, 16);
    const uint8_t *seen = written(p2i_write_tls, (const uint8_t *)server, sizeof server - 1);
    cr_expect_arr_eq(seen + ID_AT, id, 16);
}

Test(binary, certificates, .init = setup, .fini = done)
{
    static const char der[] = "\x30\x66\xa0\3\2\1\2\2\4\x12\x34"
                              "ab" /* version, serial */
                              "\x30\x1e\x17\x0d"
                              "240102030405Z\x17\x0d"
                              "250102030405Z"                    /* validity */
                              "\x30\x0a\6\3U\4\3\x0c\3pki"       /* a name */
                              "\6\x0d\x2b\6\1\4\1\x82\x37secret" /* an arc of a company */
                              "\3\2\5\xa0\3\x9\0"
                              "keybytes" /* flags, a key */
                              "\4\x08"
                              "an-octet";
    expect_gone(p2i_write_certificate, der, sizeof der - 1);
    expect_lost(p2i_write_certificate, der, sizeof der - 1, "240102030405Z");
    expect_lost(p2i_write_certificate, der, sizeof der - 1, "keybytes");
    expect_lost(p2i_write_certificate, der, sizeof der - 1,
                "\x12\x34"
                "ab");
    const uint8_t *seen = written(p2i_write_certificate, (const uint8_t *)der, sizeof der - 1);
    cr_expect_not_null(memmem(seen, sizeof der - 1,
                              "000101000000Z\x17\x0d"
                              "491231235959Z",
                              28));
    cr_expect_not_null(memmem(seen, sizeof der - 1, "\6\3U\4\3\x0c\3", 7));
    cr_expect_not_null(memmem(seen, sizeof der - 1, "\3\2\5\xa0\3\x9\0", 7));
}

/* ---- Subscribers ---- */

static void ppp_pap(struct p2i_writing *writing, struct p2i_bytes span)
{
    p2i_write_ppp(writing, 0xc023, span);
}

static void ppp_lcp(struct p2i_writing *writing, struct p2i_bytes span)
{
    p2i_write_ppp(writing, 0xc021, span);
}

Test(binary, radius, .init = setup, .fini = done)
{
    static const char request[] = "\4\7\0\x59"
                                  "authenticatorabc"
                                  "\1\x6"
                                  "anna\x4\6\x0a\0\0\1\x8\6WXYZ\x9\6\xff\xff\xff\0"
                                  "\x1a\x0a\0\0\1\1"
                                  "abcd"                           /* a vendor */
                                  "\xf0\6wxyz\x28\6\0\0\0\1"       /* unassigned; a status */
                                  "\x61\x0a\0\x40 \x01\xd\xb8pref" /* a prefix */
                                  "\x08\5WXY\x50\4hm";             /* too short */
    static const char *const lost[] = {"authenticatorabc", "anna", "WXYZ", "abcd", "wxyz", "pref"};
    expect_gone(p2i_write_radius, request, sizeof request - 1);
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        expect_lost(p2i_write_radius, request, sizeof request - 1, lost[i]);
    }
    const uint8_t *seen = written(p2i_write_radius, (const uint8_t *)request, sizeof request - 1);
    cr_expect_not_null(memmem(seen, sizeof request - 1, "\x9\6\xff\xff\xff\0", 6));
    cr_expect_not_null(memmem(seen, sizeof request - 1, "\x28\6\0\0\0\1", 6));
}

Test(binary, control_frames_of_ppp, .init = setup, .fini = done)
{
    static const char pap[] = "\1\1\0\x12\4anna\6sesametail";
    static const char lcp[] = "\1\1\0\x18\1\4\5\xd4\5\6MAGI\x13\x8"
                              "endpnt\7\2";
    expect_gone(ppp_pap, pap, sizeof pap - 1);
    expect_lost(ppp_pap, pap, sizeof pap - 1, "sesametail");
    expect_gone(ppp_lcp, lcp, sizeof lcp - 1);
    expect_lost(ppp_lcp, lcp, sizeof lcp - 1, "MAGI");
    expect_lost(ppp_lcp, lcp, sizeof lcp - 1, "endpnt");
}
