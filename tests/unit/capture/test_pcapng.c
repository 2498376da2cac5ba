/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "capture/pcapng.h"
#include "files.h"

#define S UINT64_C(1000000000)

static void option(struct file *file, unsigned code, const void *value, size_t size)
{
    put16(file, code);
    put16(file, (unsigned)size);
    put(file, value, size);
    while (size++ % 4 != 0) {
        put8(file, 0);
    }
}

static void interface_with(struct file *file, unsigned resolution, int64_t offset_s)
{
    size_t begin = block_begin(file, 1);
    put16(file, 1);
    put16(file, 0);
    put32(file, 0);
    option(file, 2, "eth0", 4); /* if_name */
    option(file, 9, &(uint8_t){(uint8_t)resolution}, 1);
    if (offset_s != 0) {
        put16(file, 14);
        put16(file, 8);
        uint32_t halves[2] = {(uint32_t)((uint64_t)offset_s >> 32), (uint32_t)offset_s};
        put32(file, halves[file->big ? 0 : 1]);
        put32(file, halves[file->big ? 1 : 0]);
    }
    option(file, 0, "", 0);
    block_end(file, begin);
}

static void simple_packet(struct file *file, unsigned seed, size_t size, uint32_t original_size)
{
    size_t begin = block_begin(file, 3);
    put32(file, original_size);
    put_payload(file, seed, size);
    block_end(file, begin);
}

static void other_block(struct file *file, uint32_t type, size_t size)
{
    size_t begin = block_begin(file, type);
    put_payload(file, type, size);
    block_end(file, begin);
}

static void expect_one_damage(const struct seen *seen, uint64_t offset, uint64_t packet,
                              const char *text)
{
    cr_expect_eq(seen->result, P2I_END);
    cr_assert_eq(seen->report_count, 1);
    cr_expect_eq(seen->reports[0].code, P2I_DAMAGED);
    cr_expect_eq(seen->reports[0].offset, offset);
    cr_expect_eq(seen->reports[0].packet, packet);
    cr_expect_str_eq(seen->reports[0].text, text);
    cr_expect(seen->facts[0].damaged);
    cr_expect_not(seen->facts[0].refused);
}

/* Every kind of block, two sections with different byte orders, different kinds of interfaces. */
static struct file sample(bool big, size_t ends[5])
{
    struct file file = {.big = big};
    pcapng_section(&file);
    other_block(&file, 4, 21); /* names */
    pcapng_interface(&file, 1, 0);
    interface_with(&file, 9, 0);
    pcapng_packet(&file, 0, 5000001, 1, 61, 61);
    ends[0] = file.size;
    other_block(&file, 5, 12);  /* statistics */
    other_block(&file, 10, 33); /* secrets */
    pcapng_packet(&file, 1, 6 * S + 7, 2, 30, 1500);
    ends[1] = file.size;
    simple_packet(&file, 3, 22, 22);
    ends[2] = file.size;
    file.big = !big;
    pcapng_section(&file);
    pcapng_interface(&file, 101, 40);
    other_block(&file, 0xbad, 9);
    other_block(&file, 0x40000bad, 10);
    other_block(&file, 0x12345678, 3);
    size_t begin = block_begin(&file, 2); /* old packet block: interface and drops in 16 bits */
    put16(&file, 0);
    put16(&file, 77);
    put32(&file, 0);
    put32(&file, 8000000);
    put32(&file, 10);
    put32(&file, 11);
    put_payload(&file, 4, 10);
    block_end(&file, begin);
    ends[3] = file.size;
    simple_packet(&file, 5, 40, 99);
    ends[4] = file.size;
    return file;
}

