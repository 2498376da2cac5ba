/* SPDX-License-Identifier: MIT */
/* The hashes of captures are those of their files, whoever hashes, and however reading ends. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sha256.h"
#include "files.h"

enum { PACKETS = 3000 };

/* Some 3 MiB, so that it spans many pieces. */
static struct file capture_of(unsigned from, unsigned count)
{
    struct file file = {0};
    pcap_header(&file, 0xa1b2c3d4, 1);
    for (unsigned i = from; i < from + count; i++) {
        pcap_record(&file, i, 0, i, 1000 + i % 50, 1000 + i % 50);
    }
    return file;
}

static void expect_hash(const struct p2i_capture_facts *facts, const struct file *file,
                        const char *what)
{
    uint8_t digest[P2I_SHA256_SIZE];
    struct p2i_sha256 *hash = p2i_sha256_new();
    p2i_sha256_add(hash, file->data, file->size);
    cr_assert(p2i_sha256_finish(hash, digest));
    p2i_sha256_free(hash);
    cr_assert(facts->hashed, "%s", what);
    cr_assert_eq(facts->hashed_bytes, file->size, "%s", what);
    cr_assert_eq(memcmp(facts->sha256, digest, sizeof digest), 0, "%s", what);
}

/* Reads the files with several sizes of the memory for other threads; each must be hashed. */
static void expect_hashes(enum p2i_capture_order order, const struct file *files, size_t count,
                          const char *what)
{
    static const unsigned memory_kib[] = {0, 1, 300, 1100, 4500, 16384};
    const char *paths[8];
    for (size_t i = 0; i < count; i++) {
        paths[i] = path_of_file(&files[i]);
    }
    for (size_t i = 0; i < sizeof memory_kib / sizeof memory_kib[0]; i++) {
        struct p2i_capture_settings settings = {
            .order = order, .hash = true, .ahead_bytes = memory_kib[i] << 10};
        struct seen seen;
        read_all(&seen, &settings, paths, count);
        for (size_t j = 0; j < count; j++) {
            expect_hash(&seen.facts[j], &files[j], what);
        }
        seen_free(&seen);
    }
}

static void skip_without(void)
{
    if (!p2i_sha256_is_built_in()) {
        cr_skip_test("built without OpenSSL");
    }
}

Test(hash_stored, whole_captures)
{
    skip_without();
    struct file file = capture_of(0, PACKETS);
    struct file empty = capture_of(0, 0);
    expect_hashes(P2I_ORDER_TIME, &file, 1, "plain");
    expect_hashes(P2I_ORDER_TIME, &empty, 1, "without packets");
    struct file compressed = {0};
    gzip_member(&compressed, file.data, file.size);
    expect_hashes(P2I_ORDER_TIME, &compressed, 1, "compressed");
    file_free(&file);
    file_free(&empty);
    file_free(&compressed);
}

Test(hash_stored, several_captures_in_any_order)
{
    skip_without();
    struct file files[6];
    for (unsigned i = 0; i < 6; i++) {
        files[i] = capture_of(i % 2 == 0 ? 0 : i * 100, i == 3 ? 1 : 50 + i * 300);
    }
    struct file plain = files[4];
    files[4] = (struct file){0};
    gzip_member(&files[4], plain.data, plain.size);
    expect_hashes(P2I_ORDER_ARGS, files, 6, "in turn");
    expect_hashes(P2I_ORDER_TIME, files, 6, "by time");
    file_free(&plain);
    for (unsigned i = 0; i < 6; i++) {
        file_free(&files[i]);
    }
}

