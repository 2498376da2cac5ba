/* SPDX-License-Identifier: MIT */
#include "capture/merge_by_time.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture_source.h"
#include "files.h"

#define S UINT64_C(1000000000)

/* A capture with packets at these seconds; the seed of each is base + its number. */
static const char *at_times(const uint32_t *seconds, size_t count, unsigned base)
{
    struct file file = {0};
    pcap_header(&file, 0xa1b2c3d4, 1);
    for (unsigned i = 0; i < count; i++) {
        pcap_record(&file, seconds[i], 0, base + i, 20, 20);
    }
    const char *path = path_of_file(&file);
    file_free(&file);
    return path;
}

#define AT(base, ...)                                                                              \
    at_times((const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4, base)

static void expect_order(const char *const *paths, size_t path_count, const uint32_t *seconds,
                         const unsigned *seeds, size_t count)
{
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){.order = P2I_ORDER_TIME}, paths, path_count);
    cr_expect_eq(seen.result, P2I_END);
    cr_expect_eq(seen.report_count, 0);
    cr_assert_eq(seen.count, count);
    for (size_t i = 0; i < count; i++) {
        cr_expect(frame_is(&seen, i, seconds[i] * S, seeds[i], 20), "frame %zu", i);
    }
    seen_free(&seen);
}

#define EXPECT_ORDER(paths, seconds, seeds)                                                        \
    expect_order(paths, sizeof(paths) / sizeof((paths)[0]), seconds, seeds,                        \
                 sizeof(seconds) / sizeof((seconds)[0]))

Test(merge, captures_without_overlap_follow_each_other)
{
    const char *paths[] = {AT(20, 30, 31), AT(0, 10, 11), AT(10, 20, 21)};
    static const uint32_t seconds[] = {10, 11, 20, 21, 30, 31};
    static const unsigned seeds[] = {0, 1, 10, 11, 20, 21};
    EXPECT_ORDER(paths, seconds, seeds);
}

Test(merge, overlapping_captures_are_merged_by_time)
{
    const char *paths[] = {AT(0, 10, 13, 16, 40), AT(10, 11, 12, 17, 18), AT(20, 14, 15, 50)};
    static const uint32_t seconds[] = {10, 11, 12, 13, 14, 15, 16, 17, 18, 40, 50};
    static const unsigned seeds[] = {0, 10, 11, 1, 20, 21, 2, 12, 13, 3, 22};
    EXPECT_ORDER(paths, seconds, seeds);
}

Test(merge, equal_times_keep_the_order_of_arguments)
{
    const char *paths[] = {AT(0, 10, 10, 12), AT(10, 10, 12, 12), AT(20, 10, 12)};
    static const uint32_t seconds[] = {10, 10, 10, 10, 12, 12, 12, 12};
    static const unsigned seeds[] = {0, 1, 10, 20, 2, 11, 12, 21};
    EXPECT_ORDER(paths, seconds, seeds);
}

/* A packet whose time goes back stays where it is in its file. */
Test(merge, keeps_the_order_within_a_capture)
{
    const char *paths[] = {AT(0, 10, 20, 15, 30), AT(10, 12, 18, 25)};
    static const uint32_t seconds[] = {10, 12, 18, 20, 15, 25, 30};
    static const unsigned seeds[] = {0, 10, 11, 1, 2, 12, 3};
    EXPECT_ORDER(paths, seconds, seeds);
}

Test(merge, a_capture_within_another_is_merged)
{
    const char *paths[] = {AT(0, 10, 20, 30, 40), AT(10, 22, 23), AT(20, 35), AT(30, 50)};
    static const uint32_t seconds[] = {10, 20, 22, 23, 30, 35, 40, 50};
    static const unsigned seeds[] = {0, 1, 10, 11, 2, 20, 3, 30};
    EXPECT_ORDER(paths, seconds, seeds);
}

Test(merge, argument_order_and_single_inputs_are_not_merged)
{
    const char *paths[] = {AT(0, 30, 20), AT(10, 10, 11)};
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){.order = P2I_ORDER_ARGS}, paths, 2);
    cr_assert_eq(seen.count, 4);
    cr_expect(frame_is(&seen, 0, 30 * S, 0, 20));
    cr_expect(frame_is(&seen, 3, 11 * S, 11, 20));
    seen_free(&seen);
}

