/* SPDX-License-Identifier: MIT */
#include "capture/identify.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "files.h"

static void expect_refused(struct p2i_view bytes, const char *found)
{
    struct seen seen;
    read_bytes(&seen, bytes.data, bytes.size);
    char text[256];
    (void)snprintf(text, sizeof text,
                   "not a capture: expected pcap, pcapng, snoop or ERF, found %s", found);
    cr_expect_eq(seen.result, P2I_END);
    cr_expect_eq(seen.count, 0);
    cr_assert_eq(seen.report_count, 1);
    cr_expect_eq(seen.reports[0].code, P2I_INPUT);
    cr_expect_str_eq(seen.reports[0].text, text);
    cr_expect(seen.facts[0].refused);
    cr_expect_not(seen.facts[0].damaged);
    cr_expect_null(seen.facts[0].format);
    seen_free(&seen);
}

Test(identify, names_other_formats)
{
    expect_refused((struct p2i_view){0}, "an empty file");
    expect_refused(P2I_VIEW("time,source,destination\n1,2,3\n"), "text");
    expect_refused(P2I_VIEW("\n <!DOCTYPE HTML>\n<title>404</title>"),
                   "an HTML page, perhaps of a download that failed");
    expect_refused(P2I_VIEW("PK\x03\x04\x14\0\0\0"),
                   "a zip archive, which is not supported; decompress it first");
    expect_refused(P2I_VIEW("\x00\x0a\x00\x20\x66\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01"
                            "\x00\x02\x00\x10\x01\x00\x00\x01\x00\x08\x00\x04\x00\x00\x00\x00"),
                   "IPFIX messages");
}

Test(identify, gzip_twice)
{
    struct file file = {0};
    struct file once = {0};
    struct file twice = {0};
    pcap_header(&file, 0xa1b2c3d4, 1);
    gzip_member(&once, file.data, file.size);
    gzip_member(&twice, once.data, once.size);
    expect_refused(
        p2i_view_of(twice.data, twice.size),
        "a file compressed twice, inside with gzip, which is not supported; decompress it "
        "first");
    file_free(&file);
    file_free(&once);
    file_free(&twice);
}

/* The message for a compression that was not built in says so. */
Test(identify, compressions)
{
    for (size_t i = 0; p2i_compression_at(i) != NULL; i++) {
        const struct p2i_compression *compression = p2i_compression_at(i);
        cr_expect_eq(p2i_compression_of(compression->magic), compression);
        if (compression->decompression->open == NULL) {
            char text[128];
            (void)snprintf(text, sizeof text,
                           "a file compressed with %s, for which this program was not built; "
                           "decompress it first",
                           compression->name);
            expect_refused(compression->magic, text);
        }
    }
    cr_expect_null(p2i_compression_of(P2I_VIEW("\x1f\x8b\x07\0\0\0\0\0\0\0")));
    cr_expect_null(p2i_compression_of((struct p2i_view){0}));
}

Test(identify, unknown_formats_show_their_first_bytes)
{
    static const char wanted[] = "not a capture: expected pcap, pcapng, snoop or ERF, found an "
                                 "unknown format, first bytes";
    char text[160];
    struct p2i_error error;
    cr_expect_null(p2i_identify(P2I_VIEW("\x00\x01\xfe\xff\x10\x20\x30\x40\x50\x60"), &error));
    cr_expect_eq(error.code, P2I_INPUT);
    (void)snprintf(text, sizeof text, "%s 00 01 fe ff 10 20 30 40", wanted);
    cr_expect_str_eq(error.text, text);
    cr_expect_null(p2i_identify(P2I_VIEW("\xd4\xc3"), &error));
    (void)snprintf(text, sizeof text, "%s d4 c3", wanted);
    cr_expect_str_eq(error.text, text);
}
