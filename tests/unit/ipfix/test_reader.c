/* SPDX-License-Identifier: MIT */
#include <unistd.h>
#include <zlib.h>

#include "ipfix_wire.h"

Test(reader, values_of_a_record)
{
    start();
    put_template();
    size_t at = wire.size + 4;
    put_data(70000, "example.org");
    open_bytes(wire.bytes, wire.size);
    struct p2i_read_record record;
    cr_assert(next(&record));
    cr_assert_eq(record.domain, DOMAIN);
    cr_assert_eq(record.export_time_s, TIME);
    cr_assert_eq(record.sequence, 0);
    cr_assert_eq(record.offset, at);
    cr_assert_eq(record.template_id, 256);
    cr_assert_not(record.options);
    cr_assert_eq(record.value_count, 2);
    cr_assert_eq(record.values[0].pen, 0);
    cr_assert_eq(record.values[0].id, 1);
    cr_assert_eq(record.values[0].size, 4);
    cr_assert_arr_eq(record.values[0].data, "\x00\x01\x11\x70", 4);
    cr_assert_eq(record.values[1].pen, P2I_PEN);
    cr_assert_eq(record.values[1].id, 1005);
    cr_assert_eq(record.values[1].size, 11);
    cr_assert_arr_eq(record.values[1].data, "example.org", 11);
    cr_assert_not(next(&record));
    expect_clean(1);
    cr_assert_eq(seen.counts.messages, 1);
    cr_assert_eq(seen.counts.templates, 1);
    cr_assert_not(next(&record));
    cr_assert_eq(seen.result, P2I_END);
    done();
}

Test(reader, nothing_at_all_is_no_damage)
{
    read_all_of("", 0);
    expect_clean(0);
    cr_assert_eq(seen.counts.messages, 0);
}

Test(reader, a_message_of_a_header_alone)
{
    start();
    read_all();
    expect_clean(0);
    cr_assert_eq(seen.counts.messages, 1);
}

Test(reader, several_records_sets_and_messages)
{
    start();
    put_template();
    begin_set(256);
    put_record(1, "a");
    put_record(2, "");
    end_set();
    put_data(3, "c");
    begin_message(3);
    put_data(4, "d");
    read_all();
    expect_clean(4);
    cr_assert_eq(seen.counts.messages, 2);
}

Test(reader, long_form_of_a_length)
{
    char host[300];
    memset(host, 'x', sizeof(host));
    start();
    put_template();
    begin_set(256);
    u32(1);
    u8(255);
    u16(300);
    octets(host, sizeof(host));
    u32(2);
    u8(255); /* also allowed for short strings */
    u16(1);
    u8('y');
    end_set();
    open_bytes(wire.bytes, wire.size);
    struct p2i_read_record record;
    cr_assert(next(&record));
    cr_assert_eq(record.values[1].size, 300);
    cr_assert(next(&record));
    cr_assert_eq(record.values[1].size, 1);
    cr_assert_eq(record.values[1].data[0], 'y');
    cr_assert_not(next(&record));
    expect_clean(2);
    done();
}

Test(reader, padding)
{
    start();
    put_template();
    begin_set(256);
    put_record(1, "a");
    u8(0);
    u16(0);
    end_set();
    read_all();
    expect_clean(1);
    wire.bytes[wire.size - 1] = 1;
    read_all();
    expect_defect("padding that is not zero");
    cr_assert_eq(seen.offsets[0], wire.size - 1);
}

Test(reader, domains_have_sequences_of_their_own)
{
    start();
    put_template();
    put_data(1, "a");
    begin_message(0);
    wire.bytes[wire.size - 1] = DOMAIN + 1;
    put_template();
    put_data(1, "a");
    put_data(1, "a");
    begin_message(1);
    put_data(2, "b");
    begin_message(2);
    wire.bytes[wire.size - 1] = DOMAIN + 1;
    put_data(3, "c");
    read_all();
    expect_clean(5);
}

Test(reader, more_domains_than_there_is_room_for)
{
    enum { MESSAGES = 5000 };
    memset(&wire, 0, sizeof(wire));
    for (uint32_t i = 0; i < MESSAGES; i++) {
        begin_message(0);
        wire.size -= 4;
        u32(i);
    }
    read_all();
    cr_assert_eq(seen.result, P2I_END);
    cr_assert_eq(seen.counts.messages, MESSAGES);
    cr_assert_eq(seen.defect_count, MESSAGES - 4096);
    cr_assert_not_null(strstr(seen.defects[0], "too many observation domains"));
}

