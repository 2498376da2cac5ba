/* SPDX-License-Identifier: MIT */
/* Options records that describe the file: written and checked. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/file_options.h"
#include "base/put.h"
#include "export/exporter.h"
#include "helpers/folder.h"
#include "helpers/needs.h"
#include "helpers/samples.h"
#include "pcap2ipfix/cursor.h"
#include "pcap2ipfix/reader.h"
#include "record/decode.h"

enum {
    ALL = P2I_FILE_WINDOW | P2I_FILE_SESSION | P2I_FILE_CHECKSUM | P2I_FILE_CAPTURES,
    RECORDS = 1000
};

static const struct p2i_file_source sources[] = {
    {.name = "first.pcap", .size_bytes = 10, .packets = 2, .first_ms = 3, .last_ms = 4},
    {.name = "second \xff.pcap", .size_bytes = 20, .packets = 5, .first_ms = 6, .last_ms = 7},
};

/* The bytes of a file of DNS and flow records from second 100 on; free them. */
static struct p2i_view make(uint32_t options, size_t count)
{
    struct folder folder = folder_make();
    struct p2i_exporter *exporter;
    struct p2i_error error;
    struct p2i_buffer buffer = {0};
    struct p2i_ipfix_settings settings = {
        .message_limit = 65535, .file_options = options, .sources = sources, .source_count = 2};
    cr_assert_eq(p2i_ipfix_file_open(&exporter, folder.file, NULL, &settings, &error), P2I_OK);
    for (size_t i = 0; i < count; i++) {
        buffer.size = 0;
        struct p2i_record record =
            sample_record(&buffer, i % 2 == 0 ? P2I_RECORD_DNS : P2I_RECORD_HTTP_REPLY, 4,
                          (uint32_t)(100 + i), 100);
        cr_assert_eq(exporter->methods->write(exporter, &record, &error), P2I_OK);
    }
    cr_assert_eq(exporter->methods->finish(exporter, 5, &error), P2I_OK);
    struct p2i_view bytes = file_read(folder.file);
    cr_expect_eq(exporter->bytes_written, bytes.size);
    exporter->methods->free(exporter);
    p2i_buffer_free(&buffer);
    folder_remove(&folder);
    return bytes;
}

struct seen {
    unsigned defects;
    char text[256]; /* of the last one */
    unsigned options, records;
    uint64_t numbers[64][9]; /* values of the options by record */
    char names[64][64];      /* interfaceName */
    uint16_t ids[64];        /* template ids */
};

static void on_defect(void *context, uint64_t offset, const char *text)
{
    struct seen *seen = context;
    (void)offset;
    seen->defects++;
    (void)snprintf(seen->text, sizeof seen->text, "%s", text);
}

static struct seen read_all(struct p2i_view bytes)
{
    struct seen seen = {0};
    struct p2i_reader *reader;
    struct p2i_read_record record;
    struct p2i_error error;
    cr_assert_eq(p2i_reader_open_bytes(&reader, bytes.data, bytes.size, on_defect, &seen, &error),
                 P2I_OK);
    while (p2i_reader_next(reader, &record, &error) == P2I_OK) {
        seen.records++;
        if (!record.options || seen.options == 64) {
            continue;
        }
        seen.ids[seen.options] = record.template_id;
        for (size_t i = 0; i < record.value_count && i < 9; i++) {
            const struct p2i_value *value = &record.values[i];
            seen.numbers[seen.options][i] = p2i_value_number(p2i_view_of(value->data, value->size));
            if (value->id == 82) {
                (void)snprintf(seen.names[seen.options], 64, "%.*s", (int)value->size, value->data);
            }
        }
        seen.options++;
    }
    p2i_reader_close(reader);
    return seen;
}

static void free_view(struct p2i_view bytes)
{
    free((void *)(uintptr_t)bytes.data);
}

Test(file_options, each_can_be_had_alone, NEEDS_OPENSSL)
{
    static const unsigned counts[] = {
        [P2I_FILE_WINDOW] = 1, [P2I_FILE_SESSION] = 1, [P2I_FILE_CAPTURES] = 2};
    for (uint32_t options = 0; options <= ALL; options++) {
        struct p2i_view bytes = make(options, RECORDS);
        struct seen seen = read_all(bytes);
        unsigned wanted = 0;
        for (uint32_t bit = 1; bit <= P2I_FILE_CAPTURES; bit *= 2) {
            wanted += (options & bit) != 0 ? counts[bit] : 0;
        }
        unsigned checksums = 0;
        for (unsigned i = 0; i < seen.options; i++) {
            checksums += seen.ids[i] == 1025;
        }
        cr_expect_eq(seen.defects, 0, "%u: %s", options, seen.text);
        cr_expect_eq(seen.options - checksums, wanted, "%u", options);
        cr_expect_eq(checksums > 0, (options & P2I_FILE_CHECKSUM) != 0);
        cr_expect_eq(seen.records, RECORDS + seen.options);
        free_view(bytes);
    }
}

