/* SPDX-License-Identifier: MIT */
#include "corpus/manifest.h"

#include <criterion/criterion.h>

struct taken {
    size_t count;
    struct p2i_corpus_file last;
};

static enum p2i_result take(void *context, const struct p2i_corpus_file *file,
                            struct p2i_error *error)
{
    struct taken *taken = context;
    (void)error;
    taken->count++;
    taken->last = *file;
    return P2I_OK;
}

static enum p2i_result read_text(const char *text, struct taken *taken)
{
    struct p2i_error error;
    *taken = (struct taken){0};
    return p2i_corpus_manifest_read(p2i_view_of(text, strlen(text)), take, taken, &error);
}

Test(manifest, files)
{
    struct taken taken;
    cr_assert_eq(read_text("{\"made_by\":\"x\",\"files\":[{\"name\":\"a\",\"size\":1},"
                           "{\"size\":7,\"name\":\"b-2\",\"sha256\":\"00ff\",\"other\":[{}],"
                           "\"path\":\"..\\/c\"}]}\n",
                           &taken),
                 P2I_OK);
    cr_assert_eq(taken.count, 2);
    cr_assert_str_eq(taken.last.name, "b-2");
    cr_assert_str_eq(taken.last.sha256, "00ff");
    cr_assert_str_eq(taken.last.capture_path, "../c");
    cr_assert_eq(taken.last.size, 7);
    cr_assert_eq(read_text("{\"files\":[]}", &taken), P2I_OK);
    cr_assert_eq(taken.count, 0);
}

Test(manifest, texts_that_are_none)
{
    static const char *const wrong[] = {
        "",
        "[]",
        "{}",
        "{\"files\":{}}",
        "{\"files\":[1]}",
        "{\"files\":[{\"size\":1}]}",
        "{\"files\":[{\"name\":\"a\"}]}",
        "{\"files\":[{\"name\":\"../a\",\"size\":1}]}",
        "{\"files\":[{\"name\":\"\\u002fa\",\"size\":1}]}",
        "{\"files\":[{\"name\":7,\"size\":1}]}",
        "{\"files\":[{\"name\":\"a\",\"size\":1}]",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct taken taken;
        cr_expect_eq(read_text(wrong[i], &taken), P2I_USAGE, "%s", wrong[i]);
    }
}