Test(reader, sequence_gap)
{
    start();
    put_template();
    put_data(1, "a");
    begin_message(5);
    size_t at = wire.size - 8;
    put_data(2, "b");
    begin_message(6);
    put_data(3, "c");
    read_all();
    expect_defect("sequence number 5 where 1 is due (domain 7)");
    cr_assert_eq(seen.offsets[0], at);
    cr_assert_eq(seen.counts.records, 3);
}

Test(reader, sequence_wraps)
{
    start();
    memset(wire.bytes + 8, 0xff, 4);
    put_template();
    put_data(1, "a");
    begin_message(0);
    put_data(2, "b");
    read_all();
    expect_clean(2);
    cr_expect_eq(seen.note_count, 1);
    cr_expect_not_null(strstr(seen.notes, "it begins with sequence number 4294967295 (domain 7)"));
}

/* Messages of one domain with these sequence numbers, each with one record, and what is lost then.
 */
static struct p2i_reader_losses losses_of(const uint32_t *numbers, size_t count)
{
    start();
    wire.size = 0;
    for (size_t i = 0; i < count; i++) {
        begin_message(numbers[i]);
        if (i == 0) {
            put_template();
        }
        put_data(1, "a");
    }
    read_all();
    cr_expect_eq(seen.counts.records, count);
    return seen.losses;
}

Test(reader, missing_records_are_counted_until_they_come)
{
    static const uint32_t good[] = {0, 1, 2};
    static const uint32_t gaps[] = {0, 3, 4, 10};
    static const uint32_t late[] = {0, 2, 3, 1, 4};
    static const uint32_t twice[] = {0, 1, 1, 2};
    static const uint32_t anew[] = {0, 1, 0, 1};
    static const uint32_t joined[] = {70, 71, 73};
    cr_expect_eq(losses_of(good, 3).missing_records, 0);
    cr_expect_eq(losses_of(gaps, 4).missing_records, 7);
    cr_expect_eq(losses_of(late, 5).missing_records, 0);
    cr_expect_eq(seen.defect_count, 2);
    cr_expect_eq(losses_of(twice, 4).missing_records, 0);
    cr_expect_eq(losses_of(anew, 4).missing_records, 0);
    cr_expect_eq(losses_of(joined, 3).missing_records, 1);
    cr_expect_eq(seen.note_count, 1);
}

/* Templates that come later in a stream that is joined midway are no defect, but that they never
 * come is. */
Test(reader, joined_midway)
{
    start();
    wire.bytes[11] = 99;
    begin_set(256);
    put_record(1, "a");
    end_set();
    begin_set(300);
    u32(1);
    end_set();
    begin_message(200);
    put_template();
    put_data(1, "a");
    size_t middle = wire.size;
    begin_message(201);
    begin_set(2);
    u16(300);
    u16(1);
    u16(8);
    u16(4);
    end_set();
    read_all();
    expect_clean(1);
    cr_expect_eq(seen.note_count, 3);
    cr_expect_not_null(strstr(seen.notes, "data set of template 256, which has not come yet"));
    cr_expect_eq(seen.losses.sets, 2);
    cr_expect_eq(seen.losses.missing_records, 0);
    read_all_of(wire.bytes, middle);
    expect_defect("template 300 is missing: its data sets cannot be read (domain 7)");
}

Test(reader, a_stream_from_its_beginning_is_not_joined_midway)
{
    start();
    begin_set(256);
    put_record(1, "a");
    end_set();
    begin_message(1);
    put_template();
    put_data(1, "a");
    read_all();
    expect_defect("data set of template 256, which is not defined");
    cr_expect_eq(seen.note_count, 0);
    cr_expect_eq(seen.losses.sets, 1);
}

/* Of a stream that is joined midway, more templates than are waited for. */
Test(reader, joined_midway_with_many_templates)
{
    start();
    wire.bytes[11] = 99;
    for (unsigned i = 0; i < 2 * P2I_MIDWAY_TEMPLATES; i++) {
        begin_set(256 + i);
        u32(1);
        end_set();
    }
    read_all();
    cr_expect_eq(seen.losses.sets, 2 * P2I_MIDWAY_TEMPLATES);
    cr_expect_eq(seen.defect_count, 2 * P2I_MIDWAY_TEMPLATES);
}

Test(reader, skipped_records_are_not_reported_twice)
{
    start();
    begin_set(256); /* unknown: nobody can say how many records that is */
    u32(1);
    end_set();
    begin_message(5);
    put_template();
    put_data(1, "a");
    begin_message(6);
    put_data(2, "b");
    read_all();
    expect_defect("not defined");
    cr_assert_eq(seen.counts.records, 2);
}

Test(reader, reserved_set_ids)
{
    static const unsigned ids[] = {0, 1, 4, 255};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        start();
        begin_set(ids[i]);
        u32(0);
        end_set();
        put_template();
        put_data(1, "a");
        read_all();
        expect_defect("is reserved");
        cr_assert_eq(seen.counts.records, 1);
    }
}

