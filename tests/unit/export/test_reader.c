/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/view.h"
#include "pcap2ipfix/fields.h"
#include "pcap2ipfix/reader.h"

enum { ROOM = 1 << 20, DEFECTS = 64, DOMAIN = 7, TIME = 1700000000 };

/* Messages that are built byte by byte; lengths are filled in when a part is closed. */
struct wire {
    uint8_t bytes[ROOM];
    size_t size, message, set;
};

static struct wire wire;

struct seen {
    struct p2i_reader *reader;
    struct p2i_error error;
    enum p2i_result result;
    size_t defect_count;
    char defects[DEFECTS][256];
    uint64_t offsets[DEFECTS];
    struct p2i_reader_counts counts;
    uint64_t checksum; /* of all values, so that every byte is touched */
};

static struct seen seen;

static void u8(unsigned value)
{
    wire.bytes[wire.size++] = (uint8_t)value;
}

static void u16(unsigned value)
{
    u8(value >> 8);
    u8(value & 255);
}

static void u32(uint32_t value)
{
    u16(value >> 16);
    u16(value & 0xffff);
}

static void octets(const void *data, size_t size)
{
    memcpy(wire.bytes + wire.size, data, size);
    wire.size += size;
}

static void text(const char *string)
{
    u8((unsigned)strlen(string));
    octets(string, strlen(string));
}

static void set_u16(size_t at, size_t value)
{
    wire.bytes[at] = (uint8_t)(value >> 8);
    wire.bytes[at + 1] = (uint8_t)value;
}

static void begin_message(uint32_t sequence)
{
    wire.message = wire.size;
    u16(10);
    u16(16);
    u32(TIME);
    u32(sequence);
    u32(DOMAIN);
}

static void begin_set(unsigned id)
{
    wire.set = wire.size;
    u16(id);
    u16(0);
}

static void end_set(void)
{
    set_u16(wire.set + 2, wire.size - wire.set);
    set_u16(wire.message + 2, wire.size - wire.message);
}

/* Template 256: octetDeltaCount in 4 bytes, and a string of ours. */
static void put_template(void)
{
    begin_set(2);
    u16(256);
    u16(2);
    u16(1);
    u16(4);
    u16(0x8000 | 1005);
    u16(65535);
    u32(P2I_PEN);
    end_set();
}

static void put_record(uint32_t number, const char *host)
{
    u32(number);
    text(host);
}

static void put_data(uint32_t number, const char *host)
{
    begin_set(256);
    put_record(number, host);
    end_set();
}

static void start(void)
{
    memset(&wire, 0, sizeof(wire));
    begin_message(0);
}

static void on_defect(void *context, uint64_t offset, const char *message)
{
    struct seen *s = context;
    if (s->defect_count < DEFECTS) {
        s->offsets[s->defect_count] = offset;
        (void)snprintf(s->defects[s->defect_count], sizeof(s->defects[0]), "%s", message);
    }
    s->defect_count++;
}

static void open_bytes(const void *data, size_t size)
{
    memset(&seen, 0, sizeof(seen));
    seen.result = p2i_reader_open_bytes(&seen.reader, data, size, on_defect, &seen, &seen.error);
    cr_assert_eq(seen.result, P2I_OK);
}

static bool next(struct p2i_read_record *record)
{
    seen.result = p2i_reader_next(seen.reader, record, &seen.error);
    seen.counts = p2i_reader_counts(seen.reader);
    for (size_t i = 0; seen.result == P2I_OK && i < record->value_count; i++) {
        for (size_t j = 0; j < record->values[i].size; j++) {
            seen.checksum = seen.checksum * 31 + record->values[i].data[j];
        }
    }
    return seen.result == P2I_OK;
}

static void done(void)
{
    p2i_reader_close(seen.reader);
    seen.reader = NULL;
}

/* Reads all to the end, from a copy of exactly that size, so that ASan sees each byte too many. */
static void read_all_of(const void *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    cr_assert_not_null(copy);
    memcpy(copy, data, size);
    open_bytes(copy, size);
    struct p2i_read_record record;
    while (next(&record)) {
    }
    done();
    free(copy);
}

