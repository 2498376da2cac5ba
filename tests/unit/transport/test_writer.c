/* SPDX-License-Identifier: MIT */
/* Records of readers into a file. What goes to collectors is in test_collector.c and tests/cli. */
#include "helpers/folder.h"
#include "pcap2ipfix/output_file.h"
#include "pcap2ipfix/writer.h"

enum { ROOM = 256 };

static uint8_t *put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
    return at + 2;
}

/* Writes a message with template 256, of one field `id` of one byte, and `count` records of it;
 * returns its size. */
static size_t make(uint8_t *bytes, unsigned id, unsigned count)
{
    memset(bytes, 0, ROOM);
    uint8_t *at = put16(bytes, 10);
    at = put16(at, 16 + 12 + 4 + count);
    at = bytes + 16;
    at = put16(put16(at, 2), 12);
    at = put16(put16(at, 256), 1);
    at = put16(put16(at, id), 1);
    at = put16(put16(at, 256), 4 + count);
    memset(at, 1, count);
    return (size_t)(at + count - bytes);
}

static struct p2i_reader *open_reader(void)
{
    struct p2i_reader *reader;
    struct p2i_error error;
    cr_assert_eq(p2i_reader_open_messages(&reader, NULL, NULL, &error), P2I_OK);
    return reader;
}

static struct p2i_writer *open_writer(const struct folder *folder, unsigned flags)
{
    struct p2i_writer *writer;
    struct p2i_error error;
    cr_assert_eq(p2i_writer_open_file(&writer, folder->file, flags, NULL, &error), P2I_OK);
    cr_expect_null(p2i_writer_summary(writer));
    return writer;
}

/* Passes a message on, record by record. */
static void pass(struct p2i_reader *reader, struct p2i_writer *writer, unsigned id, unsigned count)
{
    uint8_t bytes[ROOM];
    struct p2i_read_record record;
    struct p2i_error error;
    p2i_reader_feed(reader, p2i_view_of(bytes, make(bytes, id, count)));
    for (unsigned i = 0; i < count; i++) {
        cr_assert_eq(p2i_reader_next(reader, &record, &error), P2I_OK);
        cr_assert_eq(p2i_writer_put(writer, reader, &error), P2I_OK, "%s", error.text);
    }
    cr_assert_eq(p2i_reader_next(reader, &record, &error), P2I_END);
}

static void finish(struct p2i_writer *writer, uint32_t time_s)
{
    struct p2i_error error;
    cr_assert_eq(p2i_writer_finish(writer, time_s, &error), P2I_OK, "%s", error.text);
    p2i_writer_free(writer);
}

static void on_defect(void *context, uint64_t offset, const char *text)
{
    (void)context;
    cr_expect(false, "%s at %d", text, (int)offset);
}

/* The records of element `id` in the file, which must be without defect. */
static size_t count_of(const struct folder *folder, unsigned id)
{
    struct p2i_reader *reader;
    struct p2i_read_record record;
    struct p2i_error error;
    size_t count = 0;
    cr_assert_eq(p2i_reader_open(&reader, folder->file, on_defect, NULL, &error), P2I_OK);
    while (p2i_reader_next(reader, &record, &error) == P2I_OK) {
        count += record.values[0].id == id;
    }
    p2i_reader_close(reader);
    return count;
}

Test(writer, records_of_several_readers_keep_their_templates)
{
    struct folder folder = folder_make();
    struct p2i_writer *writer = open_writer(&folder, P2I_OUTPUT_SYNC);
    struct p2i_reader *first = open_reader();
    struct p2i_reader *second = open_reader();
    for (int i = 0; i < 3; i++) {
        pass(first, writer, 4, 2);
        pass(second, writer, 5, 5);
    }
    p2i_reader_close(first);
    p2i_reader_close(second);
    finish(writer, 0);
    cr_expect_eq(count_of(&folder, 4), 6);
    cr_expect_eq(count_of(&folder, 5), 15);
    folder_remove(&folder);
}

/* Its address is probably that of the reader before it. */
Test(writer, a_reader_is_not_taken_for_one_that_was_closed)
{
    struct folder folder = folder_make();
    struct p2i_writer *writer = open_writer(&folder, 0);
    for (unsigned id = 4; id < 7; id++) {
        struct p2i_reader *reader = open_reader();
        pass(reader, writer, id, id);
        p2i_reader_close(reader);
    }
    finish(writer, 0);
    cr_expect_eq(count_of(&folder, 4), 4);
    cr_expect_eq(count_of(&folder, 5), 5);
    cr_expect_eq(count_of(&folder, 6), 6);
    folder_remove(&folder);
}

Test(writer, a_reader_without_a_record_is_refused)
{
    struct folder folder = folder_make();
    struct p2i_writer *writer = open_writer(&folder, 0);
    struct p2i_reader *reader = open_reader();
    struct p2i_error error;
    cr_expect_eq(p2i_writer_put(writer, reader, &error), P2I_USAGE);
    pass(reader, writer, 4, 1);
    cr_expect_eq(p2i_writer_put(writer, reader, &error), P2I_USAGE);
    p2i_reader_close(reader);
    finish(writer, 0);
    cr_expect_eq(count_of(&folder, 4), 1);
    folder_remove(&folder);
}

Test(writer, a_file_without_records_is_a_message)
{
    struct folder folder = folder_make();
    finish(open_writer(&folder, 0), 0x01020304);
    struct p2i_view file = file_read(folder.file);
    cr_assert_eq(file.size, 16);
    cr_expect_eq(memcmp(file.data + 4, "\1\2\3\4", 4), 0);
    free((void *)file.data);
    struct p2i_writer *writer;
    struct p2i_error error;
    cr_expect_eq(p2i_writer_open_file(&writer, folder.file, P2I_OUTPUT_NEW, NULL, &error),
                 P2I_OUTPUT);
    cr_expect_null(writer);
    folder_remove(&folder);
}

Test(writer, an_unfinished_file_leaves_nothing)
{
    struct folder folder = folder_make();
    struct p2i_writer *writer = open_writer(&folder, 0);
    cr_expect_eq(folder_count(&folder), 1);
    p2i_writer_free(writer);
    cr_expect_eq(folder_count(&folder), 0);
    folder_remove(&folder);
}

Test(writer, urls)
{
    static const char *const wrong[] = {"tcp://localhost", "file:///tmp/x", "",
                                        "tcp://localhost:4739?channels=dns"};
    struct p2i_settings *settings = p2i_settings_new();
    struct p2i_writer *writer;
    struct p2i_error error;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        cr_expect_eq(p2i_writer_open_collector(&writer, wrong[i], settings, &error), P2I_USAGE);
        cr_expect_null(writer);
    }
    cr_assert_eq(p2i_writer_open_collector(&writer, "tcp://localhost:4739", settings, &error),
                 P2I_OK);
    cr_expect_eq(p2i_writer_summary(writer)->records, 0);
    p2i_writer_free(writer);
    p2i_settings_free(settings);
}