/* Compares random captures of `streams` inputs with a simple selection of the earliest head. */
static void against_reference(unsigned streams, unsigned packets, unsigned spread, size_t largest,
                              unsigned seed)
{
    struct file *files = calloc(streams, sizeof *files);
    uint32_t **seconds = calloc(streams, sizeof *seconds);
    const char **paths = calloc(streams, sizeof *paths);
    size_t *heads = calloc(streams, sizeof *heads);
    srand(seed);
    for (unsigned s = 0; s < streams; s++) {
        seconds[s] = calloc(packets, sizeof **seconds);
        pcap_header(&files[s], s % 2 == 0 ? 0xa1b2c3d4 : 0xa1b23c4d, 1 + s % 3);
        uint32_t now = (uint32_t)rand() % spread;
        for (unsigned i = 0; i < packets; i++) {
            now += (uint32_t)rand() % 3;
            seconds[s][i] = rand() % 10 == 0 && now > 2 ? now - 2 : now;
            size_t size = (s * 13 + i * 7) % largest;
            pcap_record(&files[s], seconds[s][i], 0, s * packets + i, size, size);
        }
        paths[s] = path_of_file(&files[s]);
        file_free(&files[s]);
    }
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){.order = P2I_ORDER_TIME}, paths, streams);
    cr_assert_eq(seen.report_count, 0);
    cr_assert_eq(seen.count, (size_t)streams * packets);
    for (size_t k = 0; k < seen.count; k++) {
        unsigned least = streams;
        for (unsigned s = 0; s < streams; s++) {
            if (heads[s] < packets &&
                (least == streams || seconds[s][heads[s]] < seconds[least][heads[least]])) {
                least = s;
            }
        }
        unsigned i = (unsigned)heads[least]++;
        cr_assert(frame_is(&seen, k, seconds[least][i] * S, least * packets + i,
                           (least * 13 + i * 7) % largest),
                  "frame %zu", k);
        cr_assert_eq(seen.frames[k].link_type, 1 + least % 3);
    }
    seen_free(&seen);
    for (unsigned s = 0; s < streams; s++) {
        free(seconds[s]);
    }
    free(files);
    free(seconds);
    free(paths);
    free(heads);
}

Test(merge, agrees_with_a_reference)
{
    against_reference(2, 20000, 10, 100, 1);   /* all of them overlap */
    against_reference(5, 3000, 9000, 900, 2);  /* some overlap */
    against_reference(9, 500, 100000, 300, 3); /* few overlap */
    against_reference(3, 40, 10, 400000, 4);   /* frames larger than a block */
    against_reference(300, 30, 60, 200, 5);    /* more captures than descriptors */
    against_reference(4, 6000, 5000, 1, 6);    /* empty frames */
}

static size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    while (directory != NULL && readdir(directory) != NULL) {
        count++;
    }
    (void)closedir(directory);
    return count;
}

Test(merge, keeps_few_descriptors_open)
{
    enum { FILES = 400 };
    const char *paths[FILES];
    static uint32_t seconds[2000];
    for (unsigned i = 0; i < FILES; i++) {
        for (unsigned k = 0; k < 2000; k++) {
            seconds[k] = i % 2 == 0 ? 100 + k : 3000 + i * 2000 + k; /* half of them overlap */
        }
        paths[i] = at_times(seconds, 2000, i);
    }
    size_t before = open_descriptors();
    struct p2i_capture *capture;
    struct p2i_block block;
    struct p2i_error error;
    cr_assert(p2i_block_init(&block));
    cr_assert_eq(p2i_capture_open(&capture, &(struct p2i_capture_settings){0}, paths, FILES, NULL,
                                  NULL, &error),
                 P2I_OK);
    size_t most = 0;
    uint64_t count = 0;
    uint64_t last = 0;
    while (p2i_capture_read(capture, &block, &error) == P2I_OK) {
        size_t now = open_descriptors();
        most = now > most ? now : most;
        count += block.frame_count;
        for (size_t i = 0; i < block.frame_count; i++) {
            cr_assert_geq(block.frames[i].time_ns, last);
            last = block.frames[i].time_ns;
        }
    }
    cr_expect_eq(count, FILES * 2000);
    cr_expect_leq(most - before, 80, "%zu", most - before);
    p2i_capture_close(capture);
    p2i_block_free(&block);
}

/* A small frame, a large one at the same time in all captures, small ones behind it. */
static const char *with_large(unsigned seed, bool pcapng, size_t large)
{
    static const uint32_t seconds[] = {10, 11, 50, 51};
    struct file file = {0};
    if (pcapng) {
        pcapng_section(&file);
        pcapng_interface(&file, 1, 0);
    } else {
        pcap_header(&file, 0xa1b2c3d4, 1);
    }
    for (unsigned i = 0; i < 4; i++) {
        size_t size = i == 1 ? large : 20;
        if (pcapng) {
            pcapng_packet(&file, 0, UINT64_C(1000000) * seconds[i], seed + i, size, size);
        } else {
            pcap_record(&file, seconds[i], 0, seed + i, size, size);
        }
    }
    struct file compressed = {0};
    gzip_member(&compressed, file.data, file.size);
    const char *path = path_of_file(&compressed);
    file_free(&compressed);
    file_free(&file);
    return path;
}

