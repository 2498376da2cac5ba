/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "extract/names.h"

static void expect_name(const char *output, const char *path, size_t number, const char *expected)
{
    char *name = p2i_extract_name(output, path, number);
    cr_assert_not_null(name);
    cr_expect_str_eq(name, expected);
    free(name);
}

Test(names, have_that_of_the_capture)
{
    expect_name("out.pcapng", "a/monday.pcap.gz", 0, "out-monday.pcapng");
    expect_name("d.d/out.pcapng.zst", "monday.pcapng", 0, "d.d/out-monday.pcapng.zst");
    expect_name("out.pcapng", "monday.pcap", 12, "out-monday-12.pcapng");
    expect_name("out", "monday", 0, "out-monday");
}

Test(names, have_no_bytes_that_lead_elsewhere)
{
    expect_name("out.pcapng", "x/..", 0, "out-...pcapng");
    expect_name("out.pcapng", "a b\n\x1b[1m\xff$(x);'.pcap", 0, "out-a_b___1m___x___.pcapng");
}

Test(names, of_captures_are_text)
{
    char name[8];
    p2i_capture_name("a/b\xff", name, sizeof name);
    cr_expect_str_eq(name, "b\\xff");
    p2i_capture_name("a/long-name.pcap", name, sizeof name);
    cr_expect_str_eq(name, "long-na");
    p2i_capture_name("a/abcdef\xc3\xa4", name, sizeof name);
    cr_expect_str_eq(name, "abcdef", "a character is whole or not there");
}
