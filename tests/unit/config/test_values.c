/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "config/values.h"

static struct p2i_settings settings;
static struct p2i_error error;

static void done(void)
{
    p2i_arena_free(&settings.arena);
}

Test(values, rotation_by_size_or_time_or_both, .fini = done)
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
        done();
        settings = (struct p2i_settings){0};
        cr_expect_eq(p2i_settings_set(&settings, "rotate", cases[i].text, &error), P2I_OK, "%s",
                     cases[i].text);
        cr_expect_eq(settings.rotate_bytes, cases[i].bytes, "%s", cases[i].text);
        cr_expect_eq(settings.rotate_s, cases[i].seconds, "%s", cases[i].text);
    }
    done();
    settings = (struct p2i_settings){0};
    cr_expect_eq(p2i_settings_set(&settings, "rotate", "1h", &error), P2I_OK);
    cr_expect_eq(p2i_settings_set(&settings, "rotate", "1M", &error), P2I_OK);
    cr_expect_eq(settings.rotate_bytes, 1048576);
    cr_expect_eq(settings.rotate_s, 3600);
    static const char *const wrong[] = {"",         "0",           "1",    "63K",
                                        "0s",       "-1s",         "s",    "5 m",
                                        "5x",       "1mm",         "1.5h", "99999999999999999999s",
                                        "1193047h", "4294967296s", "K",    "1Km"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_eq(p2i_settings_set(&settings, "rotate", wrong[i], &error), P2I_USAGE, "%s",
                     wrong[i]);
    }
}

Test(values, shards, .fini = done)
{
    cr_expect_eq(p2i_settings_set(&settings, "shard", "2/3", &error), P2I_OK);
    cr_expect_eq(settings.shard, 2);
    cr_expect_eq(settings.shard_count, 3);
    cr_expect_eq(p2i_settings_set(&settings, "shard", "64/64", &error), P2I_OK);
    cr_expect_eq(p2i_settings_set(&settings, "shard", "1/1", &error), P2I_OK);
    static const char *const wrong[] = {
        "",     "1",     "/",   "1/",  "/2",   "0/2",  "3/2",
        "1/65", "1/2/3", "a/2", "1/b", "-1/2", "1 /2", "1/99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_eq(p2i_settings_set(&settings, "shard", wrong[i], &error), P2I_USAGE, "%s",
                     wrong[i]);
    }
}

Test(values, file_options, .fini = done)
{
    cr_expect_eq(p2i_settings_set(&settings, "file-options", "window,captures", &error), P2I_OK);
    cr_expect_eq(settings.file_options, P2I_FILE_WINDOW | P2I_FILE_CAPTURES);
    cr_expect_eq(p2i_settings_set(&settings, "file-options", "all", &error), P2I_OK);
    cr_expect_eq(settings.file_options, 15);
    cr_expect_eq(p2i_settings_set(&settings, "file-options", "none", &error), P2I_OK);
    cr_expect_eq(settings.file_options, 0);
    cr_expect_eq(p2i_settings_set(&settings, "file-options", "", &error), P2I_USAGE);
    cr_expect_eq(p2i_settings_set(&settings, "file-options", "window,", &error), P2I_USAGE);
    cr_expect_eq(p2i_settings_set(&settings, "file-options", "windows", &error), P2I_USAGE);
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
