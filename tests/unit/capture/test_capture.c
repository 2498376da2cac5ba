/* SPDX-License-Identifier: MIT */
#include "capture/capture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

#define S UINT64_C(1000000000)

static const char *capture_of(unsigned first, unsigned count, size_t cut)
{
    struct file file = {0};
    pcap_header(&file, 0xa1b2c3d4, 1);
    for (unsigned i = first; i < first + count; i++) {
        pcap_record(&file, i, 0, i, 20, 20);
    }
    const char *path = path_of(file.data, file.size - cut);
    file_free(&file);
    return path;
}

static struct seen read_strictly(const char *const *paths, size_t count,
                                 enum p2i_capture_order order)
{
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){.order = order, .strict = true}, paths, count);
    return seen;
}

Test(capture, no_inputs)
{
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){0}, NULL, 0);
    cr_expect_eq(seen.result, P2I_END);
    cr_expect_eq(seen.count, 0);
    seen_free(&seen);
}

Test(capture, continues_after_bad_inputs)
{
    const char *paths[] = {capture_of(1, 3, 5), "/nonexistent", path_of("junk", 4),
                           capture_of(4, 2, 0)};
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){.order = P2I_ORDER_ARGS}, paths, 4);
    cr_expect_eq(seen.result, P2I_END);
    cr_assert_eq(seen.count, 4);
    cr_expect(frame_is(&seen, 1, 2 * S, 2, 20));
    cr_expect(frame_is(&seen, 2, 4 * S, 4, 20));
    cr_assert_eq(seen.report_count, 3);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_str_eq(seen.reports[i].file, paths[i]);
    }
    cr_expect(seen.facts[0].damaged && !seen.facts[0].refused);
    cr_expect(!seen.facts[1].damaged && seen.facts[1].refused);
    cr_expect(!seen.facts[2].damaged && seen.facts[2].refused);
    cr_expect(!seen.facts[3].damaged && !seen.facts[3].refused);
    seen_free(&seen);
}

Test(capture, strict_stops_after_the_frames_before_the_damage)
{
    const char *paths[] = {capture_of(1, 3, 0), capture_of(4, 3, 5), capture_of(7, 2, 0)};
    for (int order = P2I_ORDER_TIME; order <= P2I_ORDER_ARGS; order++) {
        struct seen seen = read_strictly(paths, 3, (enum p2i_capture_order)order);
        cr_expect_eq(seen.result, P2I_DAMAGED);
        cr_expect_eq(seen.error.packet, 3);
        cr_expect_str_eq(seen.error.file, paths[1]);
        cr_expect_eq(seen.count, 5);
        cr_expect_eq(seen.report_count, 1);
        cr_expect(seen.facts[1].damaged);
        seen_free(&seen);
    }
    paths[1] = "/nonexistent";
    struct seen seen = read_strictly(paths, 3, P2I_ORDER_ARGS);
    cr_expect_eq(seen.result, P2I_INPUT);
    cr_expect_eq(seen.count, 3);
    cr_expect(seen.facts[1].refused);
    seen_free(&seen);
}

/* All frames of overlapping captures from before the damage are returned. */
Test(capture, strict_while_merging)
{
    const char *paths[] = {capture_of(1, 30, 0), capture_of(5, 10, 1), capture_of(1, 30, 0)};
    struct seen seen = read_strictly(paths, 3, P2I_ORDER_TIME);
    cr_expect_eq(seen.result, P2I_DAMAGED);
    cr_expect_str_eq(seen.error.file, paths[1]);
    cr_expect_geq(seen.count, 13 + 9 + 12);
    for (size_t i = 1; i < seen.count; i++) {
        cr_expect_geq(seen.frames[i].time_ns, seen.frames[i - 1].time_ns);
    }
    seen_free(&seen);
}