Test(reader, sets_that_do_not_fit)
{
    static const unsigned lengths[] = {0, 3, 10, 65535};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        start();
        put_template();
        put_data(1, "a");
        begin_set(256);
        u32(1);
        u8(0);
        end_set();
        set_u16(wire.set + 2, lengths[i]);
        begin_message(1);
        put_data(2, "b");
        read_all();
        expect_defect("does not fit");
        cr_assert_eq(seen.offsets[0], wire.message - 9);
        cr_assert_eq(seen.counts.records, 2);
    }
}

Test(reader, stray_bytes)
{
    start();
    put_template();
    u16(256);
    u8(0);
    set_u16(wire.message + 2, wire.size);
    read_all();
    expect_defect("3 stray bytes");
}

Test(reader, sets_without_a_record)
{
    start();
    put_template();
    begin_set(256);
    end_set();
    read_all();
    expect_defect("without a record");
    start();
    begin_set(2);
    end_set();
    read_all();
    expect_defect("without a template");
}

Test(reader, record_that_is_cut_by_its_set)
{
    start();
    put_template();
    begin_set(256);
    put_record(1, "a");
    u32(2);
    u8(200);
    u16(0);
    end_set();
    size_t at = wire.size - 7;
    put_data(3, "c");
    read_all();
    expect_defect("cut by the end of its set");
    cr_assert_eq(seen.offsets[0], at);
    cr_assert_eq(seen.counts.records, 2);
}

Test(reader, strings_and_booleans)
{
    start();
    put_template();
    put_data(1, "ok \xc3\xa9");
    read_all();
    expect_clean(1);
    put_data(1, "bad \xc3");
    read_all();
    expect_defect("not UTF-8: byte 0xc3");
    cr_assert_eq(seen.offsets[0], wire.size - 1);
    start();
    begin_set(2);
    u16(256);
    u16(1);
    u16(276);
    u16(1);
    end_set();
    begin_set(256);
    u8(1);
    u8(2);
    u8(3);
    end_set();
    read_all();
    expect_defect("boolean of value 3");
}

Test(reader, lists_are_octets)
{
    start();
    begin_set(2);
    u16(256);
    u16(3);
    u16(291);
    u16(65535);
    u16(292);
    u16(65535);
    u16(293);
    u16(7);
    end_set();
    begin_set(256);
    u8(9); /* allOf, elements 4 of 1 byte: four of them */
    u8(3);
    u16(4);
    u16(1);
    octets("\x06\x11\x06\x11", 4);
    u8(255);
    u16(3);
    u8(255);
    u16(300);
    u8(1);
    u16(300);
    u16(4);
    u16(0);
    end_set();
    open_bytes(wire.bytes, wire.size);
    struct p2i_read_record record;
    cr_assert(next(&record));
    cr_assert_eq(record.values[0].size, 9);
    cr_assert_eq(record.values[1].size, 3);
    cr_assert_eq(record.values[2].size, 7);
    int type = 0;
    cr_assert_str_eq(p2i_reader_element(seen.reader, 0, 293, &type), "subTemplateMultiList");
    cr_assert_eq(type, P2I_TYPE_SUB_TEMPLATE_MULTI_LIST);
    cr_assert_not(next(&record));
    expect_clean(1);
    done();
}

Test(reader, files_that_are_not_ipfix)
{
    read_all_of("GET / HTTP/1.1\r\n\r\n", 18);
    cr_assert_eq(seen.result, P2I_DAMAGED);
    cr_assert_not_null(strstr(seen.error.text, "expected version 10, found 18245"), "%s",
                       seen.error.text);
    cr_assert_eq(seen.error.offset, 0);
    start();
    set_u16(0, 9);
    read_all();
    cr_assert_eq(seen.result, P2I_DAMAGED);
    cr_assert_not_null(strstr(seen.error.text, "NetFlow v9"));
    start();
    set_u16(2, 15);
    read_all();
    cr_assert_eq(seen.result, P2I_DAMAGED);
    cr_assert_not_null(strstr(seen.error.text, "length 15"));
}

Test(reader, damage_stays)
{
    start();
    put_template();
    put_data(1, "a");
    u8(1);
    open_bytes(wire.bytes, wire.size);
    struct p2i_read_record record;
    cr_assert(next(&record));
    for (int i = 0; i < 3; i++) {
        cr_assert_not(next(&record));
        cr_assert_eq(seen.result, P2I_DAMAGED);
        cr_assert_eq(seen.error.offset, wire.size - 1);
    }
    done();
}

