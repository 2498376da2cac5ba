/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "config/values.h"

static struct p2i_settings settings;
static struct p2i_error error;

Test(values, rotation_by_size_or_time_or_both)
{
    static const struct {
        const char *text;
        uint64_t bytes;
        uint32_t seconds;
    } cases[] = {{"64K", 65536, 0},      {"65536", 65536, 0},
                 {"100M", 104857600, 0}, {"2g", 2147483648, 0},
                 {"1s", 0, 1},           {"300s", 0, 300},
                 {"5m", 0, 300},         {"1h", 0, 3600},
                 {"2d", 0, 172800},      {"4294967295s", 0, UINT32_MAX}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        settings = (struct p2i_settings){0};
        cr_expect_eq(p2i_parse_rotation(&settings, cases[i].text, &error), P2I_OK, "%s",
                     cases[i].text);
        cr_expect_eq(settings.rotate_bytes, cases[i].bytes, "%s", cases[i].text);
        cr_expect_eq(settings.rotate_s, cases[i].seconds, "%s", cases[i].text);
    }
    settings = (struct p2i_settings){0};
    cr_expect_eq(p2i_parse_rotation(&settings, "1h", &error), P2I_OK);
    cr_expect_eq(p2i_parse_rotation(&settings, "1M", &error), P2I_OK);
    cr_expect_eq(settings.rotate_bytes, 1048576);
    cr_expect_eq(settings.rotate_s, 3600);
    static const char *const wrong[] = {"",         "0",           "1",    "63K",
                                        "0s",       "-1s",         "s",    "5 m",
                                        "5x",       "1mm",         "1.5h", "99999999999999999999s",
                                        "1193047h", "4294967296s", "K",    "1Km"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_eq(p2i_parse_rotation(&settings, wrong[i], &error), P2I_USAGE, "%s", wrong[i]);
    }
}

Test(values, shares)
{
    cr_expect_eq(p2i_parse_shard(&settings, "2/3", &error), P2I_OK);
    cr_expect_eq(settings.shard, 2);
    cr_expect_eq(settings.shard_count, 3);
    cr_expect_eq(p2i_parse_shard(&settings, "64/64", &error), P2I_OK);
    cr_expect_eq(p2i_parse_shard(&settings, "1/1", &error), P2I_OK);
    static const char *const wrong[] = {
        "",     "1",     "/",   "1/",  "/2",   "0/2",  "3/2",
        "1/65", "1/2/3", "a/2", "1/b", "-1/2", "1 /2", "1/99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_eq(p2i_parse_shard(&settings, wrong[i], &error), P2I_USAGE, "%s", wrong[i]);
    }
}

Test(values, file_options)
{
    cr_expect_eq(p2i_parse_file_options(&settings, "window,captures", &error), P2I_OK);
    cr_expect_eq(settings.file_options, P2I_FILE_WINDOW | P2I_FILE_CAPTURES);
    cr_expect_eq(p2i_parse_file_options(&settings, "all", &error), P2I_OK);
    cr_expect_eq(settings.file_options, 15);
    cr_expect_eq(p2i_parse_file_options(&settings, "none", &error), P2I_OK);
    cr_expect_eq(settings.file_options, 0);
    cr_expect_eq(p2i_parse_file_options(&settings, "", &error), P2I_USAGE);
    cr_expect_eq(p2i_parse_file_options(&settings, "window,", &error), P2I_USAGE);
    cr_expect_eq(p2i_parse_file_options(&settings, "windows", &error), P2I_USAGE);
}

Test(values, rotation_needs_files)
{
    settings = (struct p2i_settings){.rotate_s = 5};
    cr_expect_eq(p2i_check_rotation(&settings, &error), P2I_USAGE);
    settings.ipfix_path = "-";
    cr_expect_eq(p2i_check_rotation(&settings, &error), P2I_USAGE);
    settings.ipfix_path = "a";
    cr_expect_eq(p2i_check_rotation(&settings, &error), P2I_OK);
    settings.json_path = "-";
    cr_expect_eq(p2i_check_rotation(&settings, &error), P2I_USAGE);
    settings.rotate_s = 0;
    cr_expect_eq(p2i_check_rotation(&settings, &error), P2I_OK);
}
