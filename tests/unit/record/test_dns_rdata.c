/* SPDX-License-Identifier: MIT */
/* Record data in presentation form, the vectors of RFC 9460 among them; data that are not what
 * their type says. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "record/dns_rdata.h"

#define BYTES(literal) p2i_view_of("" literal, sizeof(literal) - 1)

static void expect_text(uint16_t rr_type, struct p2i_view rdata, const char *text)
{
    struct p2i_buffer out = {0};
    cr_assert(p2i_dns_rdata_text(&out, rr_type, rdata));
    cr_expect(p2i_view_equals(p2i_view_of(out.data, out.size), p2i_view_of(text, strlen(text))),
              "type %u: '%.*s' instead of '%s'", rr_type, (int)out.size,
              out.size > 0 ? (const char *)out.data : "", text);
    p2i_buffer_free(&out);
}

Test(dns_rdata, addresses_and_names)
{
    expect_text(1, BYTES("\xc0\0\2\1"), "192.0.2.1");
    expect_text(28, BYTES("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), "2001:db8::1");
    static const uint16_t of_names[] = {2, 5, 12, 39};
    for (size_t i = 0; i < 4; i++) {
        expect_text(of_names[i], BYTES("\3www\7example\0"), "www.example");
        expect_text(of_names[i], BYTES("\0"), ".");
    }
    expect_text(5, BYTES("\4a\tb\n\3\\.\"\1 \2\x7f\xff\0"),
                "a\\009b\\010.\\\\\\.\".\\032.\\127\\255");
}

Test(dns_rdata, types_of_several_parts)
{
    expect_text(15, BYTES("\0\12\4mail\7example\0"), "10 mail.example");
    expect_text(6, BYTES("\2ns\0\4root\0\xff\xff\xff\xff\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"),
                "ns root 4294967295 2 3 4 5");
    expect_text(33, BYTES("\0\1\0\2\x13\xc4\3sip\0"), "1 2 5060 sip");
    expect_text(16, BYTES("\3a b\0\4\"\\\n\xff"), "\"a b\" \"\" \"\\\"\\\\\\010\\255\"");
    expect_text(257, BYTES("\x80\5issueca.example; x=\"1\""),
                "128 issue \"ca.example; x=\\\"1\\\"\"");
    expect_text(257, BYTES("\0\5issue"), "0 issue \"\"");
    expect_text(35, BYTES("\0\12\0\x64\1s\7SIP+D2U\0\4_sip\0"),
                "10 100 \"s\" \"SIP+D2U\" \"\" _sip");
    expect_text(13, BYTES("\2PC\5Linux"), "\"PC\" \"Linux\"");
    expect_text(52, BYTES("\3\1\1\x01\xab"), "3 1 1 01ab");
    expect_text(43, BYTES("\x30\x39\15\2\xff"), "12345 13 2 ff");
    expect_text(256, BYTES("\0\1\0\2ftp://x/"), "1 2 \"ftp://x/\"");
}

/* RFC 9460 appendix D. */
Test(dns_rdata, service_bindings)
{
    expect_text(65, BYTES("\0\0\3foo\7example\3com\0"), "0 foo.example.com");
    expect_text(64, BYTES("\0\1\0"), "1 .");
    expect_text(64, BYTES("\0\x10\3foo\0\0\3\0\2\0\x35"), "16 foo port=53");
    expect_text(64, BYTES("\0\1\3foo\0\2\x9b\0\5hello"), "1 foo key667=\"hello\"");
    expect_text(64, BYTES("\0\1\3foo\0\2\x9b\0\xahello\xd2qoo"),
                "\\# 20 000103666f6f00029b000a68656c6c6fd2716f6f");
    expect_text(64, BYTES("\0\1\3foo\0\2\x9b\0\x9hello\xd2qoo"), "1 foo key667=\"hello\\210qoo\"");
    expect_text(64,
                BYTES("\0\1\0\0\6\0\x20"
                      "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
                      "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\x53\0\1"),
                "1 . ipv6hint=2001:db8::1,2001:db8::53:1");
    expect_text(64, BYTES("\0\x10\3foo\0\0\0\0\4\0\1\0\4\0\1\0\x9\2h2\5h3-19\0\4\0\4\xc0\0\2\1"),
                "16 foo mandatory=alpn,ipv4hint alpn=\"h2,h3-19\" ipv4hint=192.0.2.1");
    expect_text(64,
                BYTES("\0\x10\3foo\0\0\1\0\xc\x8"
                      "f\\oo,bar\2h2"),
                "16 foo alpn=\"f\\\\\\\\oo\\\\,bar,h2\"");
    expect_text(65, BYTES("\0\1\0\0\1\0\3\2h2\0\2\0\0\0\5\0\4\1\2\3\4\0\x7\0\6/q{?d}"),
                "1 . alpn=\"h2\" no-default-alpn ech=AQIDBA== dohpath=\"/q{?d}\"");
    expect_text(65, BYTES("\0\1\0\0\5\0\2\1\2\1\0\0\0"), "1 . ech=AQI= key256");
}

