/* SPDX-License-Identifier: MIT */
/* Memory limits of decompression. */
#include "capture/formats.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#ifdef HAVE_LZMA
#include <lzma.h>
#endif

#include "files.h"

enum { MIB = 1 << 20 };

static struct file capture_at(uint32_t second, unsigned seed)
{
    struct file file = {0};
    pcap_header(&file, 0xa1b2c3d4, 1);
    pcap_record(&file, second, 0, seed, 60, 60);
    pcap_record(&file, second + 10, 0, seed + 1, 60, 60);
    return file;
}

/* A zstd frame of one raw block (RFC 8878 section 3.1.1) with a window of 10 + log bits. */
static void zstd_window(struct file *to, unsigned log, unsigned eighths, const void *data,
                        size_t size)
{
    put(to, "\x28\xb5\x2f\xfd\0", 5);
    put8(to, (log - 10) << 3 | eighths);
    put16(to, (unsigned)(size << 3 | 1));
    put8(to, 0);
    put(to, data, size);
}

/* The same with a content size of 8 bytes, which then is the window. */
static void zstd_content(struct file *to, uint64_t content, const void *data, size_t size)
{
    put(to, "\x28\xb5\x2f\xfd\xe0", 5);
    put32(to, (uint32_t)content);
    put32(to, (uint32_t)(content >> 32));
    put16(to, (unsigned)(size << 3 | 1));
    put8(to, 0);
    put(to, data, size);
}

static const char *zstd_path(uint32_t second, unsigned log, unsigned eighths)
{
    struct file file = capture_at(second, second);
    struct file compressed = {0};
    zstd_window(&compressed, log, eighths, file.data, file.size);
    const char *path = path_of_file(&compressed);
    file_free(&file);
    file_free(&compressed);
    return path;
}

static void need_compression(const char *name)
{
    for (size_t i = 0; p2i_compression_at(i) != NULL; i++) {
        const struct p2i_compression *compression = p2i_compression_at(i);
        if (strcmp(compression->name, name) == 0 && compression->decompression->open == NULL) {
            cr_skip_test("built without %s", name);
        }
    }
}

static void read_time(struct seen *seen, uint64_t limit, const char *const *paths, size_t count)
{
    read_all(seen, &(struct p2i_capture_settings){.window_bytes = limit}, paths, count);
}

Test(window, need_grows_and_is_released)
{
    struct p2i_decompress_windows shared = {.several = true, .limit = 12 * MIB};
    struct p2i_decompress_window first = {.shared = &shared, .compression = "xz"};
    struct p2i_decompress_window second = first;
    struct p2i_error error;
    cr_expect_eq(p2i_decompress_window_need(&first, 2 * MIB, &error), P2I_OK);
    cr_expect_eq(p2i_decompress_window_need(&first, 8 * MIB, &error), P2I_OK);
    cr_expect_eq(p2i_decompress_window_need(&first, 1 * MIB, &error), P2I_OK);
    cr_expect_eq(shared.taken, 8 * MIB);
    cr_expect_eq(p2i_decompress_window_need(&second, 4 * MIB + 1, &error), P2I_INPUT);
    cr_expect_str_eq(
        error.text,
        "the xz stream needs a window of 5 MiB, 4 of 12 MiB for windows are left; allow "
        "more memory, read the captures one after the other, or decompress it first");
    cr_expect_eq(p2i_decompress_window_need(&second, 4 * MIB, &error), P2I_OK);
    p2i_decompress_window_release(&first);
    cr_expect_eq(shared.taken, 4 * MIB);
    p2i_decompress_window_release(&second);
    cr_expect_eq(shared.taken, 0);
}

/* A thread that works ahead takes no memory, but for one loan, which the reader settles. */
Test(window, fixed_windows_do_not_grow)
{
    struct p2i_decompress_windows shared = {.several = true, .limit = 6 * MIB};
    struct p2i_decompress_window early = {.shared = &shared, .fixed = true, .loan = MIB};
    struct p2i_decompress_window late = {.shared = &shared, .fixed = true, .loan = MIB};
    struct p2i_error error;
    cr_expect_eq(p2i_decompress_window_need(&early, MIB + 1, &error), P2I_INPUT);
    cr_expect(early.put_off);
    cr_expect_eq(p2i_decompress_window_need(&early, MIB, &error), P2I_OK);
    cr_expect(!early.put_off);
    cr_expect_eq(p2i_decompress_window_need(&early, MIB + 1, &error), P2I_INPUT);
    cr_expect(early.put_off, "the loan is one");
    cr_expect_eq(p2i_decompress_window_need(&late, MIB, &error), P2I_OK);
    cr_expect_eq(shared.taken, 0);
    cr_expect(p2i_decompress_window_settle(&early));
    cr_expect_eq(shared.taken, MIB);
    early.fixed = false;
    cr_expect_eq(p2i_decompress_window_need(&early, 6 * MIB, &error), P2I_OK);
    cr_expect(!p2i_decompress_window_settle(&late), "nothing is left");
    p2i_decompress_window_release(&late);
    cr_expect_eq(shared.taken, 6 * MIB);
    p2i_decompress_window_release(&early);
    cr_expect_eq(shared.taken, 0);
}

