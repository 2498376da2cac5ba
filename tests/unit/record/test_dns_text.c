/* SPDX-License-Identifier: MIT */
/* Parts of DNS data in presentation form: printable ASCII, whatever the bytes are. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "record/dns_text.h"

static struct p2i_buffer out;

static void done(void)
{
    p2i_buffer_free(&out);
}

static void expect(const char *text)
{
    cr_expect(p2i_view_equals(p2i_view_of(out.data, out.size), p2i_view_of(text, strlen(text))),
              "'%.*s' instead of '%s'", (int)out.size, (const char *)out.data, text);
    out.size = 0;
}

Test(dns_text, numbers_and_octets, .fini = done)
{
    cr_assert(p2i_dns_put_number(&out, 0) && p2i_dns_put_number(&out, UINT32_MAX));
    expect("04294967295");
    cr_assert(p2i_dns_put_hex(&out, P2I_VIEW("\0\xab\xFf")));
    expect("00abff");
}

/* Puts one name; what is left of the bytes, or -1 when it is none. */
static int put_name(struct p2i_view bytes)
{
    struct p2i_cursor at = p2i_cursor_of(bytes);
    cr_assert(p2i_dns_put_name(&out, &at));
    if (at.failed) {
        out.size = 0;
        return -1;
    }
    return (int)at.rest.size;
}

Test(dns_text, names, .fini = done)
{
    cr_expect_eq(put_name(P2I_VIEW("\3www\7example\0x")), 1);
    expect("www.example");
    cr_expect_eq(put_name(P2I_VIEW("\0")), 0);
    expect(".");
    /* RFC 4343 section 2.1: a dot within a label, a backslash, what cannot be printed; a blank. */
    cr_expect_eq(put_name(P2I_VIEW("\4a.b\\\3\t\n \2\x7f\xff\0")), 0);
    expect("a\\.b\\\\.\\009\\010\\032.\\127\\255");
}

Test(dns_text, malformed_names, .fini = done)
{
    cr_expect_eq(put_name(P2I_VIEW("")), -1);
    cr_expect_eq(put_name(P2I_VIEW("\3www")), -1);
    cr_expect_eq(put_name(P2I_VIEW("\4www")), -1);
    cr_expect_eq(put_name(P2I_VIEW("\xc0\0")), -1); /* a pointer: names come expanded */
}

/* 255 bytes with all lengths (RFC 1035 section 3.1), and one more. */
Test(dns_text, the_longest_name, .fini = done)
{
    uint8_t bytes[300];
    memset(bytes, 'a', sizeof bytes);
    bytes[0] = bytes[64] = bytes[128] = 63;
    bytes[192] = 61;
    bytes[254] = 0;
    cr_expect_eq(put_name(p2i_view_of(bytes, 255)), 0);
    cr_expect_eq(out.size, 253);
    out.size = 0;
    bytes[192] = 62;
    bytes[254] = 'a';
    bytes[255] = 0;
    cr_expect_eq(put_name(p2i_view_of(bytes, 256)), -1);
}

Test(dns_text, names_cut_anywhere, .fini = done)
{
    static const char name[] = "\3www\7example";
    for (size_t size = 0; size < sizeof name; size++) {
        uint8_t *copy = malloc(size + 1); /* a block of its own, for the sanitizer */
        memcpy(copy, name, size);
        cr_expect_eq(put_name(p2i_view_of(copy, size)), -1);
        free(copy);
    }
}

Test(dns_text, strings, .fini = done)
{
    cr_assert(p2i_dns_put_quoted(&out, P2I_VIEW("a \"b\"\\\n\xff")));
    expect("\"a \\\"b\\\"\\\\\\010\\255\"");
    cr_assert(p2i_dns_put_byte(&out, '"') && p2i_dns_put_byte(&out, '\t') &&
              p2i_dns_put_byte(&out, ';'));
    expect("\\\"\\009;");
    struct p2i_cursor at = p2i_cursor_of(P2I_VIEW("\1a\0\3bc"));
    cr_assert(p2i_dns_put_string(&out, &at) && p2i_dns_put_string(&out, &at));
    expect("\"a\"\"\"");
    cr_expect(!at.failed);
    cr_assert(p2i_dns_put_string(&out, &at));
    cr_expect(at.failed);
}

Test(dns_text, addresses, .fini = done)
{
    struct p2i_cursor at =
        p2i_cursor_of(P2I_VIEW("\xc0\0\2\1\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"));
    cr_assert(p2i_dns_put_address(&out, &at, 4));
    expect("192.0.2.1");
    cr_assert(p2i_dns_put_address(&out, &at, 16));
    expect("2001:db8::1");
    cr_expect(!at.failed);
    cr_assert(p2i_dns_put_address(&out, &at, 4));
    cr_expect(at.failed);
}