Test(file_options, describe_the_file, NEEDS_OPENSSL)
{
    struct p2i_view bytes = make(P2I_FILE_WINDOW | P2I_FILE_SESSION | P2I_FILE_CAPTURES, RECORDS);
    struct seen seen = read_all(bytes);
    cr_assert_eq(seen.options, 4);
    cr_expect_eq(seen.numbers[0][1], 100);
    cr_expect_eq(seen.numbers[0][2], 100 + RECORDS - 1);
    cr_expect_eq(seen.numbers[1][1], 10);
    cr_expect_eq(seen.numbers[1][2], p2i_load_be32(bytes.data + 4)); /* the first message */
    cr_expect_eq(seen.numbers[1][3], 100 + RECORDS - 1);
    cr_expect_str_eq(seen.names[2], "first.pcap");
    cr_expect_str_eq(seen.names[3], "second \\xff.pcap");
    for (uint64_t i = 0; i < 2; i++) {
        cr_expect_eq(seen.numbers[2 + i][1], i + 1);
        cr_expect_eq(seen.numbers[2 + i][5], sources[i].size_bytes);
        cr_expect_eq(seen.numbers[2 + i][6], sources[i].packets);
        cr_expect_eq(seen.numbers[2 + i][7], sources[i].first_ms);
        cr_expect_eq(seen.numbers[2 + i][8], sources[i].last_ms);
    }
    free_view(bytes);
}

Test(file_options, of_a_file_without_records, NEEDS_OPENSSL)
{
    struct p2i_view bytes = make(ALL, 0);
    struct seen seen = read_all(bytes);
    cr_expect_eq(seen.defects, 0, "%s", seen.text);
    /* Checksums of two messages, export times, captures; there is no window. */
    cr_expect_eq(seen.options, 5);
    free_view(bytes);
}

Test(file_options, a_wrong_bit_anywhere_is_seen_by_the_checksum, NEEDS_OPENSSL)
{
    struct p2i_view bytes = make(P2I_FILE_CHECKSUM, 3);
    enum { TEMPLATE = 18 };
    uint8_t *copy = malloc(bytes.size);
    size_t begin = 0; /* of the message */
    size_t end = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        if (i == end) {
            begin = i;
            end += p2i_load_be16(bytes.data + i + 2);
        }
        /* Without framing or the checksum's own template there is no checksum. */
        if (i - begin < 4 || (i - begin >= 16 && i - begin < 16 + TEMPLATE + 4 + 1)) {
            continue;
        }
        memcpy(copy, bytes.data, bytes.size);
        copy[i] ^= 1;
        struct seen seen = read_all(p2i_view_of(copy, bytes.size));
        cr_expect_gt(seen.defects, 0, "byte %zu", i);
    }
    free(copy);
    free_view(bytes);
}

/* Where four bytes are found last. */
static uint8_t *find_last(uint8_t *bytes, size_t size, uint32_t number)
{
    uint8_t wanted[4];
    (void)p2i_put32(wanted, number);
    for (size_t i = size - 4; i > 0; i--) {
        if (memcmp(bytes + i, wanted, 4) == 0) {
            return bytes + i;
        }
    }
    cr_assert_fail("not found");
    return bytes;
}

static void expect_wrong(uint32_t option, uint32_t number, uint32_t instead, const char *text)
{
    struct p2i_view bytes = make(option, RECORDS);
    uint8_t *copy = malloc(bytes.size);
    memcpy(copy, bytes.data, bytes.size);
    (void)p2i_put32(find_last(copy, bytes.size, number), instead);
    struct seen seen = read_all(p2i_view_of(copy, bytes.size));
    cr_expect_eq(seen.defects, 1);
    cr_expect_not_null(strstr(seen.text, text), "%s", seen.text);
    free(copy);
    free_view(bytes);
}

Test(file_options, a_wrong_window_is_reported)
{
    enum { LAST = 100 + RECORDS - 1 };
    expect_wrong(P2I_FILE_WINDOW, 100, 101, "file time window from 101 to 1099, but the file has");
    expect_wrong(P2I_FILE_WINDOW, LAST, LAST - 1, "file time window from 100 to 1098, but");
    expect_wrong(P2I_FILE_WINDOW, LAST, 5, "file time window from 100 to 5 ends before it begins");
    expect_wrong(P2I_FILE_SESSION, LAST, LAST - 1, "export times from");
    /* A window may be wider than what is in it. */
    struct p2i_view bytes = make(P2I_FILE_WINDOW, RECORDS);
    (void)p2i_put32(find_last((uint8_t *)(uintptr_t)bytes.data, bytes.size, LAST), LAST + 5);
    cr_expect_eq(read_all(bytes).defects, 0);
    free_view(bytes);
}

Test(file_options, cut_at_any_byte, NEEDS_OPENSSL)
{
    struct p2i_view bytes = make(ALL, 3);
    for (size_t size = 0; size < bytes.size; size++) {
        uint8_t *copy = malloc(size > 0 ? size : 1);
        memcpy(copy, bytes.data, size);
        (void)read_all(p2i_view_of(copy, size));
        free(copy);
    }
    free_view(bytes);
}