Test(window, zstd_window_limit_of_a_single_capture)
{
    need_compression("zstd");
    struct seen seen;
    read_path(&seen, zstd_path(1, 26, 0));
    cr_expect_eq(seen.count, 2);
    cr_expect_eq(seen.report_count, 0, "%s", seen.reports[0].text);
    seen_free(&seen);
    read_path(&seen, zstd_path(1, 26, 1));
    cr_expect_eq(seen.count, 0);
    cr_assert_eq(seen.report_count, 1);
    cr_expect_eq(seen.reports[0].code, P2I_INPUT);
    cr_expect_str_eq(seen.reports[0].text,
                     "the zstd stream needs a window of 72 MiB, at most 64 MiB are allowed; "
                     "decompress it first, or into a pipe");
    cr_expect(seen.facts[0].refused);
    seen_free(&seen);
    read_path(&seen, zstd_path(1, 41, 7));
    cr_expect_not_null(strstr(seen.reports[0].text, "window of 3932160 MiB"));
    seen_free(&seen);
}

Test(window, zstd_single_segment_uses_the_content_size)
{
    need_compression("zstd");
    struct file file = capture_at(1, 1);
    struct file compressed = {0};
    zstd_content(&compressed, UINT64_C(1) << 32, file.data, file.size);
    struct seen seen;
    read_bytes(&seen, compressed.data, compressed.size);
    cr_assert_eq(seen.report_count, 1);
    cr_expect_not_null(strstr(seen.reports[0].text, "window of 4096 MiB"), "%s",
                       seen.reports[0].text);
    seen_free(&seen);
    file_free(&file);
    file_free(&compressed);
}

/* Bytes before the frame are returned. */
Test(window, zstd_window_of_a_later_frame_is_checked)
{
    need_compression("zstd");
    struct file file = capture_at(1, 1);
    struct file compressed = {0};
    zstd_window(&compressed, 10, 0, file.data, file.size - 30);
    zstd_window(&compressed, 27, 0, file.data + file.size - 30, 30);
    struct seen seen;
    read_bytes(&seen, compressed.data, compressed.size);
    cr_expect_eq(seen.count, 1);
    cr_assert_eq(seen.report_count, 1);
    cr_expect_not_null(strstr(seen.reports[0].text, "window of 128 MiB"), "%s",
                       seen.reports[0].text);
    cr_expect_eq(seen.reports[0].offset, file.size - 30);
    cr_expect_eq(seen.reports[0].packet, 2);
    cr_expect(seen.facts[0].damaged && !seen.facts[0].refused);
    seen_free(&seen);
    file_free(&file);
    file_free(&compressed);
}

/* A file found below a directory is skipped if it is no capture; here that cannot be known. */
Test(window, is_reported_for_files_found_below_a_directory)
{
    need_compression("zstd");
    const char *path = zstd_path(1, 27, 0);
    static const bool found[] = {true};
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){.found = found}, &path, 1);
    cr_expect_eq(seen.report_count, 1);
    cr_expect(seen.facts[0].refused && !seen.facts[0].skipped);
    seen_free(&seen);
}

Test(window, zstd_window_limit_of_several_captures)
{
    need_compression("zstd");
    struct seen seen;
    const char *paths[] = {zstd_path(1, 23, 0), zstd_path(2, 23, 1), zstd_path(3, 23, 0)};
    read_time(&seen, 0, paths, 3);
    cr_expect_eq(seen.count, 4);
    cr_assert_eq(seen.report_count, 1);
    cr_expect_str_eq(
        seen.reports[0].text,
        "the zstd stream needs a window of 9 MiB, at most 8 MiB are allowed for one of "
        "several captures; convert it alone, read the captures one after the other, or "
        "decompress it first");
    cr_expect_str_eq(seen.reports[0].file, paths[1]);
    seen_free(&seen);
    /* Read one after the other, each capture counts as alone. */
    read_all(&seen, &(struct p2i_capture_settings){.order = P2I_ORDER_ARGS}, paths, 3);
    cr_expect_eq(seen.count, 6);
    cr_expect_eq(seen.report_count, 0);
    seen_free(&seen);
}

