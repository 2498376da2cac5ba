/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "export/file_name.h"

enum { TIME = 1700000005 }; /* 2023-11-14 22:13:25 UTC, day 318 */

static void expect_name(const char *pattern, uint64_t number, const char *name)
{
    char found[P2I_FILE_NAME_MAX];
    struct p2i_error error;
    cr_expect_eq(p2i_file_name(found, pattern, TIME, number, &error), P2I_OK, "%s", pattern);
    cr_expect_str_eq(found, name, "%s: %s", pattern, found);
}

Test(file_name, conversions_are_the_time_in_utc)
{
    expect_name("a%Y%m%d-%H%M%S.ipfix", 0, "a20231114-221325.ipfix");
    expect_name("%F/%T_%y_%j_%s_%%", 0, "2023-11-14/22:13:25_23_318_1700000005_%");
    expect_name("plain", 0, "plain");
    cr_expect(p2i_file_name_varies("a%H"));
    cr_expect_not(p2i_file_name_varies("a.H"));
}

Test(file_name, the_number_stands_before_the_ending)
{
    expect_name("out.ipfix", 1, "out.000001.ipfix");
    expect_name("out.ipfix.gz", 12, "out.000012.ipfix.gz");
    expect_name("dir.d/out", 1, "dir.d/out.000001");
    expect_name("dir.d/out.gz", 1, "dir.d/out.000001.gz");
    expect_name(".hidden", 1, ".hidden.000001");
    expect_name("x/.gz", 1, "x/.gz.000001");
    expect_name("%H.a.json", 1234567, "22.a.1234567.json");
}

Test(file_name, unknown_conversions_and_long_names_are_refused)
{
    static char pattern[P2I_FILE_NAME_MAX + 8];
    char found[P2I_FILE_NAME_MAX];
    struct p2i_error error;
    cr_expect_eq(p2i_file_name(found, "a%B", TIME, 0, &error), P2I_USAGE);
    cr_expect_eq(p2i_file_name(found, "a%", TIME, 0, &error), P2I_USAGE);
    memset(pattern, 'x', P2I_FILE_NAME_MAX - 1);
    cr_expect_eq(p2i_file_name(found, pattern, TIME, 0, &error), P2I_OK);
    cr_expect_eq(p2i_file_name(found, pattern, TIME, 1, &error), P2I_USAGE);
    pattern[P2I_FILE_NAME_MAX - 1] = 'x';
    cr_expect_eq(p2i_file_name(found, pattern, TIME, 0, &error), P2I_USAGE);
}
