/* SPDX-License-Identifier: MIT */
/* Endace's extensible record format. */
#include "base/erf.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "pcap2ipfix/fate.h"

#define S UINT64_C(1000000000)

enum { START = 1700000000, ETHERNET = 2, META = 27, PAD = 48, EXTENDED = 0x80 };

static void little32(struct file *file, uint32_t value)
{
    bool big = file->big;
    file->big = false;
    put32(file, value);
    file->big = big;
}

/* A record header, followed by `behind` bytes. */
static void erf_head(struct file *file, uint32_t second, uint32_t fraction, unsigned type,
                     size_t behind, size_t wire_size)
{
    file->big = true;
    little32(file, fraction);
    little32(file, second);
    put8(file, type);
    put8(file, 4); /* flag: varying length */
    put16(file, (unsigned)(16 + behind));
    put16(file, 0);
    put16(file, (unsigned)wire_size);
}

/* An Ethernet record padded to eight bytes; the wire length includes four bytes of check sequence.
 */
static void ethernet(struct file *file, uint32_t second, unsigned seed, size_t size)
{
    size_t padding = (8 - (size + 2) % 8) % 8;
    size_t captured = size;
    erf_head(file, second, 1U << 31, ETHERNET, 2 + captured + padding,
             size + (padding > 0 ? 0 : 4));
    put16(file, 0);
    put_payload(file, seed, captured);
    put(file, "xxxxxxxx", padding);
}

static size_t size_of(unsigned i)
{
    return 60 + i % 70;
}

static struct file capture_of(unsigned count)
{
    struct file file = {0};
    for (unsigned i = 0; i < count; i++) {
        ethernet(&file, START + i, i, size_of(i));
    }
    return file;
}

static bool is_packet(const struct seen *seen, size_t at, unsigned i)
{
    return frame_is(seen, at, (START + i) * S + S / 2, i, size_of(i)) &&
           seen->frames[at].link_type == 1;
}

Test(erf, packets)
{
    struct file file = capture_of(10000);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_expect_eq(seen.report_count, 0, "%s", seen.reports[0].text);
    cr_assert_eq(seen.count, 10000);
    cr_expect_str_eq(seen.facts[0].format, "ERF");
    for (unsigned i = 0; i < 10000; i++) {
        cr_assert(is_packet(&seen, i, i), "frame %u", i);
        size_t size = size_of(i);
        bool filled = (size + 2) % 8 == 0;
        cr_assert_eq(seen.frames[i].original_size, size + (filled ? 4 : 0));
    }
    cr_expect_gt(seen.block_count, 1);
    seen_free(&seen);
    file_free(&file);
}

/* Rounded to the nearest nanosecond, for writers that round down. */
Test(erf, time)
{
    static const uint32_t ns[] = {0, 1, 999, 1000, 123456789, 500000000, 999999999};
    for (size_t i = 0; i < sizeof ns / sizeof ns[0]; i++) {
        struct file file = {0};
        erf_head(&file, START, (uint32_t)(((uint64_t)ns[i] << 32) / S), ETHERNET, 0, 0);
        cr_expect_eq(p2i_erf_header(file.data).time_ns, START * S + ns[i], "%u", ns[i]);
        file_free(&file);
    }
    struct file file = {0};
    erf_head(&file, START, UINT32_MAX, ETHERNET, 0, 0);
    cr_expect_eq(p2i_erf_header(file.data).time_ns, (START + 1) * S);
    file_free(&file);
}

/* By type: bytes before the payload, and how many of them the wire length counts. */
Test(erf, types)
{
    static const struct {
        unsigned type, front, counted, link_type;
    } rows[] = {
        {1, 0, 0, 50},  {2, 2, 0, 1},  {4, 4, 4, 100},  {5, 4, 0, 50},   {9, 8, 4, 100},
        {10, 0, 0, 50}, {11, 2, 0, 1}, {15, 0, 0, 50},  {16, 2, 0, 1},   {17, 4, 0, 50},
        {19, 0, 0, 50}, {20, 2, 0, 1}, {22, 0, 0, 228}, {23, 0, 0, 229},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t extensions = 0; extensions < 3; extensions++) {
            struct file file = {0};
            for (unsigned k = 0; k < 2; k++) {
                size_t front = 8 * extensions + rows[i].front;
                erf_head(&file, START, 0, rows[i].type | (extensions > 0 ? EXTENDED : 0),
                         front + 50, 50 + 70 * k + rows[i].counted);
                for (size_t e = 0; e < extensions; e++) {
                    put8(&file, 3 | (e + 1 < extensions ? EXTENDED : 0));
                    put(&file, "1234567", 7);
                }
                put(&file, "12345678", rows[i].front);
                put_payload(&file, 5, 50);
            }
            struct seen seen;
            read_bytes(&seen, file.data, file.size);
            cr_assert_eq(seen.count, 2, "type %u", rows[i].type);
            cr_expect_eq(seen.report_count, 0);
            for (size_t k = 0; k < 2; k++) {
                cr_expect(frame_is(&seen, k, START * S, 5, 50), "type %u", rows[i].type);
                cr_expect_eq(seen.frames[k].link_type, rows[i].link_type);
                cr_expect_eq(seen.frames[k].original_size, 50 + 70 * k);
            }
            seen_free(&seen);
            file_free(&file);
        }
    }
}