Test(pcapng, every_block_in_both_byte_orders)
{
    for (int big = 0; big < 2; big++) {
        size_t ends[5];
        struct file file = sample(big != 0, ends);
        struct seen seen;
        read_bytes(&seen, file.data, file.size);
        cr_assert_eq(seen.count, 5);
        cr_expect_eq(seen.report_count, 0);
        cr_expect(frame_is(&seen, 0, 5 * S + 1000, 1, 61));
        cr_expect(frame_is(&seen, 1, 6 * S + 7, 2, 30));
        cr_expect(frame_is(&seen, 2, 6 * S + 7, 3, 22)); /* no time of its own */
        cr_expect(frame_is(&seen, 3, 8 * S, 4, 10));
        cr_expect(frame_is(&seen, 4, 8 * S, 5, 40)); /* cut to the snaplen of the interface */
        cr_expect_eq(seen.frames[1].interface_id, 1);
        cr_expect_eq(seen.frames[1].original_size, 1500);
        cr_expect_eq(seen.frames[1].link_type, 1);
        cr_expect_eq(seen.frames[3].link_type, 101);
        cr_expect_eq(seen.frames[3].original_size, 11);
        cr_expect_eq(seen.frames[4].original_size, 99);
        cr_expect_str_eq(seen.facts[0].format, "pcapng");
        seen_free(&seen);
        file_free(&file);
    }
}

static bool is_block_border(const struct file *file, bool big, size_t size)
{
    size_t at = 0;
    while (at < size) {
        /* The byte order changes with the second section. */
        if (at > 0 && memcmp(file->data + at, "\x0a\x0d\x0d\x0a", 4) == 0) {
            big = !big;
        }
        const uint8_t *length = file->data + at + 4;
        at += p2i_walk_load32(length, big);
    }
    return at == size;
}

Test(pcapng, cut_at_every_byte)
{
    for (int big = 0; big < 2; big++) {
        size_t ends[5];
        struct file file = sample(big != 0, ends);
        for (size_t size = 4; size < file.size; size++) {
            struct seen seen;
            read_bytes(&seen, file.data, size);
            size_t whole = 0;
            while (whole < 5 && ends[whole] <= size) {
                whole++;
            }
            bool border = is_block_border(&file, big != 0, size);
            cr_assert_eq(seen.count, whole, "%zu bytes: %zu packets", size, seen.count);
            cr_assert_eq(seen.report_count, border ? 0 : 1, "%zu bytes", size);
            cr_assert_eq(seen.facts[0].damaged, !border, "%zu bytes", size);
            seen_free(&seen);
        }
        file_free(&file);
    }
}

/* The bytes are in a heap block of exactly their size, so that a read past them is detected. */
Test(pcapng, walker_stays_within_its_bytes)
{
    size_t ends[5];
    struct file file = sample(false, ends);
    for (size_t size = 1; size <= file.size; size++) {
        struct p2i_frame frames[8];
        struct p2i_block block = {.frames = frames, .frame_capacity = 8};
        struct p2i_error error;
        struct p2i_pcapng pcapng = {0};
        uint8_t *copy = malloc(size);
        memcpy(copy, file.data, size);
        struct p2i_walk walk = {.bytes = p2i_view_of(copy, size), .block = &block, .error = &error};
        cr_assert_eq(p2i_pcapng_walk(&pcapng, &walk), P2I_WALK_MORE);
        cr_assert_leq(walk.used, size);
        cr_assert_gt(walk.wanted, size - walk.used);
        p2i_pcapng_free(&pcapng);
        free(copy);
    }
    file_free(&file);
}

/* A block with little room is filled repeatedly. */
Test(pcapng, walker_stops_when_the_block_is_full)
{
    size_t ends[5];
    struct file file = sample(true, ends);
    struct p2i_frame frames[1];
    struct p2i_block block = {.frames = frames, .frame_capacity = 1};
    struct p2i_error error;
    struct p2i_pcapng pcapng = {0};
    size_t used = 0;
    for (size_t i = 0; i < 5; i++) {
        block.frame_count = 0;
        struct p2i_walk walk = {.bytes = p2i_view_of(file.data + used, file.size - used),
                                .block = &block,
                                .error = &error};
        cr_assert_eq(p2i_pcapng_walk(&pcapng, &walk), P2I_WALK_FULL);
        cr_assert_eq(block.frame_count, 1);
        used += walk.used;
        cr_assert_eq(used, ends[i]);
    }
    p2i_pcapng_free(&pcapng);
    file_free(&file);
}

