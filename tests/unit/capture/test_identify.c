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
    (void)snprintf(text, sizeof text, "not a capture: expected pcap or pcapng, found %s", found);
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

Test(identify, strangers)
{
    expect_refused((struct p2i_view){0}, "an empty file");
    expect_refused(P2I_VIEW("time,source,destination\n1,2,3\n"), "text");
    expect_refused(P2I_VIEW("\n <!DOCTYPE HTML>\n<title>404</title>"),
                   "an HTML page, perhaps of a download that failed");
    expect_refused(P2I_VIEW("PK\x03\x04\x14\0\0\0"),
                   "a zip archive, which is not supported; unpack it first");
    expect_refused(P2I_VIEW("BZh91AY&SY\x12\x34"),
                   "a file compressed with bzip2, which is not supported; unpack it first");
    expect_refused(P2I_VIEW("\xfd"
                            "7zXZ\0\0\x04"),
                   "a file compressed with xz, which is not supported; unpack it first");
    expect_refused(P2I_VIEW("\x04\x22\x4d\x18\x64\x40"),
                   "a file compressed with lz4, which is not supported; unpack it first");
    expect_refused(
        P2I_VIEW("snoop\0\0\0\0\0\0\x02\0\0\0\x04"),
        "a snoop capture (RFC 1761), which is not supported; convert it to pcapng first");
    expect_refused(P2I_VIEW("\x00\x0a\x00\x20\x66\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01"
                            "\x00\x02\x00\x10\x01\x00\x00\x01\x00\x08\x00\x04\x00\x00\x00\x00"),
                   "IPFIX messages");
}

Test(identify, erf)
{
    struct file file = {.big = true};
    for (int i = 0; i < 3; i++) {
        put32(&file, 0);          /* fraction */
        put32(&file, 0x00f05365); /* seconds, little endian */
        put8(&file, 2);           /* Ethernet */
        put8(&file, 4);
        put16(&file, 16 + 2 + 60);
        put16(&file, 0);
        put16(&file, 60);
        put16(&file, 0);
        put_payload(&file, 1, 60);
    }
    expect_refused(p2i_view_of(file.data, file.size),
                   "an ERF capture, which is not supported; convert it to pcapng first");
    file_free(&file);
}

Test(identify, gzip_twice)
{
    struct file file = {0};
    struct file once = {0};
    struct file twice = {0};
    pcap_header(&file, 0xa1b2c3d4, 1);
    gzip_member(&once, file.data, file.size);
    gzip_member(&twice, once.data, once.size);
    expect_refused(p2i_view_of(twice.data, twice.size),
                   "a file compressed with gzip twice, which is not supported; unpack it first");
    file_free(&file);
    file_free(&once);
    file_free(&twice);
}

Test(identify, unknown_names_the_bytes)
{
    struct p2i_error error;
    enum p2i_format format =
        p2i_identify(P2I_VIEW("\x00\x01\xfe\xff\x10\x20\x30\x40\x50\x60"), &error);
    cr_expect_eq(format, P2I_FORMAT_NONE);
    cr_expect_eq(error.code, P2I_INPUT);
    cr_expect_str_eq(error.text,
                     "not a capture: expected pcap or pcapng, found an unknown format, first "
                     "bytes 00 01 fe ff 10 20 30 40");
    (void)p2i_identify(P2I_VIEW("\xd4\xc3"), &error);
    cr_expect_str_eq(
        error.text,
        "not a capture: expected pcap or pcapng, found an unknown format, first bytes d4 c3");
}
