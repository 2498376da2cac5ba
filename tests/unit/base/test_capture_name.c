/* SPDX-License-Identifier: MIT */
#include "base/capture_name.h"

#include <criterion/criterion.h>

Test(capture_name, last_part_of_a_path)
{
    static const char *const pairs[][2] = {
        {"a.pcap", "a.pcap"}, {"d/a.pcap", "a.pcap"}, {"/a", "a"}, {"d/e/", ""}, {"", ""},
        {"-", "-"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        cr_expect_str_eq(p2i_last_part(pairs[i][0]), pairs[i][1], "%s", pairs[i][0]);
    }
}

Test(capture_name, a_user_writes_the_path_or_its_last_part)
{
    cr_expect(p2i_capture_is_named("d/a.pcap", "d/a.pcap"));
    cr_expect(p2i_capture_is_named("d/a.pcap", "a.pcap"));
    cr_expect(p2i_capture_is_named("a.pcap", "a.pcap"));
    cr_expect_not(p2i_capture_is_named("d/a.pcap", "a"));
    cr_expect_not(p2i_capture_is_named("d/a.pcap", "e/a.pcap"));
    cr_expect_not(p2i_capture_is_named("a.pcap", "d/a.pcap"));
}

Test(capture_name, endings_of_captures_are_no_part_of_the_stem)
{
    static const struct {
        const char *name;
        size_t size;
    } cases[] = {
        {"a.pcap", 1},
        {"a.pcapng", 1},
        {"a.cap.gz", 1},
        {"a.dmp.zst", 1},
        {"a.erf.xz", 1},
        {"a.snoop.lz4", 1},
        {"a.trace.bz2", 1},
        {"a.ntar.gz", 1},
        {"a.enc", 1},
        {"A.PCAP.GZ", 1},
        {"a.gz", 1},
        {"a", 1},
        {"a.b", 3},
        {"a.pcap1", 7},
        {"a.pcap.", 7},
        {"apcap", 5},
        {"a.pcap.pcap", 6},
        {"a.gz.gz", 4},
        {"a.gz.pcap", 4},
        {".pcap", 5},
        {".gz", 3},
        {".pcap.gz", 5},
        {"", 0},
        {"a.tar.gz", 5},
        {"a.2026-10.pcap", 9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(p2i_capture_stem(cases[i].name), cases[i].size, "%s", cases[i].name);
    }
}
