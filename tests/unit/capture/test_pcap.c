/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "capture/pcap.h"
#include "files.h"

#define S UINT64_C(1000000000)

/* Three packets of 60, 0 and 1,500 bytes, the last cut from 9,000. */
static struct file sample(uint32_t magic, bool big, bool nano)
{
    struct file file = {.big = big};
    pcap_header(&file, magic, 1);
    pcap_record(&file, 100, 5, 1, 60, 60);
    pcap_record(&file, 101, nano ? 999999999 : 999999, 2, 0, 0);
    pcap_record(&file, 99, 0, 3, 1500, 9000);
    return file;
}

static void expect_sample(const struct seen *seen, bool nano)
{
    cr_assert_eq(seen->result, P2I_END);
    cr_assert_eq(seen->count, 3);
    cr_expect(frame_is(seen, 0, 100 * S + (nano ? 5 : 5000), 1, 60));
    cr_expect(frame_is(seen, 1, 101 * S + (nano ? 999999999 : 999999000), 2, 0));
    cr_expect(frame_is(seen, 2, 99 * S, 3, 1500));
    cr_expect_eq(seen->frames[2].original_size, 9000);
    cr_expect_eq(seen->frames[0].link_type, 1);
    cr_expect_eq(seen->frames[0].interface_id, 0);
    cr_expect_eq(seen->frames[0].skip, 0);
    cr_expect_eq(seen->report_count, 0);
    cr_expect_str_eq(seen->facts[0].format, "pcap");
    cr_expect_eq(seen->facts[0].frame_count, 3);
    cr_expect_eq(seen->facts[0].first_ns, 99 * S);
    cr_expect_eq(seen->facts[0].last_ns, 101 * S + (nano ? 999999999 : 999999000));
    cr_expect_not(seen->facts[0].damaged || seen->facts[0].refused);
}

Test(pcap, byte_orders_and_resolutions)
{
    for (int form = 0; form < 4; form++) {
        bool nano = form >= 2;
        struct file file = sample(nano ? 0xa1b23c4d : 0xa1b2c3d4, form % 2 == 1, nano);
        struct seen seen;
        read_bytes(&seen, file.data, file.size);
        expect_sample(&seen, nano);
        cr_expect_eq(seen.facts[0].size_bytes, file.size);
        cr_expect_eq(seen.facts[0].read_bytes, file.size);
        seen_free(&seen);
        file_free(&file);
    }
}

/* Every cut leaves the packets before it; a cut between packets cannot be detected. */
Test(pcap, cut_at_every_byte)
{
    static const size_t ends[] = {24, 24 + 76, 24 + 76 + 16, 24 + 76 + 16 + 1516};
    struct file file = sample(0xa1b2c3d4, false, false);
    cr_assert_eq(file.size, ends[3]);
    for (size_t size = 0; size < file.size; size++) {
        struct seen seen;
        read_bytes(&seen, file.data, size);
        size_t whole = 0;
        bool border = size == ends[0];
        while (whole < 3 && ends[whole + 1] <= size) {
            whole++;
            border = border || size == ends[whole];
        }
        cr_assert_eq(seen.result, P2I_END);
        cr_assert_eq(seen.count, whole, "%zu bytes: %zu packets", size, seen.count);
        cr_assert_eq(seen.report_count, border ? 0 : 1, "%zu bytes", size);
        cr_assert_eq(seen.facts[0].damaged, size >= 4 && !border, "%zu bytes", size);
        cr_assert_eq(seen.facts[0].refused, size < 4, "%zu bytes", size);
        if (size >= 24 && !border) {
            cr_assert_eq(seen.reports[0].code, P2I_DAMAGED);
            cr_assert_eq(seen.reports[0].offset, ends[whole]);
            cr_assert_eq(seen.reports[0].packet, whole + 1);
        }
        seen_free(&seen);
    }
    file_free(&file);
}

