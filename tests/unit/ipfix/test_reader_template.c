/* SPDX-License-Identifier: MIT */
#include "ipfix_wire.h"

Test(reader_template, padding_of_a_template_set)
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

Test(reader_template, options_with_scope)
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

Test(reader_template, options_with_a_wrong_scope)
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

Test(reader_template, withdrawal)
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

Test(reader_template, withdrawal_allows_redefinition)
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

Test(reader_template, withdrawal_of_all)
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

Test(reader_template, withdrawal_of_unknown_templates)
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

Test(reader_template, same_template_again_and_another_one)
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

Test(reader_template, domains_have_templates_of_their_own)
{
    start();
    put_template();
    begin_message(0);
    wire.bytes[wire.size - 1] = DOMAIN + 1;
    put_data(1, "a");
    read_all();
    expect_defect("not defined");
}

Test(reader_template, template_ids_under_256)
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

Test(reader_template, templates_that_are_cut)
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

Test(reader_template, records_of_no_bytes_do_not_loop)
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

Test(reader_template, lengths_against_the_type)
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

Test(reader_template, documented_addresses_of_16_bytes_are_no_defect)
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

Test(reader_template, names_from_type_records)
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

Test(reader_template, names_of_iana_and_reverse_elements)
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

Test(reader_template, all_names_of_iana_are_found)
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

Test(reader_template, withdrawing_all_over_and_over_is_cheap, .timeout = 20)
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

Test(reader_template, template_memory_is_limited, .timeout = 60)
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
