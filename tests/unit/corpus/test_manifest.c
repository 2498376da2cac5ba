/* SPDX-License-Identifier: MIT */
#include "corpus/manifest.h"

#include "helpers/folder.h"

static enum p2i_result read_text(const char *text, struct p2i_corpus_manifest *manifest)
{
    struct folder folder = folder_make();
    struct p2i_error error;
    *manifest = (struct p2i_corpus_manifest){.file_count = 0};
    file_write(folder.file, text);
    enum p2i_result result = p2i_corpus_manifest_read(manifest, folder.file, &error);
    folder_remove(&folder);
    return result;
}

#define SUMMARY                                                                                    \
    "\"summary\":{\"combinations\":3,\"covered\":2,\"sessions\":1,\"bytes\":8,"                    \
    "\"bytes_of_captures\":9},"
#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SETTINGS "\"settings\":[{\"name\":\"settings.yaml\",\"sha256\":\"" HASH "\"}],"
#define CAPTURES "\"captures\":[{\"size\":4},{\"size\":5},{\"size\":5,\"given_before\":true}],"
#define COVERED "\"covered\":{\"x\":\"a\",\"y\":\"b-2\"},\"not_covered\":{\"z\":\"why\"}"

Test(manifest, members)
{
    struct p2i_corpus_manifest manifest;
    cr_assert_eq(read_text("{\"made_by\":\"x\"," SUMMARY SETTINGS CAPTURES "\"files\":["
                           "{\"size\":7,\"name\":\"b-2\",\"sha256\":\"" HASH "\",\"other\":[{}],"
                           "\"path\":\"..\\/c\",\"sessions\":[\"12\"]},"
                           "{\"name\":\"a\",\"size\":1,\"sha256\":\"short\"}]," COVERED "}\n",
                           &manifest),
                 P2I_OK);
    cr_assert_eq(manifest.file_count, 2);
    cr_assert_str_eq(manifest.files[0].name, "a");
    cr_assert_null(manifest.files[0].path);
    cr_assert_str_eq(manifest.files[0].sha256, "");
    cr_assert_str_eq(manifest.files[1].name, "b-2");
    cr_assert_str_eq(manifest.files[1].sha256, HASH);
    cr_assert_str_eq(manifest.files[1].path, "../c");
    cr_assert_eq(manifest.files[1].size, 7);
    cr_assert_eq(manifest.input_count, 1);
    cr_assert_str_eq(manifest.inputs[0].name, "settings.yaml");
    cr_assert_arr_eq(manifest.text.data + manifest.inputs[0].hash_at, HASH, 64);
    struct p2i_corpus_summary summary = {
        .combinations = 3, .covered = 2, .sessions = 1, .bytes = 8, .source_bytes = 9};
    cr_assert_arr_eq(&manifest.said, &summary, sizeof summary);
    cr_assert_arr_eq(&manifest.listed, &summary, sizeof summary);
    cr_assert_not(manifest.anonymised);
    p2i_corpus_manifest_free(&manifest);
}

Test(manifest, texts_that_are_none)
{
    static const char *const wrong[] = {
        "",
        "[]",
        "{}",
        "{" SUMMARY SETTINGS CAPTURES "\"files\":{}," COVERED "}",
        "{" SUMMARY SETTINGS CAPTURES "\"files\":[1]," COVERED "}",
        "{" SUMMARY SETTINGS CAPTURES "\"files\":[{\"size\":1}]," COVERED "}",
        "{" SUMMARY SETTINGS CAPTURES "\"files\":[{\"name\":\"a\"}]," COVERED "}",
        "{" SUMMARY SETTINGS CAPTURES "\"files\":[{\"name\":\"../a\",\"size\":1}]," COVERED "}",
        "{" SUMMARY SETTINGS CAPTURES "\"files\":[{\"name\":\"\\u002fa\",\"size\":1}]," COVERED "}",
        "{" SUMMARY SETTINGS CAPTURES "\"files\":[{\"name\":7,\"size\":1}]," COVERED "}",
        "{" SUMMARY SETTINGS CAPTURES "\"files\":[{\"name\":\"a\",\"size\":1}]," COVERED
        "}", /* b-2 */
        "{" SUMMARY CAPTURES "\"files\":[],\"covered\":{},\"not_covered\":{}}",
        "{" SUMMARY SETTINGS "\"files\":[],\"covered\":{},\"not_covered\":{}}",
        "{" SETTINGS CAPTURES "\"files\":[],\"covered\":{},\"not_covered\":{}}",
        "{" SUMMARY SETTINGS CAPTURES "\"files\":[],\"not_covered\":{}}",
        "{" SUMMARY "\"settings\":[{}]," CAPTURES "\"files\":[],\"covered\":{},\"not_covered\":{}}",
        "{" SUMMARY SETTINGS "\"captures\":[{}],\"files\":[],\"covered\":{},\"not_covered\":{}}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct p2i_corpus_manifest manifest;
        cr_expect_eq(read_text(wrong[i], &manifest), P2I_USAGE, "%s", wrong[i]);
        p2i_corpus_manifest_free(&manifest);
    }
    struct p2i_corpus_manifest manifest;
    cr_expect_eq(read_text("{" SUMMARY SETTINGS CAPTURES
                           "\"files\":[],\"covered\":{},\"not_covered\":{}}",
                           &manifest),
                 P2I_OK);
    p2i_corpus_manifest_free(&manifest);
}