Test(dns_rdata, malformed_services_come_as_bytes)
{
    expect_text(64, BYTES("\0\1\0\0\3\0\1\1"), "\\# 8 0001000003000101");          /* short port */
    expect_text(64, BYTES("\0\1\0\0\3\0\3\1\1\1"), "\\# 10 00010000030003010101"); /* long port */
    expect_text(64, BYTES("\0\1\0\0\1\0\0"), "\\# 7 00010000010000");              /* no protocol */
    expect_text(64, BYTES("\0\1\0\0\1\0\1\0"), "\\# 8 0001000001000100"); /* of no known type */
    expect_text(64, BYTES("\0\1\0\0\2\0\1x"), "\\# 8 0001000002000178");  /* a value */
    expect_text(64, BYTES("\0\1\0\0\4\0\3\1\2\3"), "\\# 10 00010000040003010203"); /* a cut hint */
    expect_text(64, BYTES("\0\1\0\xff\0\0\0\xff\0\0\0"),
                "\\# 11 000100ff000000ff000000"); /* twice */
}

Test(dns_rdata, unknown_or_malformed_data_are_shown_as_bytes)
{
    expect_text(1, BYTES("\1\2\3"), "\\# 3 010203");
    expect_text(1, BYTES("\1\2\3\4\5"), "\\# 5 0102030405");
    expect_text(65280, BYTES("\xab"), "\\# 1 ab");
    expect_text(5, BYTES("\3www"), "\\# 4 03777777");
    expect_text(5, BYTES("\1a\0z"), "\\# 4 0161007a");
    expect_text(5,
                BYTES("\x40"
                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0"),
                "\\# 66 40"
                "6161616161616161616161616161616161616161616161616161616161616161"
                "6161616161616161616161616161616161616161616161616161616161616161"
                "00");
    expect_text(257, BYTES("\0\0x"), "\\# 3 000078");
    expect_text(257, BYTES("\0\2a\tx"), "\\# 5 0002610978");
    expect_text(1, (struct p2i_view){0}, "");
    expect_text(65280, (struct p2i_view){0}, "");
}

/* Every cut of good data, and every byte changed: printable, and on one line. */
Test(dns_rdata, always_printable)
{
    static const uint16_t types[] = {1, 2, 6, 15, 16, 28, 33, 35, 64, 65, 256, 257, 65280};
    static const uint8_t good[] = "\0\1\3foo\0\0\1\0\3\2h2\0\4\0\4\xc0\0\2\1";
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        for (size_t size = 0; size < sizeof good; size++) {
            for (unsigned change = 0; change < 256; change++) {
                uint8_t *copy = malloc(size + 1); /* a block of its own size */
                memcpy(copy, good, size);
                copy[change * 7 % (size + 1)] = (uint8_t)change;
                struct p2i_buffer out = {0};
                cr_assert(p2i_dns_rdata_text(&out, types[i], p2i_view_of(copy, size)));
                for (size_t at = 0; at < out.size; at++) {
                    cr_assert(out.data[at] >= 0x20 && out.data[at] < 0x7f);
                }
                p2i_buffer_free(&out);
                free(copy);
            }
        }
    }
}
