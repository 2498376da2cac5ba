/* SPDX-License-Identifier: MIT */
#include "corpus/folder.h"

#include <sys/stat.h>

#include "helpers/folder.h"

static void expect_name(const char *path, const char *expected)
{
    char name[P2I_CORPUS_NAME_MAX];
    p2i_corpus_name(path, name);
    cr_expect_str_eq(name, expected, "%s: %s instead of %s", path, name, expected);
    cr_expect(p2i_corpus_is_name(p2i_view_of(name, strlen(name))), "%s", name);
}

Test(folder, names)
{
    expect_name("dns.pcap", "dns");
    expect_name("/a/b.c/dns-1.pcapng.gz", "dns-1");
    expect_name("Dns.PCAP.zst", "Dns");
    expect_name(".pcap", "_pcap");
    expect_name("..", "_.");
    expect_name("a b\n\x1b\xff;$(x).cap", "a_b______x_");
    expect_name("a/", "capture");
    char longest[4096];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    char name[P2I_CORPUS_NAME_MAX];
    p2i_corpus_name(longest, name);
    cr_assert_lt(strlen(name), P2I_CORPUS_NAME_MAX - 12);
}

Test(folder, names_that_are_none)
{
    static const char *const wrong[] = {"",     ".",   "..",       ".a", "a/b",
                                        "a\\b", "a b", "\xc3\xa4", "a\n"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_not(p2i_corpus_is_name(p2i_view_of(wrong[i], strlen(wrong[i]))), "%s", wrong[i]);
    }
}

static void expect_relative(const char *folder, const char *path, const char *expected)
{
    char *relative = p2i_corpus_relative(folder, path);
    cr_assert_not_null(relative);
    cr_expect_str_eq(relative, expected, "%s instead of %s", relative, expected);
    free(relative);
}

Test(folder, relative_paths)
{
    struct folder top = folder_make();
    char a[300];
    char ab[300];
    char capture[300];
    (void)snprintf(a, sizeof a, "%s/a", top.path);
    (void)snprintf(ab, sizeof ab, "%s/ab", top.path);
    (void)snprintf(capture, sizeof capture, "%s/ab/c", top.path);
    cr_assert(mkdir(a, 0700) == 0 && mkdir(ab, 0700) == 0);
    file_write(capture, "x");
    expect_relative(a, capture, "../ab/c");
    expect_relative(ab, capture, "c");
    expect_relative(top.path, capture, "ab/c");
    cr_expect_null(p2i_corpus_relative(a, "/nowhere/at/all"));
    (void)unlink(capture);
    (void)rmdir(a);
    (void)rmdir(ab);
    folder_remove(&top);
}