static void read_all(void)
{
    read_all_of(wire.bytes, wire.size);
}

static void expect_defect(const char *part)
{
    cr_assert_eq(seen.defect_count, 1, "%zu defects, first: %s", seen.defect_count,
                 seen.defects[0]);
    cr_assert_not_null(strstr(seen.defects[0], part), "%s", seen.defects[0]);
    cr_assert_eq(seen.counts.defects, 1);
}

static void expect_clean(unsigned records)
{
    cr_assert_eq(seen.defect_count, 0, "%s", seen.defects[0]);
    cr_assert_eq(seen.result, P2I_END);
    cr_assert_eq(seen.counts.records, records, "%u", (unsigned)seen.counts.records);
}

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

Test(reader, padding_of_a_template_set)
{
    start();
    begin_set(2);
    u16(256);
    u16(1);
    u16(4);
    u16(1);
    u16(0);
    end_set();
    read_all();
    expect_clean(0);
    u16(0);
    end_set();
    read_all();
    expect_defect("bytes of padding");
}

Test(reader, options_with_scope)
{
    start();
    begin_set(3);
    u16(257);
    u16(2);
    u16(1);
    u16(149);
    u16(4);
    u16(41);
    u16(8);
    end_set();
    begin_set(257);
    u32(DOMAIN);
    u32(0);
    u32(9);
    end_set();
    begin_message(1);
    put_template();
    put_data(1, "a");
    open_bytes(wire.bytes, wire.size);
    struct p2i_read_record record;
    cr_assert(next(&record));
    cr_assert(record.options);
    cr_assert_eq(record.scope_count, 1);
    cr_assert_eq(record.value_count, 2);
    cr_assert(next(&record));
    cr_assert_not(record.options);
    cr_assert_not(next(&record));
    expect_clean(2);
    done();
}

Test(reader, options_with_a_wrong_scope)
{
    start();
    begin_set(3);
    u16(257);
    u16(1);
    u16(0);
    u16(149);
    u16(4);
    end_set();
    read_all();
    expect_defect("no scope");
    set_u16(wire.set + 8, 2);
    read_all();
    expect_defect("2 scope fields of 1");
}

Test(reader, withdrawal)
{
    start();
    put_template();
    begin_set(2);
    u16(256);
    u16(0);
    end_set();
    read_all();
    expect_clean(0);
    cr_assert_eq(seen.counts.templates, 1);
    put_data(1, "a");
    read_all();
    expect_defect("template 256, which is not defined");
    cr_assert_eq(seen.offsets[0], wire.set);
}

Test(reader, withdrawal_allows_redefinition)
{
    start();
    put_template();
    begin_set(2);
    u16(256);
    u16(0);
    u16(256);
    u16(1);
    u16(4);
    u16(1);
    end_set();
    begin_set(256);
    u8(6);
    end_set();
    read_all();
    expect_clean(1);
}

Test(reader, withdrawal_of_all)
{
    start();
    put_template();
    begin_set(3); /* all options templates: template 256 stays */
    u16(3);
    u16(0);
    end_set();
    put_data(1, "a");
    read_all();
    expect_clean(1);
    begin_set(2);
    u16(2);
    u16(0);
    end_set();
    read_all();
    expect_clean(1);
    put_data(2, "b");
    read_all();
    expect_defect("not defined");
}

Test(reader, withdrawal_of_what_is_not_there)
{
    start();
    begin_set(2);
    u16(300);
    u16(0);
    end_set();
    read_all();
    expect_defect("withdrawal of template 300, which is not defined");
    start();
    put_template();
    begin_set(3);
    u16(256);
    u16(0);
    end_set();
    read_all();
    expect_defect("of the other kind");
}

Test(reader, same_template_again_and_another_one)
{
    start();
    put_template();
    put_template();
    read_all();
    expect_clean(0);
    begin_set(2);
    u16(256);
    u16(1);
    u16(4);
    u16(1);
    end_set();
    read_all();
    expect_defect("redefined");
}

Test(reader, domains_have_templates_of_their_own)
{
    start();
    put_template();
    begin_message(0);
    wire.bytes[wire.size - 1] = DOMAIN + 1;
    put_data(1, "a");
    read_all();
    expect_defect("not defined");
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
    expect_defect("sequence number 4294967295 where 0 is due");
}