static void put_everything(void)
{
    start();
    put_type_template();
    put_type(6871, 14, P2I_TYPE_UNSIGNED8, "initialTCPFlags");
    put_template();
    begin_set(256);
    put_record(1, "one.example");
    put_record(2, "two.example");
    u16(0);
    end_set();
    begin_message(3);
    put_data(3, "three.example");
    begin_set(2);
    u16(2);
    u16(0);
    end_set();
}

Test(reader, cut_at_every_byte)
{
    put_everything();
    read_all();
    expect_clean(4);
    size_t border = wire.message;
    for (size_t size = 0; size < wire.size; size++) {
        read_all_of(wire.bytes, size);
        enum p2i_result expected = size == 0 || size == border ? P2I_END : P2I_DAMAGED;
        cr_assert_eq(seen.result, expected, "at %zu", size);
        cr_assert_eq(seen.counts.records, size < border ? 0 : 3);
        cr_assert_eq(seen.defect_count, 0);
    }
}

Test(reader, sets_cut_at_every_byte)
{
    /* By its length the message ends sooner: all but the last set are complete. */
    put_everything();
    wire.size = wire.message;
    for (size_t size = 16; size < wire.size; size++) {
        set_u16(2, size);
        read_all_of(wire.bytes, size);
        cr_assert_eq(seen.result, P2I_END);
        cr_assert_leq(seen.defect_count, 1);
    }
}

Test(reader, every_byte_changed)
{
    put_everything();
    for (size_t i = 0; i < wire.size; i++) {
        static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
        uint8_t kept = wire.bytes[i];
        for (size_t j = 0; j < sizeof(values); j++) {
            wire.bytes[i] = values[j];
            read_all();
            cr_assert(seen.result == P2I_END || seen.result == P2I_DAMAGED);
            cr_assert_leq(seen.counts.records, 64);
        }
        wire.bytes[i] = kept;
    }
}

static void write_file(char *path, bool packed, size_t size_of_packed)
{
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    if (packed) {
        gzFile out = gzdopen(dup(file), "wb");
        cr_assert_eq(gzwrite(out, wire.bytes, (unsigned)wire.size), (int)wire.size);
        cr_assert_eq(gzclose(out), Z_OK);
        if (size_of_packed > 0) {
            cr_assert_eq(ftruncate(file, (off_t)size_of_packed), 0);
        }
    } else {
        cr_assert_eq(write(file, wire.bytes, wire.size), (ssize_t)wire.size);
    }
    cr_assert_eq(close(file), 0);
}

static void read_file(const char *path)
{
    memset(&seen, 0, sizeof(seen));
    cr_assert_eq(p2i_reader_open(&seen.reader, path, on_defect, &seen, &seen.error), P2I_OK);
    struct p2i_read_record record;
    while (next(&record)) {
    }
    done();
}

Test(reader, files_plain_and_compressed)
{
    put_everything();
    for (int packed = 0; packed < 2; packed++) {
        char path[] = "/tmp/test_reader.XXXXXX";
        write_file(path, packed == 1, 0);
        read_file(path);
        (void)unlink(path);
        expect_clean(4);
    }
}

Test(reader, compressed_file_that_is_cut)
{
    char path[] = "/tmp/test_reader.XXXXXX";
    put_everything();
    write_file(path, true, 60);
    read_file(path);
    (void)unlink(path);
    cr_assert_eq(seen.result, P2I_DAMAGED);
    cr_assert_not_null(strstr(seen.error.text, "gzip"), "%s", seen.error.text);
}

Test(reader, files_that_cannot_be_read)
{
    struct p2i_reader *reader = NULL;
    struct p2i_error error;
    cr_assert_eq(p2i_reader_open(&reader, "/nonexistent/file", NULL, NULL, &error), P2I_INPUT);
    cr_assert_null(reader);
    cr_assert_not_null(strstr(error.text, "No such file"));
    cr_assert_eq(p2i_reader_open(&reader, "/", NULL, NULL, &error), P2I_OK);
    struct p2i_read_record record;
    cr_assert_eq(p2i_reader_next(reader, &record, &error), P2I_INPUT);
    p2i_reader_close(reader);
    p2i_reader_close(NULL);
}

Test(reader, defects_are_counted_without_a_listener)
{
    start();
    begin_set(5);
    u32(0);
    end_set();
    struct p2i_reader *reader = NULL;
    struct p2i_error error;
    struct p2i_read_record record;
    cr_assert_eq(p2i_reader_open_bytes(&reader, wire.bytes, wire.size, NULL, NULL, &error), P2I_OK);
    cr_assert_eq(p2i_reader_next(reader, &record, &error), P2I_END);
    cr_assert_eq(p2i_reader_counts(reader).defects, 1);
    p2i_reader_close(reader);
}