/* Large frames are in memory one at a time, not one of each capture. */
Test(merge, large_frames_are_in_memory_one_at_a_time)
{
    enum { FILES = 16, LARGE = 4 << 20 };
    const char *paths[FILES];
    for (unsigned i = 0; i < FILES; i++) {
        paths[i] = with_large(10 * i, i % 2 == 1, LARGE);
    }
    struct p2i_capture *capture;
    struct p2i_block block;
    struct p2i_error error;
    cr_assert(p2i_block_init(&block));
    cr_assert_eq(p2i_capture_open(&capture, &(struct p2i_capture_settings){0}, paths, FILES, NULL,
                                  NULL, &error),
                 P2I_OK);
    size_t most = 0;
    unsigned count = 0;
    while (p2i_capture_read(capture, &block, &error) == P2I_OK) {
        size_t parked = 0;
        for (unsigned i = 0; i < FILES; i++) {
            parked += capture->sources[i].parked.buffer_capacity;
        }
        most = parked > most ? parked : most;
        for (size_t i = 0; i < block.frame_count; i++, count++) {
            static const uint32_t seconds[] = {10, 11, 50, 51};
            unsigned nth = count / FILES;
            unsigned file = count % FILES;
            cr_assert_eq(block.frames[i].time_ns, seconds[nth] * S, "frame %u", count);
            cr_assert_eq(block.frames[i].size, nth == 1 ? LARGE : 20);
            struct file wanted = {0};
            put_payload(&wanted, 10 * file + nth, block.frames[i].size);
            cr_assert_eq(memcmp(block.frames[i].data, wanted.data, wanted.size), 0);
            file_free(&wanted);
        }
    }
    cr_expect_eq(count, 4 * FILES);
    cr_expect_leq(most, (16 << 20) + 3 * LARGE, "%zu bytes", most);
    p2i_capture_close(capture);
    p2i_block_free(&block);
}

Test(merge, reports_facts_of_each_capture)
{
    const char *paths[] = {AT(0, 10, 20, 30), AT(10, 15), path_of("junk", 4), AT(20, 5, 40)};
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){0}, paths, 4);
    cr_assert_eq(seen.count, 6);
    cr_expect_eq(seen.report_count, 1);
    cr_expect_eq(seen.facts[0].frame_count, 3);
    cr_expect_eq(seen.facts[0].first_ns, 10 * S);
    cr_expect_eq(seen.facts[0].last_ns, 30 * S);
    cr_expect_eq(seen.facts[0].read_bytes, seen.facts[0].size_bytes);
    cr_expect_eq(seen.facts[1].frame_count, 1);
    cr_expect(seen.facts[2].refused);
    cr_expect_eq(seen.facts[3].frame_count, 2);
    cr_expect_eq(seen.facts[3].last_ns, 40 * S);
    seen_free(&seen);
}

/* Damage is reported once though each file is opened twice. */
Test(merge, damage_is_reported_once)
{
    struct file skipped = {0};
    pcapng_section(&skipped);
    pcapng_interface(&skipped, 1, 0);
    pcapng_packet(&skipped, 7, 1000000, 1, 20, 20);
    pcapng_packet(&skipped, 0, 12000000, 1, 20, 20);
    struct file cut = {0};
    pcap_header(&cut, 0xa1b2c3d4, 1);
    pcap_record(&cut, 11, 0, 2, 20, 20);
    pcap_record(&cut, 13, 0, 3, 20, 20);
    const char *paths[] = {path_of_file(&skipped), path_of(cut.data, cut.size - 1),
                           path_of(cut.data, 24 + 30), path_of("", 0)};
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){0}, paths, 4);
    cr_assert_eq(seen.count, 2);
    cr_expect(frame_is(&seen, 0, 11 * S, 2, 20));
    cr_expect(frame_is(&seen, 1, 12 * S, 1, 20));
    cr_expect_eq(seen.report_count, 4);
    cr_expect(seen.facts[0].damaged && seen.facts[1].damaged && seen.facts[2].damaged);
    cr_expect(seen.facts[3].refused && !seen.facts[3].damaged);
    seen_free(&seen);
    file_free(&skipped);
    file_free(&cut);
}
