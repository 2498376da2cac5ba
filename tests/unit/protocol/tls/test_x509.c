/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "certificates.h"
#include "protocol/tls/x509.h"

#define WHOLE(array) p2i_view_of(array, sizeof(array))

/* Reads from a heap block of the exact size, so that a read past the end is caught. */
static size_t name_of(struct p2i_view certificate, uint8_t *out, size_t capacity)
{
    uint8_t *copy = malloc(certificate.size > 0 ? certificate.size : 1);
    uint8_t *buffer = malloc(capacity > 0 ? capacity : 1);
    if (certificate.size > 0) {
        memcpy(copy, certificate.data, certificate.size);
    }
    struct p2i_view name = p2i_x509_name(p2i_view_of(copy, certificate.size), buffer, capacity);
    cr_assert_leq(name.size, P2I_X509_NAME_MAX);
    if (name.size > 0) {
        memcpy(out, name.data, name.size);
    }
    free(copy);
    free(buffer);
    return name.size;
}

static void expect(struct p2i_view certificate, const char *expected)
{
    uint8_t name[P2I_X509_NAME_MAX];
    size_t size = name_of(certificate, name, sizeof name);
    cr_assert(p2i_view_equals(p2i_view_of(name, size), p2i_view_of(expected, strlen(expected))),
              "'%.*s' instead of '%s'", (int)size, (const char *)name, expected);
}

/* Certificate { TBSCertificate { serial, signature, issuer, validity, subject { ... } } } */
#define HEAD "\x02\x01\x01\x30\x00\x30\x00\x30\x00"

Test(x509, common_name_goes_before_alternative_names)
{
    expect(WHOLE(certificate_plain), "www.example.org");
}

Test(x509, printable_string)
{
    expect(WHOLE(certificate_printable), "printable.example");
}

Test(x509, first_of_two_common_names)
{
    expect(WHOLE(certificate_two_names), "first.example");
}

Test(x509, second_attribute_of_a_set)
{
    expect(WHOLE(certificate_same_set), "longer-than-the-other.example");
}

Test(x509, first_dns_name_when_there_is_no_common_name)
{
    expect(WHOLE(certificate_alternative), "san.example.net");
}

Test(x509, no_name_at_all)
{
    expect(WHOLE(certificate_no_name), "");
}

Test(x509, wide_strings_become_utf8)
{
    expect(WHOLE(certificate_bmp), "b\xc3\xbc"
                                   "cher.example");
    /* b, u with diaeresis, c in a UniversalString, which openssl does not make */
    expect(P2I_VIEW("\x30\x24\x30\x22" HEAD "\x30\x17\x31\x15\x30\x13\x06\x03\x55\x04\x03\x1c\x0c"
                    "\x00\x00\x00\x62\x00\x00\x00\xfc\x00\x00\x00\x63"),
           "b\xc3\xbc"
           "c");
}

Test(x509, teletex_stays_as_it_is)
{
    expect(WHOLE(certificate_teletex), "b\xfc"
                                       "cher.example");
}

Test(x509, a_small_buffer_cuts_on_a_character_boundary)
{
    uint8_t name[P2I_X509_NAME_MAX];
    static const size_t sizes[] = {0, 1, 1, 3, 4, 5};
    for (size_t capacity = 0; capacity < sizeof sizes / sizeof *sizes; capacity++) {
        size_t size = name_of(WHOLE(certificate_bmp), name, capacity);
        cr_assert_eq(size, sizes[capacity], "capacity %zu gave %zu", capacity, size);
    }
}

/* A cut certificate gives its name if the cut lies behind it, else none. */
static void expect_cuts(struct p2i_view certificate, const char *expected)
{
    size_t with = 0;
    for (size_t size = 0; size <= certificate.size; size++) {
        uint8_t name[P2I_X509_NAME_MAX];
        size_t found = name_of(p2i_view_first(certificate, size), name, sizeof name);
        cr_assert(found == 0 || p2i_view_equals(p2i_view_of(name, found),
                                                p2i_view_of(expected, strlen(expected))),
                  "cut at %zu: '%.*s'", size, (int)found, (const char *)name);
        cr_assert(found > 0 || with == 0, "lost again at %zu", size);
        with += found > 0;
    }
    cr_assert_gt(with, 1);
}

Test(x509, cut_at_every_byte)
{
    expect_cuts(WHOLE(certificate_plain), "www.example.org");
    expect_cuts(WHOLE(certificate_alternative), "san.example.net");
    expect_cuts(WHOLE(certificate_bmp), "b\xc3\xbc"
                                        "cher.example");
}

/* With any byte changed, nothing is read beyond the bytes (the sanitizers check). */
Test(x509, any_byte_may_be_wrong)
{
    static const uint8_t lies[] = {0x00, 0x01, 0x1f, 0x30, 0x7f, 0x80, 0x81, 0x84, 0x85, 0xff};
    uint8_t copy[sizeof certificate_alternative];
    memcpy(copy, certificate_alternative, sizeof copy);
    for (size_t at = 0; at < sizeof copy; at++) {
        for (size_t lie = 0; lie < sizeof lies; lie++) {
            uint8_t name[P2I_X509_NAME_MAX];
            copy[at] = lies[lie];
            (void)name_of(WHOLE(copy), name, sizeof name);
        }
        copy[at] = certificate_alternative[at];
    }
}

Test(x509, subject_by_hand)
{
    /* A version 1 certificate: no [0]. */
    expect(P2I_VIEW("\x30\x19\x30\x17" HEAD "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01"
                    "a"),
           "a");
    /* An empty name is none; the next one counts. */
    expect(P2I_VIEW("\x30\x24\x30\x22" HEAD "\x30\x17\x31\x09\x30\x07\x06\x03\x55\x04\x03\x0c\x00"
                    "\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x16\x01"
                    "b"),
           "b");
    /* An integer is no name. */
    expect(P2I_VIEW("\x30\x19\x30\x17" HEAD "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x02\x01"
                    "a"),
           "");
    /* Lengths in the long form, longer than they need to be (BER). */
    expect(P2I_VIEW("\x30\x81\x1f\x30\x82\x00\x1b" HEAD
                    "\x30\x10\x31\x0e\x30\x0c\x06\x03\x55\x04\x03\x0c\x84\x00\x00\x00\x01"
                    "a"),
           "a");
}

Test(x509, invalid_wide_characters)
{
    /* A surrogate in a BMPString, a number past Unicode in a UniversalString: U+FFFD. */
    expect(P2I_VIEW("\x30\x1c\x30\x1a" HEAD "\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x1e\x04"
                    "\xd8\x00\x00\x41"),
           "\xef\xbf\xbd"
           "A");
    expect(P2I_VIEW("\x30\x20\x30\x1e" HEAD "\x30\x13\x31\x11\x30\x0f\x06\x03\x55\x04\x03\x1c\x08"
                    "\x00\x11\x00\x00\x00\x01\xf6\x00"),
           "\xef\xbf\xbd\xf0\x9f\x98\x80");
}

Test(x509, refused)
{
    expect(P2I_VIEW(""), "");
    expect(P2I_VIEW("\x30"), "");
    expect(P2I_VIEW("\x30\x80\x30\x80\x00\x00\x00\x00"), ""); /* indefinite */
    expect(P2I_VIEW("\x31\x19\x30\x17"), "");
    expect(P2I_VIEW("\x3f\x30\x19\x30\x17"), ""); /* long tag */
}