/* The bytes are in a heap block of exactly their size, so that a read past them is detected. */
Test(pcap, walker_stays_within_its_bytes)
{
    struct file file = sample(0xa1b2c3d4, false, false);
    for (size_t size = 1; size <= file.size; size++) {
        struct p2i_frame frames[8];
        struct p2i_block block = {.frames = frames, .frame_capacity = 8};
        struct p2i_error error;
        struct p2i_pcap pcap = {0};
        uint8_t *copy = malloc(size);
        memcpy(copy, file.data, size);
        struct p2i_walk walk = {.bytes = p2i_view_of(copy, size), .block = &block, .error = &error};
        cr_assert_eq(p2i_pcap_walk(&pcap, &walk), P2I_WALK_MORE);
        cr_assert_leq(walk.used, size);
        cr_assert_gt(walk.wanted, size - walk.used);
        free(copy);
    }
    file_free(&file);
}

Test(pcap, truncation_names_the_expected_size)
{
    struct file file = sample(0xa1b2c3d4, false, false);
    struct seen seen;
    read_bytes(&seen, file.data, 24 + 50);
    cr_expect_str_eq(seen.reports[0].text, "truncated: packet 1 needs 76 bytes, the file has 50");
    seen_free(&seen);
    read_bytes(&seen, file.data, 10);
    cr_expect_str_eq(seen.reports[0].text,
                     "truncated: the file header needs 24 bytes, the file has 10");
    seen_free(&seen);
    file_free(&file);
}

Test(pcap, a_file_header_alone_is_valid)
{
    struct file file = {0};
    pcap_header(&file, 0xa1b2c3d4, 1);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_expect_eq(seen.result, P2I_END);
    cr_expect_eq(seen.count, 0);
    cr_expect_eq(seen.report_count, 0);
    cr_expect_str_eq(seen.facts[0].format, "pcap");
    seen_free(&seen);
    file_free(&file);
}

Test(pcap, patched_records_are_longer)
{
    for (int big = 0; big < 2; big++) {
        struct file file = {.big = big != 0};
        pcap_header(&file, 0xa1b2cd34, 1);
        for (unsigned i = 0; i < 3; i++) {
            put32(&file, 7);
            put32(&file, i);
            put32(&file, 10);
            put32(&file, 20);
            put32(&file, 2);      /* interface index */
            put16(&file, 0x0800); /* protocol */
            put16(&file, 0);
            put_payload(&file, i, 10);
        }
        struct seen seen;
        read_bytes(&seen, file.data, file.size);
        cr_assert_eq(seen.count, 3);
        for (unsigned i = 0; i < 3; i++) {
            cr_expect(frame_is(&seen, i, 7 * S + i * 1000, i, 10));
            cr_expect_eq(seen.frames[i].original_size, 20);
        }
        cr_expect_eq(seen.report_count, 0);
        seen_free(&seen);
        file_free(&file);
    }
}

/* The upper bits of the network field describe the frame check sequence. */
Test(pcap, link_type_is_the_lower_half)
{
    struct file file = {0};
    pcap_header(&file, 0xa1b2c3d4, 0x44000000 | 113);
    pcap_record(&file, 1, 0, 1, 4, 4);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_assert_eq(seen.count, 1);
    cr_expect_eq(seen.frames[0].link_type, 113);
    seen_free(&seen);
    file_free(&file);
}