Test(pcapng, times_are_exact)
{
    static const struct {
        uint8_t resolution;
        int64_t offset_s;
        uint64_t ticks, time_ns;
    } times[] = {
        {0, 0, 1700000000, 1700000000 * S},
        {3, 0, 1700000000123, 1700000000 * S + 123000000},
        {6, 0, 1700000000123456, 1700000000 * S + 123456000},
        {9, 0, 1700000000 * S + 123456789, 1700000000 * S + 123456789},
        {10, 0, UINT64_C(17000000001234567899), 1700000000 * S + 123456789},
        {12, 0, UINT64_C(1700000123456789012), 1700000 * S + 123456789},
        {19, 0, UINT64_C(18446744073709551615), S + 844674407},
        {20, 0, UINT64_C(18446744073709551615), 184467440},
        {28, 0, UINT64_C(18446744073709551615), 1},
        {29, 0, UINT64_C(18446744073709551615), 0},
        {127, 0, UINT64_C(18446744073709551615), 0},
        {0x80, 0, 1700000000, 1700000000 * S},
        {0x80 + 10, 0, UINT64_C(1700000000) * 1024 + 1023, 1700000000 * S + 999023437},
        {0x80 + 20, 0, (UINT64_C(1700000000) << 20) + 1, 1700000000 * S + 953},
        {0x80 + 30, 0, (UINT64_C(1700000000) << 30) + 1, 1700000000 * S},
        {0x80 + 31, 0, (UINT64_C(1700000000) << 31) + 0x7fffffff, 1700000000 * S + 999999999},
        {0x80 + 32, 0, (UINT64_C(1700000000) << 32) + 0x80000000, 1700000000 * S + 500000000},
        {0x80 + 33, 0, (UINT64_C(1700000000) << 33) + 5, 1700000000 * S},
        {0x80 + 63, 0, UINT64_C(1) << 62, 500000000},
        {0x80 + 63, 0, UINT64_MAX, S + 999999999},
        {0x80 + 64, 0, UINT64_C(1) << 63, 500000000},
        {0x80 + 64, 0, UINT64_MAX, 999999999},
        {0x80 + 127, 0, UINT64_MAX, 0},
        {6, 1000, 5000001, 1005 * S + 1000},
        {6, -4, 5000001, S + 1000},
        {6, -6, 5000001, 0},
        {6, INT64_MIN, 5000001, 0},
        {6, INT64_MAX, 5000001, INT64_MAX},
        {6, 0, UINT64_MAX, INT64_MAX},
        {0, INT64_MAX, UINT64_MAX, INT64_MAX},
        {0, 0, INT64_MAX / 1000000000 - 1, (INT64_MAX / 1000000000 - 1) * S},
        {0, 0, INT64_MAX / 1000000000 + 1, INT64_MAX},
        {9, 0, UINT64_MAX, INT64_MAX},
    };
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        for (int big = 0; big < 2; big++) {
            struct file file = {.big = big != 0};
            pcapng_section(&file);
            interface_with(&file, times[i].resolution, times[i].offset_s);
            pcapng_packet(&file, 0, times[i].ticks, 1, 4, 4);
            struct seen seen;
            read_bytes(&seen, file.data, file.size);
            cr_assert_eq(seen.count, 1);
            cr_expect_eq(seen.frames[0].time_ns, times[i].time_ns, "resolution %x: %lu, not %lu",
                         times[i].resolution, (unsigned long)seen.frames[0].time_ns,
                         (unsigned long)times[i].time_ns);
            cr_expect_eq(seen.report_count, 0);
            seen_free(&seen);
            file_free(&file);
        }
    }
}