Test(hash_stored, damaged_captures_to_their_end)
{
    skip_without();
    struct file file = capture_of(0, PACKETS);
    struct file damaged = {0};
    put(&damaged, file.data, file.size);
    memset(damaged.data + 24 + 8, 0xff, 4); /* length of the first packet */
    expect_hashes(P2I_ORDER_TIME, &damaged, 1, "first packet damaged");
    struct file pair[] = {damaged, file};
    expect_hashes(P2I_ORDER_TIME, pair, 2, "first packet damaged, by time");
    struct file cut = {.data = file.data, .size = file.size - 3};
    expect_hashes(P2I_ORDER_TIME, &cut, 1, "cut");
    struct file garbage = {0};
    gzip_member(&garbage, file.data, file.size);
    put_payload(&garbage, 1, 1 << 20);
    expect_hashes(P2I_ORDER_TIME, &garbage, 1, "garbage behind the compressed stream");
    struct file inside = {0};
    gzip_member(&inside, damaged.data, damaged.size);
    expect_hashes(P2I_ORDER_TIME, &inside, 1, "damaged and compressed");
    file_free(&file);
    file_free(&damaged);
    file_free(&garbage);
    file_free(&inside);
}

/* Nothing is hashed that is no capture, or without being asked to. */
Test(hash_stored, nothing_else)
{
    skip_without();
    struct file text = {0};
    put_text(&text, "no capture at all");
    struct file file = capture_of(0, 10);
    const char *paths[] = {path_of_file(&text), path_of_file(&file), "/nonexistent"};
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){.hash = true}, paths, 3);
    cr_expect_not(seen.facts[0].hashed);
    expect_hash(&seen.facts[1], &file, "beside others");
    cr_expect_not(seen.facts[2].hashed);
    seen_free(&seen);
    read_all(&seen, &(struct p2i_capture_settings){0}, paths, 2);
    cr_expect_not(seen.facts[1].hashed);
    seen_free(&seen);
    file_free(&text);
    file_free(&file);
}

static bool is_stopped(void *context)
{
    unsigned *left = context;
    return *left == 0 || --*left == 0;
}

Test(hash_stored, not_when_stopped)
{
    skip_without();
    struct file file = capture_of(0, PACKETS);
    const char *path = path_of_file(&file);
    struct seen seen;
    unsigned left = 4;
    read_all(&seen,
             &(struct p2i_capture_settings){
                 .hash = true, .is_stopped = is_stopped, .stop_context = &left},
             &path, 1);
    cr_expect(seen.count > 0 && seen.count < PACKETS);
    cr_expect_not(seen.facts[0].hashed);
    seen_free(&seen);
    file_free(&file);
}

Test(hash_stored, pipes_that_are_read_to_their_end)
{
    skip_without();
    struct file file = capture_of(0, 40); /* fits into a pipe */
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], file.data, file.size), (ssize_t)file.size);
    (void)close(ends[1]);
    char path[32];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    const char *paths[] = {path};
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){.hash = true}, paths, 1);
    expect_hash(&seen.facts[0], &file, "pipe");
    cr_expect_eq(seen.facts[0].size_bytes, 0);
    seen_free(&seen);
    (void)close(ends[0]);
    file_free(&file);
}

static void count(void *context, const struct p2i_capture_facts *copy,
                  const struct p2i_capture_facts *first)
{
    const char **wanted = context;
    cr_assert(*wanted != NULL);
    cr_expect_str_eq(copy->path, wanted[0]);
    cr_expect_str_eq(first->path, wanted[1]);
    wanted[0] = NULL;
}

Test(hash_stored, finds_copies)
{
    skip_without();
    struct file files[] = {capture_of(0, 30), capture_of(1, 30), capture_of(0, 30),
                           capture_of(0, 0), capture_of(0, 0)};
    const char *paths[5];
    for (size_t i = 0; i < 5; i++) {
        paths[i] = path_of_file(&files[i]);
    }
    struct p2i_capture_settings settings = {.hash = true};
    struct p2i_error error;
    struct p2i_capture *capture;
    struct p2i_block block;
    cr_assert(p2i_block_init(&block));
    cr_assert_eq(p2i_capture_open(&capture, &settings, paths, 5, NULL, NULL, &error), P2I_OK);
    while (p2i_capture_read(capture, &block, &error) == P2I_OK) {
    }
    const char *wanted[] = {paths[2], paths[0]};
    p2i_capture_find_copies(capture, count, wanted);
    cr_expect_null(wanted[0]);
    p2i_capture_close(capture);
    p2i_block_free(&block);
    for (size_t i = 0; i < 5; i++) {
        file_free(&files[i]);
    }
}