Test(reader, skipped_records_are_not_told_twice)
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

Test(reader, template_ids_under_256)
{
    start();
    begin_set(2);
    u16(255);
    u16(1);
    u16(4);
    u16(1);
    u16(256);
    u16(1);
    u16(4);
    u16(1);
    end_set();
    begin_set(256);
    u8(17);
    end_set();
    read_all();
    expect_defect("id 255 is under 256");
    cr_assert_eq(seen.counts.records, 1);
}

Test(reader, templates_that_are_cut)
{
    start();
    begin_set(2);
    u16(256);
    u16(65535);
    u16(1);
    u16(4);
    end_set();
    read_all();
    expect_defect("template 256 is cut");
    start();
    begin_set(2);
    u16(256);
    u16(1);
    u16(0x8001);
    u16(4);
    end_set();
    read_all();
    expect_defect("template 256 is cut");
    start();
    begin_set(3);
    u16(256);
    u16(1);
    end_set();
    read_all();
    expect_defect("template 256 is cut");
}

Test(reader, records_of_no_bytes_do_not_loop)
{
    start();
    begin_set(2);
    u16(256);
    u16(1);
    u16(210);
    u16(0);
    end_set();
    read_all();
    expect_defect("records of 0 bytes");
    begin_set(256);
    u32(0);
    end_set();
    read_all();
    cr_assert_eq(seen.defect_count, 2);
    cr_assert_eq(seen.counts.records, 0);
    cr_assert_eq(seen.result, P2I_END);
}

Test(reader, lengths_against_the_type)
{
    static const unsigned fields[][2] = {{1, 9},  {1, 65535}, {4, 2},   {8, 16},
                                         {27, 4}, {56, 8},    {150, 8}, {153, 4},
                                         {4, 0},  {311, 2},   {276, 2}, {156, 4}};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        start();
        begin_set(2);
        u16(256);
        u16(2);
        u16(fields[i][0]);
        u16(fields[i][1]);
        u16(4);
        u16(1);
        end_set();
        read_all();
        expect_defect("cannot have length");
    }
}