Test(pcap, lengths_of_old_versions)
{
    static const struct {
        unsigned major, minor;
        uint32_t first, second;
    } forms[] = {{2, 2, 60, 40}, {2, 3, 60, 40}, {2, 3, 40, 60}, {2, 4, 40, 60}, {543, 0, 60, 40}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct file file = {0};
        pcap_header(&file, 0xa1b2c3d4, 1);
        file.data[4] = (uint8_t)forms[i].major;
        file.data[5] = (uint8_t)(forms[i].major >> 8);
        file.data[6] = (uint8_t)forms[i].minor;
        put32(&file, 1);
        put32(&file, 0);
        put32(&file, forms[i].first);
        put32(&file, forms[i].second);
        put_payload(&file, 1, 40);
        struct seen seen;
        read_bytes(&seen, file.data, file.size);
        cr_assert(frame_is(&seen, 0, S, 1, 40), "version %u.%u", forms[i].major, forms[i].minor);
        cr_expect_eq(seen.frames[0].original_size, 60);
        cr_expect_eq(seen.report_count, 0);
        seen_free(&seen);
        file_free(&file);
    }
}

/* In version 2.4 the first length is the captured one, whatever the second says. */
Test(pcap, original_size_is_never_smaller)
{
    struct file file = {0};
    pcap_header(&file, 0xa1b2c3d4, 1);
    pcap_record(&file, 1, 0, 1, 100, 60);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_assert(frame_is(&seen, 0, S, 1, 100));
    cr_expect_eq(seen.frames[0].original_size, 100);
    seen_free(&seen);
    file_free(&file);
}

Test(pcap, implausible_length_is_damage)
{
    for (int big = 0; big < 2; big++) {
        struct file file = {.big = big != 0};
        pcap_header(&file, 0xa1b2c3d4, 1);
        pcap_record(&file, 1, 0, 1, 50, 50);
        size_t at = file.size;
        put32(&file, 2);
        put32(&file, 0);
        put32(&file, (16 << 20) + 1);
        put32(&file, 60);
        put_payload(&file, 9, 600);
        struct seen seen;
        read_bytes(&seen, file.data, file.size);
        cr_expect_eq(seen.result, P2I_END);
        cr_assert_eq(seen.count, 1);
        cr_assert_eq(seen.report_count, 1);
        cr_expect_eq(seen.reports[0].code, P2I_DAMAGED);
        cr_expect_eq(seen.reports[0].offset, at);
        cr_expect_eq(seen.reports[0].packet, 2);
        cr_expect_str_eq(seen.reports[0].text,
                         "expected a captured length of at most 16777216 bytes, found 16777217");
        cr_expect(seen.facts[0].damaged);
        seen_free(&seen);
        file_free(&file);
    }
}

/* Frames larger than a block, up to the limit, among small ones. */
Test(pcap, frames_larger_than_a_block)
{
    static const size_t sizes[] = {
        60, P2I_BLOCK_BYTES - 1, 1, P2I_BLOCK_BYTES + 1, 300000, 0, P2I_FRAME_MAX, 5, 70000};
    struct file file = {0};
    pcap_header(&file, 0xa1b2c3d4, 1);
    for (unsigned i = 0; i < 9; i++) {
        pcap_record(&file, i + 1, 0, i, sizes[i], sizes[i]);
    }
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_assert_eq(seen.count, 9);
    cr_expect_eq(seen.report_count, 0);
    for (unsigned i = 0; i < 9; i++) {
        cr_expect(frame_is(&seen, i, (i + 1) * S, i, sizes[i]), "frame %u", i);
    }
    seen_free(&seen);
    file_free(&file);
}

/* More frames than a block holds, and every position of a record at the end of a block. */
Test(pcap, many_frames)
{
    for (size_t largest = 1; largest < 400; largest += 133) {
        struct file file = {0};
        pcap_header(&file, 0xa1b2c3d4, 1);
        const unsigned count = 30000;
        for (unsigned i = 0; i < count; i++) {
            pcap_record(&file, i, i, i, i % largest, i % largest);
        }
        struct seen seen;
        read_bytes(&seen, file.data, file.size);
        cr_assert_eq(seen.count, count);
        for (unsigned i = 0; i < count; i++) {
            cr_assert(frame_is(&seen, i, i * S + i * UINT64_C(1000), i, i % largest));
        }
        seen_free(&seen);
        file_free(&file);
    }
}