/* Three overlap with memory for two; a later one has memory again. */
Test(window, windows_share_a_limit)
{
    need_compression("zstd");
    struct seen seen;
    const char *paths[] = {zstd_path(1, 23, 0), zstd_path(2, 23, 0), zstd_path(3, 23, 0),
                           zstd_path(100, 23, 0)};
    read_time(&seen, 16 * MIB, paths, 4);
    cr_expect_eq(seen.count, 6);
    cr_assert_eq(seen.report_count, 1);
    cr_expect_str_eq(seen.reports[0].file, paths[2]);
    cr_expect_not_null(strstr(seen.reports[0].text, "0 of 16 MiB for windows are left"), "%s",
                       seen.reports[0].text);
    seen_free(&seen);
    read_time(&seen, 24 * MIB, paths, 4);
    cr_expect_eq(seen.count, 8);
    cr_expect_eq(seen.report_count, 0);
    seen_free(&seen);
}

#ifdef HAVE_LZMA
/* An xz stream whose block header names this dictionary size. */
static void xz_dictionary(struct file *to, unsigned code, const void *data, size_t size)
{
    enum { STREAM_HEADER = 12 };
    struct file compressed = {0};
    compress_to(&compressed, "xz", data, size);
    uint8_t *block = compressed.data + STREAM_HEADER;
    size_t header_size = (block[0] + 1U) * 4;
    size_t at = 2;
    for (unsigned sizes = block[1] >> 6; sizes > 0; sizes >>= 1) {
        while (sizes % 2 == 1 && block[at++] >= 0x80) {
        }
    }
    cr_assert_eq(block[at], 0x21, "LZMA2");
    block[at + 2] = (uint8_t)code;
    uint32_t sum = lzma_crc32(block, header_size - 4, 0);
    for (size_t i = 0; i < 4; i++) {
        block[header_size - 4 + i] = (uint8_t)(sum >> (8 * i));
    }
    put(to, compressed.data, compressed.size);
    file_free(&compressed);
}

Test(window, xz_dictionary)
{
    enum { MIB_8 = 22, MIB_12 = 23, MIB_64 = 28, MIB_96 = 29 };
    struct file file = capture_at(1, 1);
    static const struct {
        unsigned code;
        bool alone, among;
    } rows[] = {{MIB_8, true, true}, {MIB_12, true, false}, {MIB_64, true, false}, {MIB_96}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct file compressed = {0};
        xz_dictionary(&compressed, rows[i].code, file.data, file.size);
        const char *paths[] = {path_of_file(&compressed), path_of_file(&file)};
        struct seen seen;
        read_path(&seen, paths[0]);
        cr_expect_eq(seen.report_count, !rows[i].alone, "%u: %s", rows[i].code,
                     seen.reports[0].text);
        cr_expect_eq(seen.count, rows[i].alone ? 2 : 0);
        seen_free(&seen);
        read_time(&seen, 0, paths, 2);
        cr_expect_eq(seen.report_count, !rows[i].among, "%u: %s", rows[i].code,
                     seen.reports[0].text);
        cr_expect_eq(seen.count, rows[i].among ? 4 : 2);
        cr_expect(rows[i].among ||
                  strstr(seen.reports[0].text, "at most 8 MiB are allowed") != NULL);
        seen_free(&seen);
        file_free(&compressed);
    }
    file_free(&file);
}
#endif

/* Blocks of up to 4 MiB, one compressed and one decompressed. */
Test(window, lz4_blocks)
{
    need_compression("lz4");
    struct file file = capture_at(1, 1);
    struct file compressed = {0};
    compress_to(&compressed, "lz4", file.data, file.size);
    const char *paths[] = {path_of_file(&compressed), path_of_file(&compressed)};
    struct seen seen;
    read_time(&seen, 2 * (64 << 10), paths, 2);
    cr_expect_eq(seen.report_count, 1);
    cr_expect_eq(seen.count, 2);
    seen_free(&seen);
    read_time(&seen, 4 * (64 << 10), paths, 2);
    cr_expect_eq(seen.report_count, 0);
    cr_expect_eq(seen.count, 4);
    seen_free(&seen);
    file_free(&compressed);
    file_free(&file);
}