/* Reads after the end return the end again. */
Test(capture, read_after_the_end)
{
    const char *paths[] = {capture_of(1, 2, 1), "/nonexistent"};
    for (int strict = 0; strict < 2; strict++) {
        struct p2i_capture *capture;
        struct p2i_block block;
        struct p2i_error error = {0};
        cr_assert(p2i_block_init(&block));
        struct p2i_capture_settings settings = {.order = P2I_ORDER_ARGS, .strict = strict != 0};
        cr_assert_eq(p2i_capture_open(&capture, &settings, paths, 2, NULL, NULL, &error), P2I_OK);
        cr_expect_eq(p2i_capture_count(capture), 2);
        cr_expect_null(p2i_capture_facts(capture, 0)->format);
        cr_expect_eq(p2i_capture_read(capture, &block, &error), P2I_OK);
        cr_expect_eq(block.frame_count, 1);
        for (int i = 0; i < 3; i++) {
            cr_expect_eq(p2i_capture_read(capture, &block, &error),
                         strict != 0 ? P2I_DAMAGED : P2I_END);
            cr_expect_eq(block.frame_count, 0);
        }
        p2i_capture_close(capture);
        p2i_block_free(&block);
    }
}

Test(capture, close_accepts_null)
{
    struct p2i_block block = {0};
    p2i_block_free(&block);
    p2i_capture_close(NULL);
}

static void link_as(char path[64], const char *directory, const char *name, const char *target)
{
    (void)snprintf(path, 64, "%s/%s", directory, name);
    cr_assert_eq(symlink(target, path), 0);
}

Test(capture, sorts_by_name)
{
    char directory[] = "/tmp/p2i-names-XXXXXX";
    cr_assert_not_null(mkdtemp(directory));
    char b[64];
    char a[64];
    char z[64];
    link_as(b, directory, "b.pcap", capture_of(1, 1, 0));
    link_as(a, directory, "a.pcap", capture_of(2, 1, 0));
    link_as(z, directory, "Z.pcap", capture_of(3, 1, 0));
    const char *paths[] = {b, a, z, a};
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){.order = P2I_ORDER_NAME}, paths, 4);
    cr_assert_eq(seen.count, 4);
    cr_expect(frame_is(&seen, 0, 3 * S, 3, 20));
    cr_expect(frame_is(&seen, 1, 2 * S, 2, 20));
    cr_expect(frame_is(&seen, 2, 2 * S, 2, 20));
    cr_expect(frame_is(&seen, 3, 1 * S, 1, 20));
    cr_expect_str_eq(seen.facts[0].path, b);
    seen_free(&seen);
    for (size_t i = 0; i < 3; i++) {
        (void)unlink(paths[i]);
    }
    (void)rmdir(directory);
}

/* A pipe cannot be read ahead: merging by time falls back to the order of arguments. */
Test(capture, pipe_keeps_the_order_of_arguments)
{
    struct file file = {0};
    pcap_header(&file, 0xa1b2c3d4, 1);
    pcap_record(&file, 50, 0, 50, 20, 20);
    int pipes[2];
    cr_assert_eq(pipe(pipes), 0);
    cr_assert_eq(write(pipes[1], file.data, file.size), (ssize_t)file.size);
    (void)close(pipes[1]);
    cr_assert_eq(dup2(pipes[0], STDIN_FILENO), STDIN_FILENO);
    const char *paths[] = {"-", capture_of(1, 1, 0)};
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){.order = P2I_ORDER_TIME}, paths, 2);
    cr_assert_eq(seen.count, 2);
    cr_expect(frame_is(&seen, 0, 50 * S, 50, 20));
    cr_expect(frame_is(&seen, 1, 1 * S, 1, 20));
    seen_free(&seen);
    file_free(&file);
}

/* Frames of a single input are views into the block's buffer, in file order. */
Test(capture, single_input_is_not_copied)
{
    const char *path = capture_of(1, 1000, 0);
    struct p2i_capture *capture;
    struct p2i_block block;
    struct p2i_error error;
    cr_assert(p2i_block_init(&block));
    cr_assert_eq(
        p2i_capture_open(&capture, &(struct p2i_capture_settings){0}, &path, 1, NULL, NULL, &error),
        P2I_OK);
    cr_assert_eq(p2i_capture_read(capture, &block, &error), P2I_OK);
    cr_assert_eq(block.frame_count, 1000);
    for (size_t i = 0; i < block.frame_count; i++) {
        cr_assert_eq(block.frames[i].data, block.buffer + 24 + i * 36 + 16);
    }
    p2i_capture_close(capture);
    p2i_block_free(&block);
}