/* Records without a packet become frames, so that they are counted; padding does not. */
Test(erf, records_without_packets_are_counted)
{
    struct file file = {0};
    erf_head(&file, 0, 0, META, 24, 24); /* without a time */
    put_payload(&file, 1, 24);
    ethernet(&file, START, 2, 62);
    erf_head(&file, 0, 0, PAD, 8, 0);
    put_payload(&file, 1, 8);
    erf_head(&file, START + 1, 0, 3, 52, 52); /* an ATM cell */
    put_payload(&file, 3, 52);
    erf_head(&file, START + 1, 0, 99, 4, 4); /* unknown type */
    put_payload(&file, 3, 4);
    ethernet(&file, START + 2, 4, 62);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_expect_eq(seen.report_count, 0, "%s", seen.reports[0].text);
    cr_assert_eq(seen.count, 5);
    cr_expect_eq(seen.frames[0].link_type, P2I_ERF_LINK_TYPE);
    cr_expect_eq(seen.frames[0].size, 40);
    cr_expect(seen.frames[0].untimed);
    cr_expect(frame_is(&seen, 1, START * S + S / 2, 2, 62));
    cr_expect_eq(seen.frames[2].link_type, P2I_ERF_LINK_TYPE);
    cr_expect_eq(seen.frames[2].size, 68);
    cr_expect_eq(seen.frames[2].time_ns, (START + 1) * S);
    cr_expect_not(seen.frames[2].untimed);
    cr_expect_eq(seen.frames[3].link_type, P2I_ERF_LINK_TYPE);
    cr_expect(frame_is(&seen, 4, (START + 2) * S + S / 2, 4, 62));
    seen_free(&seen);
    file_free(&file);
}

/* Extension headers that do not end within the record make it invalid. */
Test(erf, headers_longer_than_the_record)
{
    struct file file = capture_of(3);
    erf_head(&file, START + 3, 0, ETHERNET | EXTENDED, 16, 60);
    put(&file, "\x83xxxxxxx\x83xxxxxxx", 16);
    ethernet(&file, START + 4, 4, size_of(4));
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_assert_eq(seen.report_count, 1);
    cr_expect_str_eq(seen.reports[0].text,
                     "expected headers within an ERF record of 32 bytes, found longer ones; the "
                     "record is skipped");
    cr_expect_eq(seen.reports[0].packet, 4);
    cr_assert_eq(seen.count, 4);
    cr_expect(is_packet(&seen, 3, 4));
    seen_free(&seen);
    file_free(&file);
}

Test(erf, cut_at_every_byte)
{
    struct file file = capture_of(6);
    size_t before = 0;
    for (size_t size = 1; size <= file.size; size++) {
        struct seen seen;
        read_bytes(&seen, file.data, size);
        cr_assert_geq(seen.count, before);
        before = seen.count;
        size_t end = 0;
        for (unsigned i = 0; i < seen.count; i++) {
            cr_assert(is_packet(&seen, i, i), "frame %u", i);
            end += 16 + (2 + size_of(i) + 7) / 8 * 8;
        }
        bool known = !seen.facts[0].refused;
        cr_assert_eq(seen.report_count, !known || end != size, "%zu bytes", size);
        if (known && end != size) {
            size_t wanted =
                size - end < 16 ? 16 : 16 + (2 + size_of((unsigned)seen.count) + 7) / 8 * 8;
            char text[96];
            (void)snprintf(text, sizeof text,
                           "truncated: packet %zu needs %zu bytes, the file has %zu",
                           seen.count + 1, wanted, size - end);
            cr_assert_str_eq(seen.reports[0].text, text, "%zu: %s", size, seen.reports[0].text);
            cr_assert_eq(seen.reports[0].offset, end);
            cr_assert_eq(seen.reports[0].packet, seen.count + 1);
        }
        cr_assert(known || seen.count == 0);
        cr_assert(known || size < 2 * (16 + 64 + 8), "%zu bytes are not known", size);
        seen_free(&seen);
    }
    cr_expect_eq(before, 6);
    file_free(&file);
}