Test(reader, documented_addresses_of_16_bytes_are_no_defect)
{
    start();
    begin_set(2);
    u16(256);
    u16(2);
    for (unsigned id = 1003; id <= 1004; id++) {
        u16(0x8000 | id);
        u16(16);
        u32(P2I_PEN);
    }
    end_set();
    read_all();
    expect_clean(0);
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

static void put_type_template(void)
{
    begin_set(3);
    u16(300);
    u16(4);
    u16(2);
    u16(346);
    u16(4);
    u16(303);
    u16(2);
    u16(339);
    u16(1);
    u16(341);
    u16(65535);
    end_set();
}

static void put_type(uint32_t pen, unsigned id, unsigned type, const char *name)
{
    begin_set(300);
    u32(pen);
    u16(id);
    u8(type);
    text(name);
    end_set();
}

Test(reader, names_from_type_records)
{
    start();
    put_type_template();
    put_type(6871, 14, P2I_TYPE_UNSIGNED8, "initialTCPFlags");
    put_type(6871, 15, 200, "oddType");
    put_type(6871, 16, P2I_TYPE_STRING, "evil\x1b[2J");
    put_type(6871, 14, P2I_TYPE_STRING, "later");
    put_type(P2I_PEN, 1005, P2I_TYPE_UNSIGNED8, "notOurs");
    open_bytes(wire.bytes, wire.size);
    int type = -1;
    cr_assert_null(p2i_reader_element(seen.reader, 6871, 14, &type));
    cr_assert_eq(type, P2I_TYPE_OCTETS);
    struct p2i_read_record record;
    while (next(&record)) {
        cr_assert(record.options);
    }
    expect_clean(5);
    cr_assert_str_eq(p2i_reader_element(seen.reader, 6871, 14, &type), "initialTCPFlags");
    cr_assert_eq(type, P2I_TYPE_UNSIGNED8);
    cr_assert_str_eq(p2i_reader_element(seen.reader, 6871, 15, &type), "oddType");
    cr_assert_eq(type, P2I_TYPE_OCTETS);
    cr_assert_null(p2i_reader_element(seen.reader, 6871, 16, &type));
    cr_assert_str_eq(p2i_reader_element(seen.reader, P2I_PEN, 1005, &type), "HOSTNAME");
    cr_assert_eq(type, P2I_TYPE_STRING);
    done();
}

Test(reader, names_of_iana_and_reverse_elements)
{
    start();
    begin_set(2);
    u16(256);
    u16(1);
    u16(0x8000 | 85);
    u16(8);
    u32(29305);
    end_set();
    open_bytes(wire.bytes, wire.size);
    struct p2i_read_record record;
    cr_assert_not(next(&record));
    expect_clean(0);
    int type = -1;
    cr_assert_str_eq(p2i_reader_element(seen.reader, 0, 136, &type), "flowEndReason");
    cr_assert_eq(type, P2I_TYPE_UNSIGNED8);
    cr_assert_str_eq(p2i_reader_element(seen.reader, 29305, 85, &type), "reverseOctetTotalCount");
    cr_assert_eq(type, P2I_TYPE_UNSIGNED64);
    cr_assert_null(p2i_reader_element(seen.reader, 29305, 86, &type));
    cr_assert_null(p2i_reader_element(seen.reader, 0, 32767, &type));
    done();
}

Test(reader, all_names_of_iana_are_found)
{
    /* The table is searched by halves: a row out of order would be lost. */
    open_bytes("", 0);
    int type = 0;
    unsigned found = 0;
    for (unsigned id = 0; id < 0x8000; id++) {
        found += p2i_reader_element(seen.reader, 0, (uint16_t)id, &type) != NULL;
    }
    cr_assert_geq(found, 230);
    done();
}

Test(reader, what_is_not_ipfix)
{
    read_all_of("GET / HTTP/1.1\r\n\r\n", 18);
    cr_assert_eq(seen.result, P2I_DAMAGED);
    cr_assert_not_null(strstr(seen.error.text, "version 18245 where 10 belongs"), "%s",
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
    /* The message says that it ends sooner: all but the last set are whole. */
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

Test(reader, withdrawing_all_over_and_over_is_cheap, .timeout = 20)
{
    enum { PAGES = 255, TIMES = 16000, MESSAGES = 15 };
    memset(&wire, 0, sizeof(wire));
    begin_message(0);
    begin_set(3); /* an options template in each page */
    for (unsigned page = 1; page <= PAGES; page++) {
        u16(page << 8);
        u16(1);
        u16(1);
        u16(149);
        u16(4);
    }
    end_set();
    for (unsigned i = 0; i < MESSAGES; i++) {
        begin_message(0);
        begin_set(2);
        for (unsigned j = 0; j < TIMES / 4; j++) {
            u16(257);
            u16(1);
            u16(4);
            u16(1);
            u16(2);
            u16(0);
        }
        end_set();
    }
    read_all();
    expect_clean(0);
}

Test(reader, template_memory_is_limited, .timeout = 60)
{
    /* 64 KiB of wire become 128 KiB or so of fields; a gzip stream of it would be tiny. */
    enum { FIELDS = 16000, MESSAGES = 700 };
    memset(&wire, 0, sizeof(wire));
    begin_message(0);
    begin_set(2);
    u16(256);
    u16(FIELDS);
    for (unsigned i = 0; i < FIELDS; i++) {
        u16(4);
        u16(1);
    }
    end_set();
    uint8_t *all = malloc(wire.size * MESSAGES);
    cr_assert_not_null(all);
    for (size_t i = 0; i < MESSAGES; i++) {
        set_u16(20, 256 + i);
        memcpy(all + i * wire.size, wire.bytes, wire.size);
    }
    read_all_of(all, wire.size * MESSAGES);
    free(all);
    cr_assert_eq(seen.result, P2I_END);
    cr_assert_gt(seen.defect_count, 0);
    cr_assert_not_null(strstr(seen.defects[0], "too many templates"));
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

Test(reader, files_plain_and_packed)
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

Test(reader, packed_file_that_is_cut)
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