/* Reference for resolution 2^-n: floor(ticks * 10^9 / 2^n) by long division. */
Test(pcapng, binary_times_match_long_division)
{
    uint64_t ticks = UINT64_C(0x9e3779b97f4a7c15);
    for (unsigned power = 0; power <= 64; power++) {
        struct p2i_pcapng_interface interface = {.resolution = (uint8_t)(0x80 + power)};
        ticks = ticks * UINT64_C(6364136223846793005) + 1442695040888963407;
        uint64_t part = power == 0    ? 0
                        : power == 64 ? ticks
                                      : ticks << (64 - power) >> (64 - power);
        uint64_t seconds = power == 64 ? 0 : ticks >> power;
        if (seconds > 9000000000) {
            continue;
        }
        /* Nine decimal digits of part / 2^power, one by one. */
        uint64_t ns = 0;
        for (int digit = 0; digit < 9; digit++) {
            uint64_t low = (part & UINT32_MAX) * 10;
            uint64_t high = (part >> 32) * 10 + (low >> 32);
            low &= UINT32_MAX;
            /* high:low = part * 10; its integer part over 2^power */
            uint64_t whole;
            if (power >= 32) {
                whole = high >> (power - 32);
                high -= power == 64 ? high >> 32 << 32 : whole << (power - 32);
            } else {
                uint64_t all = high << 32 | low;
                whole = all >> power;
                all -= whole << power;
                high = all >> 32;
                low = all & UINT32_MAX;
            }
            ns = ns * 10 + whole;
            part = high << 32 | low;
        }
        cr_expect_eq(p2i_pcapng_time(&interface, ticks), seconds * S + ns, "2^-%u", power);
    }
}

Test(pcapng, simple_packets_before_any_time)
{
    struct file file = {0};
    pcapng_section(&file);
    pcapng_interface(&file, 1, 0);
    simple_packet(&file, 1, 60, 60);
    pcapng_packet(&file, 0, 3000000, 2, 4, 4);
    pcapng_section(&file);
    pcapng_interface(&file, 1, 1000);
    simple_packet(&file, 3, 60, 60);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_assert_eq(seen.count, 3);
    cr_expect(frame_is(&seen, 0, 0, 1, 60));
    cr_expect(frame_is(&seen, 1, 3 * S, 2, 4));
    cr_expect(frame_is(&seen, 2, 3 * S, 3, 60));
    cr_expect_eq(seen.facts[0].first_ns, 3 * S);
    cr_expect(seen.frames[0].untimed && !seen.frames[1].untimed && seen.frames[2].untimed);
    seen_free(&seen);
    file_free(&file);
}

Test(pcapng, unknown_interface_skips_the_block)
{
    struct file file = {0};
    pcapng_section(&file);
    pcapng_interface(&file, 1, 0);
    pcapng_packet(&file, 0, 1000000, 1, 10, 10);
    size_t at = file.size;
    pcapng_packet(&file, 1, 2000000, 2, 10, 10);
    pcapng_packet(&file, 0, 3000000, 3, 10, 10);
    pcapng_packet(&file, 0xffffffff, 4000000, 4, 10, 10);
    pcapng_packet(&file, 0, 5000000, 5, 10, 10);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_assert_eq(seen.count, 3);
    cr_expect(frame_is(&seen, 0, S, 1, 10));
    cr_expect(frame_is(&seen, 1, 3 * S, 3, 10));
    cr_expect(frame_is(&seen, 2, 5 * S, 5, 10));
    expect_one_damage(&seen, at, 2,
                      "expected the id of a described interface, found 1; the block is skipped");
    seen_free(&seen);
    file_free(&file);
}