/* A damaged record is lost alone; the following ones are found again. */
Test(erf, damaged_at_every_byte_of_a_header)
{
    static const uint8_t damage[] = {0x01, 0x10, 0x80, 0xff};
    struct file file = capture_of(40);
    size_t at = 0;
    for (unsigned i = 0; i < 20; i++) {
        at += 16 + (2 + size_of(i) + 7) / 8 * 8;
    }
    for (size_t byte = 0; byte < 16 * sizeof damage; byte++) {
        file.data[at + byte / sizeof damage] ^= damage[byte % sizeof damage];
        struct seen seen;
        read_bytes(&seen, file.data, file.size);
        cr_assert_leq(seen.report_count, 1, "byte %zu", byte);
        cr_assert_geq(seen.count, 37, "byte %zu: %zu, %s", byte, seen.count, seen.reports[0].text);
        for (unsigned i = 0; i < 20; i++) {
            cr_assert(is_packet(&seen, i, i), "byte %zu, frame %u", byte, i);
        }
        for (unsigned i = 1; i <= 17; i++) { /* back from the end */
            cr_assert(is_packet(&seen, seen.count - i, 40 - i), "byte %zu, frame %u", byte, i);
        }
        if (seen.report_count > 0) {
            cr_assert_eq(seen.reports[0].code, P2I_DAMAGED);
            cr_assert_not_null(strstr(seen.reports[0].text, "expected an ERF record, found type "));
            cr_assert_leq(seen.reports[0].packet, 22);
            cr_assert(seen.facts[0].damaged);
        }
        seen_free(&seen);
        file.data[at + byte / sizeof damage] ^= damage[byte % sizeof damage];
    }
    file_free(&file);
}

/* Garbage of one byte up to more than a block. */
Test(erf, garbage_between_records)
{
    static const size_t sizes[] = {1, 7, 15, 16, 17, 1000, 70000, 600000};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        struct file file = capture_of(5);
        uint32_t state = (uint32_t)s + 1;
        for (size_t i = 0; i < sizes[s]; i++) {
            state = state * 1664525 + 1013904223;
            put8(&file, state >> 24);
        }
        for (unsigned i = 5; i < 10; i++) {
            ethernet(&file, START + i, i, size_of(i));
        }
        const char *paths[] = {path_of_file(&file), path_of_file(&file)};
        struct seen seen;
        read_path(&seen, paths[0]);
        cr_assert_eq(seen.report_count, 1, "%zu bytes", sizes[s]);
        cr_assert_geq(seen.count, 9, "%zu bytes: %zu", sizes[s], seen.count);
        for (unsigned i = 0; i < 4; i++) {
            cr_assert(is_packet(&seen, i, i), "%zu bytes, frame %u", sizes[s], i);
        }
        for (unsigned i = 1; i <= 4; i++) {
            cr_assert(is_packet(&seen, seen.count - i, 10 - i), "%zu bytes", sizes[s]);
        }
        size_t once = seen.count;
        seen_free(&seen);
        read_all(&seen, &(struct p2i_capture_settings){0}, paths, 2);
        cr_expect_eq(seen.count, 2 * once);
        seen_free(&seen);
        file_free(&file);
    }
}

/* The first record found behind damage is accepted, however odd it is. */
Test(erf, odd_record_behind_damage, .timeout = 60)
{
    for (size_t behind = 0; behind < 16; behind++) {
        struct file file = capture_of(4);
        put(&file, "garbage, garbage", 16);
        erf_head(&file, START + 5, 0, ETHERNET, 400, 60); /* much longer than its packet */
        put_payload(&file, 7, 400);
        put_payload(&file, 8, behind);
        struct seen seen;
        read_bytes(&seen, file.data, file.size);
        cr_expect_eq(seen.count, 5, "%zu bytes: %zu", behind, seen.count);
        cr_expect_eq(seen.report_count, behind > 0 ? 2 : 1);
        seen_free(&seen);
        file_free(&file);
    }
}

/* A gap in time is no damage if records before and behind it agree. */
Test(erf, gaps_in_time_are_no_damage)
{
    struct file file = {0};
    ethernet(&file, START, 0, size_of(0));
    ethernet(&file, START + 1, 1, size_of(1));
    ethernet(&file, START + 2, 1, size_of(1));
    ethernet(&file, START + 100000000, 2, size_of(2)); /* a single wrong time */
    ethernet(&file, START + 3, 3, size_of(3));
    ethernet(&file, START + 50000000, 4, size_of(4)); /* three years later */
    ethernet(&file, START + 50000001, 5, size_of(5));
    ethernet(&file, START, 6, size_of(6)); /* out of order */
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_expect_eq(seen.report_count, 0, "%s", seen.reports[0].text);
    cr_assert_eq(seen.count, 8);
    seen_free(&seen);
    file_free(&file);
}

