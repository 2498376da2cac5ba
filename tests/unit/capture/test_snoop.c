/* SPDX-License-Identifier: MIT */
/* Solaris snoop (RFC 1761). */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "files.h"

#define S UINT64_C(1000000000)

static void snoop_header(struct file *file, uint32_t version, uint32_t datalink)
{
    file->big = true;
    put(file, "snoop\0\0\0", 8);
    put32(file, version);
    put32(file, datalink);
}

/* The record header; `padding` bytes follow the packet. */
static void snoop_head(struct file *file, uint32_t second, size_t size, size_t original_size,
                       size_t padding)
{
    put32(file, (uint32_t)original_size);
    put32(file, (uint32_t)size);
    put32(file, (uint32_t)(24 + size + padding));
    put32(file, 3); /* packets dropped so far */
    put32(file, second);
    put32(file, 7);
}

static void snoop_record(struct file *file, uint32_t second, unsigned seed, size_t size,
                         size_t original_size, size_t padding)
{
    snoop_head(file, second, size, original_size, padding);
    put_payload(file, seed, size);
    put(file, "xxxxxxxxxxxxxxxx", padding);
}

static struct file capture_of(unsigned count)
{
    struct file file = {0};
    snoop_header(&file, 2, 4);
    for (unsigned i = 0; i < count; i++) {
        size_t size = 40 + i % 50;
        snoop_record(&file, 1700000000 + i, i, size, size + i % 3, (4 - size % 4) % 4);
    }
    return file;
}

static bool is_packet(const struct seen *seen, unsigned i)
{
    return frame_is(seen, i, (1700000000 + i) * S + 7000, i, 40 + i % 50) &&
           seen->frames[i].original_size == 40 + i % 50 + i % 3 && seen->frames[i].link_type == 1;
}

Test(snoop, packets)
{
    struct file file = capture_of(10000);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_expect_eq(seen.report_count, 0, "%s", seen.reports[0].text);
    cr_expect_str_eq(seen.facts[0].format, "snoop");
    cr_assert_eq(seen.count, 10000);
    for (unsigned i = 0; i < 10000; i++) {
        cr_assert(is_packet(&seen, i), "frame %u", i);
    }
    cr_expect_gt(seen.block_count, 1);
    seen_free(&seen);
    file_free(&file);
}

Test(snoop, cut_at_every_byte)
{
    struct file file = capture_of(4);
    for (size_t size = 8; size < file.size; size++) {
        struct seen seen;
        read_bytes(&seen, file.data, size);
        unsigned whole = 0;
        size_t end = 16;
        while (whole < 4) {
            size_t bytes = 40 + whole % 50;
            size_t next = end + 24 + (bytes + 3) / 4 * 4;
            if (next > size) {
                break;
            }
            end = next;
            whole++;
        }
        cr_assert_eq(seen.count, whole, "%zu bytes", size);
        for (unsigned i = 0; i < whole; i++) {
            cr_assert(is_packet(&seen, i));
        }
        bool valid = size >= 16 && end == size;
        cr_assert_eq(seen.report_count, !valid, "%zu bytes", size);
        if (!valid) {
            size_t rest = size < 16 ? size : size - end;
            size_t wanted = size < 16 ? 16 : 24;
            if (size >= 16 && rest >= 24) {
                wanted = 24 + (40 + whole % 50 + 3) / 4 * 4;
            }
            char part[32] = "the file header";
            if (size >= 16) {
                (void)snprintf(part, sizeof part, "packet %u", whole + 1);
            }
            char text[96];
            (void)snprintf(text, sizeof text, "truncated: %s needs %zu bytes, the file has %zu",
                           part, wanted, rest);
            cr_assert_str_eq(seen.reports[0].text, text);
            cr_assert_eq(seen.reports[0].packet, whole + 1);
            cr_assert_eq(seen.reports[0].offset, size < 16 ? 0 : end);
        }
        seen_free(&seen);
    }
    file_free(&file);
}

static void expect_damage(struct file *file, const char *text, uint64_t packet)
{
    struct seen seen;
    read_bytes(&seen, file->data, file->size);
    cr_assert_eq(seen.report_count, 1, "%s", text);
    cr_expect_str_eq(seen.reports[0].text, text);
    cr_expect_eq(seen.reports[0].code, P2I_DAMAGED);
    cr_expect_eq(seen.reports[0].packet, packet);
    cr_expect_eq(seen.count, packet > 0 ? packet - 1 : 0);
    seen_free(&seen);
    file_free(file);
}

