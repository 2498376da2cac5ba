/* SPDX-License-Identifier: MIT */
#include "settings/output_name.h"

#include <criterion/criterion.h>
#include <string.h>

#include "settings/settings.h"

Test(output_name, endings_of_captures_are_left_out)
{
    static const char *const pairs[][2] = {
        {"dir/trace.pcap.gz", "trace.ipfix"},
        {"trace.pcapng", "trace.ipfix"},
        {"a.dmp.zst", "a.ipfix"},
        {"A.PCAP.xz", "A.ipfix"},
        {"a.pcap.1", "a.pcap.1.ipfix"},
        {".pcap", ".pcap.ipfix"},
        {"/d/x", "x.ipfix"},
    };
    struct p2i_arena arena = {0};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const struct p2i_view here = {0};
        cr_expect_str_eq(p2i_output_name(&arena, here, pairs[i][0], ".ipfix"), pairs[i][1]);
    }
    cr_expect_str_eq(p2i_output_name(&arena, P2I_VIEW("out"), "d/a.cap", ".jsonl"), "out/a.jsonl");
    cr_expect_str_eq(p2i_output_name(&arena, P2I_VIEW("out/"), "d/a.cap", ".jsonl"), "out/a.jsonl");
    p2i_arena_free(&arena);
}

Test(output_name, outputs_of_each_capture)
{
    struct p2i_settings *settings = p2i_settings_new();
    struct p2i_each_output output;
    struct p2i_arena arena = {0};
    cr_assert(p2i_settings_add_capture(settings, "d/a.pcap", false));
    cr_assert(p2i_settings_add_capture(settings, "b.pcap", false));
    cr_assert(p2i_each_output_name(settings, 0, &arena, &output));
    cr_expect_str_eq(output.ipfix, "d/a.ipfix");
    cr_expect_null(output.json);
    cr_assert(p2i_each_output_name(settings, 1, &arena, &output));
    cr_expect_str_eq(output.ipfix, "b.ipfix");
    settings->json_path = "j";
    cr_assert(p2i_each_output_name(settings, 0, &arena, &output));
    cr_expect_null(output.ipfix);
    cr_expect_str_eq(output.json, "j/a.jsonl");
    settings->ipfix_path = "w";
    cr_assert(p2i_each_output_name(settings, 0, &arena, &output));
    cr_expect_str_eq(output.ipfix, "w/a.ipfix");
    cr_expect_str_eq(output.json, "j/a.jsonl");
    p2i_arena_free(&arena);
    p2i_settings_free(settings);
}