/* ERF has no magic number: other files must not be taken for it. */
Test(erf, other_formats_are_not_taken_for_erf)
{
    static uint8_t bytes[8192];
    struct seen seen;
    for (unsigned byte = 0; byte < 256; byte++) {
        memset(bytes, (int)byte, sizeof bytes);
        read_bytes(&seen, bytes, sizeof bytes);
        cr_assert(seen.facts[0].refused, "bytes %02x", byte);
        seen_free(&seen);
    }
    uint32_t state = 7;
    for (unsigned round = 0; round < 2000; round++) {
        /* Bytes of few values, as in tables and text, and of all values. */
        unsigned values = round % 8 + 1;
        for (size_t i = 0; i < sizeof bytes; i++) {
            state = state * 1664525 + 1013904223;
            bytes[i] = (uint8_t)((state >> 24) >> (8 - values));
        }
        read_bytes(&seen, bytes, round % 2 == 0 ? sizeof bytes : round % 300);
        cr_assert(seen.facts[0].refused, "round %u", round);
        seen_free(&seen);
    }
    struct file lines = {0};
    for (unsigned i = 0; i < 2000; i++) {
        char line[64];
        (void)snprintf(line, sizeof line, "%u;10.0.0.%u;192.0.2.%u;80;%u\n", START + i, i % 250,
                       i % 99, i);
        put_text(&lines, line);
    }
    read_bytes(&seen, lines.data, lines.size);
    cr_expect_str_eq(seen.reports[0].text,
                     "not a capture: expected pcap, pcapng, snoop or ERF, found text");
    seen_free(&seen);
    file_free(&lines);
}

/* A single complete record is enough. */
Test(erf, one_record)
{
    struct file file = capture_of(1);
    struct seen seen;
    read_bytes(&seen, file.data, file.size);
    cr_expect_eq(seen.count, 1);
    seen_free(&seen);
    put(&file, "\0\0\0\0", 4);
    read_bytes(&seen, file.data, file.size);
    cr_expect_eq(seen.count, 1);
    cr_expect(seen.facts[0].damaged);
    seen_free(&seen);
    put(&file, "\0\0\0\0\0\0\0\0\0\0\0\0", 12);
    read_bytes(&seen, file.data, file.size);
    cr_expect(seen.facts[0].refused);
    seen_free(&seen);
    file_free(&file);
}

/* libpcap does not look into ERF records: the filter sees the packet in them. */
Test(erf, filter)
{
    struct file file = {0};
    pcap_header(&file, 0xa1b2c3d4, P2I_ERF_LINK_TYPE);
    for (unsigned i = 0; i < 2; i++) {
        struct file record = {0};
        erf_head(&record, START, 0, ETHERNET, 2 + 42, 46);
        put(&record, "\0\0\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0", 16);
        put(&record, "\x45\0\0\x1c\0\0\0\0\x40\x11\0\0\x0a\0\0\x01\x0a\0\0\x02\x03\xe8", 22);
        put16(&record, 53 + i);
        put(&record, "\0\x08\0\0", 4);
        put32(&file, START);
        put32(&file, 0);
        put32(&file, (uint32_t)record.size);
        put32(&file, (uint32_t)record.size);
        put(&file, record.data, record.size);
        file_free(&record);
    }
    const char *path = path_of_file(&file);
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){.filter = "udp port 53"}, &path, 1);
    cr_assert_eq(seen.count, 2);
    cr_expect_eq(seen.frames[0].skip, P2I_FATE_HANDLED);
    cr_expect_eq(seen.frames[1].skip, P2I_FATE_FILTERED);
    cr_expect_eq(seen.frames[0].link_type, P2I_ERF_LINK_TYPE);
    seen_free(&seen);
    file_free(&file);
}

/* A large record is read in its turn; until then only its time is read. */
Test(erf, large_records_are_merged_by_time)
{
    struct file large = {0};
    ethernet(&large, START, 1, 62);
    ethernet(&large, START + 10, 2, 60006);
    ethernet(&large, START + 20, 3, 62);
    struct file small = {0};
    ethernet(&small, START + 5, 4, 62);
    ethernet(&small, START + 15, 5, 62);
    const char *paths[64];
    for (size_t i = 0; i < 64; i++) {
        paths[i] = path_of_file(i == 0 ? &large : &small);
    }
    struct seen seen;
    read_all(&seen, &(struct p2i_capture_settings){0}, paths, 64);
    cr_assert_eq(seen.count, 3 + 2 * 63);
    cr_expect(frame_is(&seen, 0, START * S + S / 2, 1, 62));
    cr_expect(frame_is(&seen, 64, (START + 10) * S + S / 2, 2, 60006));
    cr_expect(frame_is(&seen, 128, (START + 20) * S + S / 2, 3, 62));
    seen_free(&seen);
    file_free(&large);
    file_free(&small);
}