Test(snoop, damaged)
{
    struct file file = {0};
    snoop_header(&file, 3, 4);
    snoop_record(&file, 1, 1, 40, 40, 0);
    expect_damage(&file, "expected a snoop file of version 2, found 3", 0);

    snoop_header(&file, 2, 4);
    snoop_record(&file, 1, 1, 40, 40, 0);
    snoop_head(&file, 1, (16 << 20) + 1, 40, 0);
    expect_damage(&file, "expected a captured length of at most 16777216 bytes, found 16777217", 2);

    snoop_header(&file, 2, 4);
    snoop_record(&file, 1, 1, 40, 40, 0);
    snoop_head(&file, 1, 40, 40, (size_t)-1);
    put_payload(&file, 1, 40);
    expect_damage(&file, "expected a record length of at least 64 bytes, found 63", 2);

    snoop_header(&file, 2, 4);
    snoop_head(&file, 1, 40, 40, 16 << 20);
    put_payload(&file, 1, 40);
    expect_damage(&file, "expected a record length of at most 16777240 bytes, found 16777280", 1);
}

Test(snoop, original_length_is_not_below_the_captured_one)
{
    struct file file = {0};
    snoop_header(&file, 2, 4);
    snoop_record(&file, 1, 1, 40, 10, 0);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_assert_eq(seen.count, 1);
    cr_expect_eq(seen.frames[0].original_size, 40);
    seen_free(&seen);
    file_free(&file);
}

Test(snoop, datalink_types)
{
    static const struct {
        uint32_t datalink;
        unsigned link_type;
    } rows[] = {
        {0, 1},
        {1, 65535},
        {2, 6},
        {3, 65535},
        {4, 1},
        {5, 50},
        {8, 10},
        {9, 0},
        {14, 0},
        {16, 122},
        {26, 65535},
        {0x80000001, 101},
        {0x80000002, 101},
        {0x80000004, 105},
        {0x80000005, 226},
        {0x80000006, 65535},
        {0x80000007, 101},
        {0xffffffff, 65535},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct file file = {0};
        snoop_header(&file, 2, rows[i].datalink);
        snoop_record(&file, 1, 1, 40, 40, 0);
        struct seen seen;
        read_bytes(&seen, file.data, file.size);
        cr_assert_eq(seen.count, 1);
        cr_expect_eq(seen.frames[0].link_type, rows[i].link_type, "%x", rows[i].datalink);
        seen_free(&seen);
        file_free(&file);
    }
}

/* Flags, path and circuit precede a packet; with LAN emulation also a client id. */
Test(snoop, atm)
{
    struct file file = {0};
    snoop_header(&file, 2, 18);
    snoop_head(&file, 1, 44, 64, 0);
    put(&file, "\x82\0\0\x20", 4);
    put_payload(&file, 1, 40);
    snoop_head(&file, 1, 46, 46, 0);
    put(&file, "\x81\0\0\x20\0\1", 6);
    put_payload(&file, 2, 40);
    snoop_head(&file, 1, 3, 60, 0);
    put(&file, "\x82\0\0", 3);
    snoop_head(&file, 1, 0, 60, 0);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_assert_eq(seen.count, 4);
    cr_expect_eq(seen.report_count, 0);
    cr_expect(frame_is(&seen, 0, S + 7000, 1, 40));
    cr_expect_eq(seen.frames[0].link_type, 100);
    cr_expect_eq(seen.frames[0].original_size, 60);
    cr_expect(frame_is(&seen, 1, S + 7000, 2, 40));
    cr_expect_eq(seen.frames[1].link_type, 1);
    cr_expect_eq(seen.frames[1].original_size, 40);
    cr_expect_eq(seen.frames[2].size, 3);
    cr_expect_eq(seen.frames[3].size, 0);
    seen_free(&seen);
    file_free(&file);
}

/* A large record is read in its turn; until then only its time is read. */
Test(snoop, large_records_are_merged_by_time)
{
    struct file large = {0};
    snoop_header(&large, 2, 4);
    snoop_record(&large, 10, 1, 100, 100, 0);
    snoop_record(&large, 20, 2, 400000, 400000, 0);
    snoop_record(&large, 30, 3, 100, 100, 0);
    struct file small = {0};
    snoop_header(&small, 2, 4);
    snoop_record(&small, 15, 4, 100, 100, 0);
    snoop_record(&small, 25, 5, 100, 100, 0);
    const char *paths[] = {path_of_file(&large), path_of_file(&small)};
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){0}, paths, 2);
    cr_assert_eq(seen.count, 5);
    static const unsigned seeds[] = {1, 4, 2, 5, 3};
    for (unsigned i = 0; i < 5; i++) {
        cr_expect(frame_is(&seen, i, (10 + 5 * i) * S + 7000, seeds[i], i == 2 ? 400000 : 100),
                  "%u", i);
    }
    seen_free(&seen);
    file_free(&large);
    file_free(&small);
}
