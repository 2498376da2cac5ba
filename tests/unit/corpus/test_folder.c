/* SPDX-License-Identifier: MIT */
#include "corpus/folder.h"

#include <sys/stat.h>

#include "helpers/folder.h"

static void expect_name(const char *path, const char *expected)
{
    char name[1][P2I_CORPUS_NAME_MAX];
    cr_assert(p2i_corpus_names(&path, 1, name));
    cr_expect_str_eq(name[0], expected, "%s: %s instead of %s", path, name[0], expected);
    cr_expect(p2i_corpus_is_name(p2i_view_of(name[0], strlen(name[0]))), "%s", name[0]);
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
    const char *const two[2] = {longest, longest};
    char name[2][P2I_CORPUS_NAME_MAX];
    cr_assert(p2i_corpus_names(two, 2, name));
    cr_assert_lt(strlen(name[0]), P2I_CORPUS_NAME_MAX - 12);
    cr_assert_eq(strlen(name[1]), strlen(name[0]) + 2);
}

/* A number behind a name never makes one that is there. */
Test(folder, names_that_are_equal)
{
    static const char *const paths[] = {"x.pcap", "a/x-2.pcap", "b/x", "c/x.gz", "d/x-2",
                                        "y",      "y-2",        "y",   ""};
    static const char *const expected[] = {"x", "x-2", "x-3", "x-4",    "x-2-2",
                                           "y", "y-2", "y-3", "capture"};
    enum { COUNT = sizeof paths / sizeof *paths };
    char names[COUNT][P2I_CORPUS_NAME_MAX];
    cr_assert(p2i_corpus_names(paths, COUNT, names));
    for (size_t i = 0; i < COUNT; i++) {
        cr_expect_str_eq(names[i], expected[i], "%s: %s", paths[i], names[i]);
    }
}

Test(folder, many_equal_names, .timeout = 60)
{
    enum { COUNT = 50000 };
    const char **paths = calloc(COUNT, sizeof *paths);
    char(*names)[P2I_CORPUS_NAME_MAX] = calloc(COUNT, sizeof *names);
    cr_assert(paths != NULL && names != NULL);
    for (size_t i = 0; i < COUNT; i++) {
        paths[i] = "trace.pcap";
    }
    cr_assert(p2i_corpus_names(paths, COUNT, names));
    cr_assert_str_eq(names[0], "trace");
    cr_assert_str_eq(names[COUNT - 1], "trace-50000");
    free(names);
    free(paths);
}

Test(folder, what_is_there)
{
    struct folder folder = folder_make();
    struct p2i_buffer bytes = {0};
    struct p2i_error error;
    char link[300];
    (void)snprintf(link, sizeof link, "%s/link", folder.path);
    cr_assert_eq(p2i_corpus_look(folder.file), P2I_CORPUS_MISSING);
    cr_assert_eq(p2i_corpus_read_file(folder.file, &bytes, &error), P2I_INPUT);
    file_write(folder.file, "x");
    cr_assert_eq(symlink(folder.file, link), 0);
    cr_assert_eq(p2i_corpus_look(folder.file), P2I_CORPUS_REGULAR);
    cr_assert_eq(p2i_corpus_read_file(folder.file, &bytes, &error), P2I_OK);
    cr_assert(bytes.size == 1 && bytes.data[0] == 'x');
    cr_assert_eq(p2i_corpus_look(link), P2I_CORPUS_OTHER);
    cr_assert_eq(p2i_corpus_read_file(link, &bytes, &error), P2I_INPUT);
    cr_assert_eq(p2i_corpus_look(folder.path), P2I_CORPUS_OTHER);
    cr_assert_eq(p2i_corpus_read_file(folder.path, &bytes, &error), P2I_INPUT);
    cr_assert_str_eq(error.text, "not a regular file");
    cr_assert_eq(unlink(link), 0);
    cr_assert_eq(mkfifo(link, 0600), 0); /* nobody writes: reading would wait for ever */
    cr_assert_eq(p2i_corpus_read_file(link, &bytes, &error), P2I_INPUT);
    cr_assert_eq(unlink(link), 0);
    p2i_buffer_free(&bytes);
    folder_remove(&folder);
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