/* Interfaces end with their section. */
Test(pcapng, section_forgets_interfaces)
{
    struct file file = {0};
    pcapng_section(&file);
    pcapng_interface(&file, 1, 0);
    pcapng_section(&file);
    size_t at = file.size;
    pcapng_packet(&file, 0, 2000000, 2, 10, 10);
    simple_packet(&file, 3, 10, 10);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_expect_eq(seen.count, 0);
    expect_one_damage(&seen, at, 1,
                      "expected the id of a described interface, found 0; the block is skipped");
    seen_free(&seen);
    file_free(&file);
}

Test(pcapng, lying_lengths_within_a_block)
{
    for (int kind = 0; kind < 5; kind++) {
        struct file file = {0};
        pcapng_section(&file);
        pcapng_interface(&file, 1, 0);
        size_t at = file.size;
        if (kind == 0) {
            pcapng_packet(&file, 0, 1000000, 1, 12, 12);
            file.data[at + 20] = 13; /* captured length: one more than there is */
        } else if (kind == 1) {
            simple_packet(&file, 1, 12, 13);
        } else if (kind == 2) {
            other_block(&file, 6, 19);
        } else if (kind == 3) {
            other_block(&file, 3, 0);
        } else {
            other_block(&file, 1, 4);
        }
        pcapng_packet(&file, 0, 2000000, 2, 12, 12);
        struct seen seen;
        read_bytes(&seen, file.data, file.size);
        cr_expect_eq(seen.result, P2I_END);
        cr_assert_eq(seen.report_count, 1, "kind %d", kind);
        cr_expect_eq(seen.reports[0].offset, at, "kind %d", kind);
        cr_assert_eq(seen.count, 1, "kind %d", kind);
        cr_expect(frame_is(&seen, 0, 2 * S, 2, 12));
        seen_free(&seen);
        file_free(&file);
    }
}

Test(pcapng, option_past_the_end_keeps_the_interface)
{
    struct file file = {0};
    pcapng_section(&file);
    size_t begin = block_begin(&file, 1);
    put16(&file, 1);
    put16(&file, 0);
    put32(&file, 0);
    option(&file, 9, "\x03", 1);
    put16(&file, 2);
    put16(&file, 500);
    put_text(&file, "eth");
    block_end(&file, begin);
    pcapng_packet(&file, 0, 2000, 1, 12, 12);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_assert_eq(seen.count, 1);
    cr_expect(frame_is(&seen, 0, 2 * S, 1, 12));
    expect_one_damage(&seen, begin, 1,
                      "expected an option length within the interface description, found 500; the "
                      "block is skipped");
    seen_free(&seen);
    file_free(&file);
}

Test(pcapng, invalid_block_lengths_end_the_file)
{
    static const struct {
        size_t at; /* within the second packet's block */
        uint32_t value;
        const char *text;
    } breaks[] = {
        {4, 11, "expected a block length of at least 12, found 11"},
        {4, (16 << 20) + 1, "expected a block length of at most 16777216, found 16777217"},
        {40, 48, "expected the block length at the end of the block to be 44, found 48"},
    };
    for (size_t i = 0; i < 3; i++) {
        struct file file = {0};
        pcapng_section(&file);
        pcapng_interface(&file, 1, 0);
        pcapng_packet(&file, 0, 1000000, 1, 12, 12);
        size_t at = file.size;
        pcapng_packet(&file, 0, 2000000, 2, 12, 12);
        memcpy(file.data + at + breaks[i].at, &breaks[i].value, 4);
        pcapng_packet(&file, 0, 3000000, 3, 12, 12);
        struct seen seen;
        read_bytes(&seen, file.data, file.size);
        cr_assert_eq(seen.count, 1, "break %zu", i);
        expect_one_damage(&seen, at, 2, breaks[i].text);
        seen_free(&seen);
        file_free(&file);
    }
}

