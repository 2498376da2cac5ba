/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <string.h>

#include "extract/manifest.h"
#include "helpers/folder.h"

static const uint64_t no_features[16];
static const uint8_t ends[2][16] = {{192, 0, 2, 1}, {192, 0, 2, 2}};

static void choose(struct p2i_selection *selection)
{
    const struct p2i_session_facts facts = {
        .struct_size = sizeof facts,
        .id = UINT64_MAX,
        .address = {ends[0], ends[1]},
        .port = {4000, 80},
        .ip_version = 4,
        .transport = 6,
        .ended = true,
        .first_ns = 1000000000000000001,
        .last_ns = 1000000000000000002,
        .packets = {1, 2},
        .lost_bytes = 9,
        .protocol = P2I_ID_HTTP,
        .features = no_features,
    };
    p2i_selection_want(selection, UINT64_MAX, false);
    p2i_selection_want(selection, 12, false); /* is not there */
    p2i_selection_note(selection, &facts);
    struct p2i_chosen_session *session = p2i_selection_session(selection, UINT64_MAX);
    session->records[P2I_RECORD_CLICKSTREAM] = 3;
    session->cut_records = 1;
    session->features = UINT64_C(1) << P2I_FEATURE_GAP | UINT64_C(1) << P2I_FEATURE_WRONG_CHECKSUM |
                        UINT64_C(1) << P2I_FEATURE_LIMIT | UINT64_C(1) << P2I_FEATURE_ECN;
    p2i_selection_prepare(selection);
    session->records[P2I_RECORD_CLICKSTREAM] = 3;
    session->cut_records = 1;
    for (uint64_t i = 4; i <= 6; i++) {
        const struct p2i_packet_facts packet = {
            .struct_size = sizeof packet, .packet = i, .capture = i == 6, .session = UINT64_MAX};
        p2i_selection_packet(selection, &packet);
    }
    p2i_selection_list(selection);
}

static void expect_text(struct p2i_view text, const char *part)
{
    cr_expect_not_null(memmem(text.data, text.size, part, strlen(part)), "%s", part);
}

Test(manifest, says_what_was_asked_and_found)
{
    static const char *const paths[] = {"/nowhere/a\n\xff.pcap", "/nowhere/b.pcap"};
    static const char *const arguments[] = {"ipfixtool", "extract", "two words"};
    static const char *const filters[] = {"a = \"b\"", "c = d or e = f"};
    struct p2i_capture_summary captures[2] = {
        {.path = paths[0], .format = "pcap", .frames = 7, .damaged = true, .hashed = true},
        {.path = paths[1], .refused = true}};
    struct folder folder = folder_make();
    struct p2i_selection selection = {0};
    struct p2i_error error = {0};
    struct p2i_extracted_file files[2] = {{folder.file, 0}, {folder.file, 0}};
    struct p2i_error problem = {.file = paths[0], .text = "truncated: \"x\""};
    const uint64_t missing[] = {p2i_frame_place(1, 99)};
    const struct p2i_extract_settings settings = {
        .paths = paths,
        .path_count = 2,
        .arguments = arguments,
        .argument_count = 3,
        .filter_texts = filters,
        .filter_text_count = 2,
        .time_ns = 1234567890123456789,
    };
    const struct p2i_manifest manifest = {
        .settings = &settings,
        .selection = &selection,
        .captures = captures,
        .files = files,
        .problems = &problem,
        .problem_count = 1,
        .missing = missing,
        .missing_count = 1,
    };
    choose(&selection);
    cr_assert_eq(p2i_manifest_write(&manifest, folder.file, &error), P2I_OK, "%s", error.text);
    struct p2i_view text = file_read(folder.file);
    expect_text(text, "\"time\": \"2009-02-13T23:31:30.123456789Z\"");
    expect_text(text, "\n  \"two words\"\n");
    expect_text(text, "\n  \"a = \\\"b\\\"\",\n  \"c = d or e = f\"\n");
    expect_text(text, "\"damaged\": true, \"problem\": \"truncated: \\\"x\\\"\"}");
    expect_text(text, "\"name\": \"/nowhere/b.pcap\", \"packets\": 0, \"refused\": true}");
    expect_text(text, "\"outputs\": []");
    expect_text(text, "{\"SESSION_ID\": \"18446744073709551615\", \"protocol\": \"http\"");
    expect_text(text, "\"first\": \"2001-09-09T01:46:40.000000001Z\"");
    expect_text(text, "\"records\": {\"clickstream\": 3}, \"cut_records\": 1");
    expect_text(text, "\"frames\": [{\"capture\": 1, \"first\": 4, \"last\": 5, \"count\": 2}, "
                      "{\"capture\": 2, \"first\": 6, \"last\": 6, \"count\": 1}]");
    expect_text(text, "\"lost_bytes\": 9, \"incomplete\": [\"gap\"], \"doubtful\": "
                      "[\"wrong_checksum\"], \"limits\": [\"limit\"]}");
    expect_text(text, "{\"SESSION_ID\": \"12\"}");
    expect_text(text, "{\"capture\": 2, \"packet\": 99}");
    cr_expect_null(memchr(text.data, 0xff, text.size));
    free((void *)(uintptr_t)text.data);
    p2i_selection_free(&selection);
    folder_remove(&folder);
}