/* A skipped block and a later truncation are both reported. */
Test(pcapng, skipped_block_and_cut)
{
    struct file file = {0};
    pcapng_section(&file);
    pcapng_interface(&file, 1, 0);
    pcapng_packet(&file, 5, 1000000, 1, 12, 12);
    pcapng_packet(&file, 0, 2000000, 2, 12, 12);
    pcapng_packet(&file, 0, 3000000, 3, 12, 12);
    struct seen seen;
    read_bytes(&seen, file.data, file.size - 1);
    cr_expect_eq(seen.count, 1);
    cr_expect_eq(seen.report_count, 2);
    seen_free(&seen);
    file_free(&file);
}

/* Some writers do not count the padding in the block length. */
Test(pcapng, uncounted_padding)
{
    struct file file = {0};
    pcapng_section(&file);
    pcapng_interface(&file, 1, 0);
    for (unsigned i = 0; i < 8; i++) {
        size_t begin = file.size;
        pcapng_packet(&file, 0, i * UINT64_C(1000000), i, 40 + i, 40 + i);
        uint32_t total = 32 + 40 + i;
        memcpy(file.data + begin + 4, &total, 4);
        memcpy(file.data + file.size - 4, &total, 4);
    }
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_assert_eq(seen.count, 8);
    cr_expect_eq(seen.report_count, 0);
    for (unsigned i = 0; i < 8; i++) {
        cr_expect(frame_is(&seen, i, i * S, i, 40 + i));
    }
    seen_free(&seen);
    file_free(&file);
}

Test(pcapng, bad_sections)
{
    struct file file = {0};
    pcapng_section(&file);
    file.data[8] = 0;
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    expect_one_damage(
        &seen, 0, 1,
        "expected the byte-order magic 1a2b3c4d in the section header, found 003c2b1a");
    seen_free(&seen);
    file.data[8] = 0x4d;
    file.data[12] = 2;
    read_bytes(&seen, file.data, file.size);
    expect_one_damage(&seen, 0, 1, "expected a section of version 1, found 2");
    seen_free(&seen);
    file_free(&file);
}

/* Blocks across the border of a struct p2i_block, and large ones without a packet. */
Test(pcapng, large_blocks)
{
    struct file file = {0};
    pcapng_section(&file);
    pcapng_interface(&file, 1, 0);
    for (unsigned i = 0; i < 3000; i++) {
        pcapng_packet(&file, 0, i, i, i % 700, i % 700);
        if (i % 1000 == 0) {
            other_block(&file, 10, 1000000);
        }
    }
    pcapng_packet(&file, 0, 3000, 3000, P2I_FRAME_MAX - 32, P2I_FRAME_MAX - 32);
    pcapng_packet(&file, 0, 3001, 3001, 9, 9);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_assert_eq(seen.count, 3002);
    cr_expect_eq(seen.report_count, 0);
    for (unsigned i = 0; i < 3000; i++) {
        cr_assert(frame_is(&seen, i, i * UINT64_C(1000), i, i % 700));
    }
    cr_expect(frame_is(&seen, 3000, 3000000, 3000, P2I_FRAME_MAX - 32));
    cr_expect(frame_is(&seen, 3001, 3001000, 3001, 9));
    seen_free(&seen);
    file_free(&file);
}

Test(pcapng, many_interfaces)
{
    struct file file = {0};
    pcapng_section(&file);
    for (unsigned i = 0; i < 1000; i++) {
        pcapng_interface(&file, i, 0);
    }
    pcapng_packet(&file, 999, 1, 1, 4, 4);
    pcapng_packet(&file, 500, 2, 2, 4, 4);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_assert_eq(seen.count, 2);
    cr_expect_eq(seen.frames[0].link_type, 999);
    cr_expect_eq(seen.frames[1].link_type, 500);
    cr_expect_eq(seen.frames[1].interface_id, 500);
    seen_free(&seen);
    file_free(&file);
}
