/* SPDX-License-Identifier: MIT */
/* Records of several readers into one row of messages. */
#include "ipfix_wire.h"

#include "base/put.h"
#include "ipfix/relay.h"
#include "pcap2ipfix/cursor.h"

/* Relays records and reads the result. */
static uint8_t written[ROOM];
static size_t written_size;

static enum p2i_result take(void *context, struct p2i_view message, struct p2i_error *error)
{
    (void)context;
    (void)error;
    memcpy(written + written_size, message.data, message.size);
    written_size += message.size;
    return P2I_OK;
}

static struct p2i_messages *new_messages(void)
{
    static const struct p2i_ipfix_settings settings = {.message_limit = 65535};
    written_size = 0;
    return p2i_messages_new(&settings, (struct p2i_message_receiver){take, NULL, NULL});
}

/* A message whose template 256 has one field `id` of `length` bytes, and `count` records of it. */
static struct p2i_view make(uint16_t template, uint16_t id, uint16_t length, unsigned count)
{
    wire.size = 0;
    begin_message(0);
    begin_set(2);
    u16(template);
    u16(1);
    u16(id);
    u16(length);
    end_set();
    begin_set(template);
    for (unsigned i = 0; i < count * length; i++) {
        u8(i & 0x7f);
    }
    end_set();
    return p2i_view_of(wire.bytes, wire.size);
}

static size_t feed(struct p2i_reader *reader, struct p2i_relay *relay,
                   struct p2i_messages *messages, struct p2i_view message)
{
    struct p2i_read_record record;
    struct p2i_error error;
    size_t count = 0;
    p2i_reader_feed(reader, message);
    while (p2i_reader_next(reader, &record, &error) == P2I_OK) {
        struct p2i_raw_record raw = p2i_reader_raw(reader);
        cr_assert_eq(p2i_relay_record(relay, messages, &raw, &error), P2I_OK);
        count++;
    }
    return count;
}

/* Values of element `id` with `size` bytes in what was written, which must be without defect. */
static size_t count_written(uint16_t id, size_t size)
{
    struct p2i_reader *reader;
    struct p2i_read_record record;
    struct p2i_error error;
    size_t count = 0;
    cr_assert_eq(p2i_reader_open_bytes(&reader, written, written_size, NULL, NULL, &error), P2I_OK);
    while (p2i_reader_next(reader, &record, &error) == P2I_OK) {
        count += record.values[0].id == id && record.values[0].size == size;
    }
    cr_expect_eq(p2i_reader_counts(reader).defects, 0);
    p2i_reader_close(reader);
    return count;
}

Test(relay, templates_that_are_alike_are_one_and_others_move)
{
    struct p2i_messages *messages = new_messages();
    struct p2i_reader *readers[3];
    struct p2i_relay relays[3] = {0};
    struct p2i_error error;
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(p2i_reader_open_messages(&readers[i], NULL, NULL, &error), P2I_OK);
    }
    cr_expect_eq(feed(readers[0], &relays[0], messages, make(256, 7, 2, 3)), 3);
    cr_expect_eq(feed(readers[1], &relays[1], messages, make(256, 11, 2, 4)), 4);
    cr_expect_eq(feed(readers[2], &relays[2], messages, make(300, 7, 2, 5)), 5);
    cr_expect_eq(feed(readers[1], &relays[1], messages, make(257, 4, 1, 6)), 6);
    cr_expect_eq(feed(readers[0], &relays[0], messages, make(256, 7, 2, 1)), 1);
    cr_assert_eq(p2i_messages_flush(messages, 0, &error), P2I_OK);
    cr_expect_eq(count_written(7, 2), 9);
    cr_expect_eq(count_written(11, 2), 4);
    cr_expect_eq(count_written(4, 1), 6);
    for (int i = 0; i < 3; i++) {
        p2i_reader_close(readers[i]);
    }
    p2i_messages_free(messages);
}

Test(relay, a_template_that_changes_in_a_reader_gets_another_id)
{
    struct p2i_messages *messages = new_messages();
    struct p2i_reader *reader;
    struct p2i_relay relay = {0};
    struct p2i_error error;
    cr_assert_eq(p2i_reader_open_messages(&reader, NULL, NULL, &error), P2I_OK);
    for (unsigned round = 0; round < 50; round++) {
        cr_expect_eq(feed(reader, &relay, messages, make(256, 7, 2, 2)), 2);
        cr_expect_eq(feed(reader, &relay, messages, make(256, 11, 2, 3)), 3);
    }
    cr_assert_eq(p2i_messages_flush(messages, 0, &error), P2I_OK);
    cr_expect_eq(count_written(7, 2), 100);
    cr_expect_eq(count_written(11, 2), 150);
    p2i_reader_close(reader);
    p2i_messages_free(messages);
}

/* More templates than a relay remembers, again and again, some of them under one id. */
Test(relay, many_templates)
{
    enum { TEMPLATES = 700, ROUNDS = 3 };
    struct p2i_messages *messages = new_messages();
    struct p2i_reader *reader;
    struct p2i_relay relay = {0};
    struct p2i_error error;
    cr_assert_eq(p2i_reader_open_messages(&reader, NULL, NULL, &error), P2I_OK);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (uint16_t i = 0; i < TEMPLATES; i++) {
            uint16_t length = (uint16_t)(i / 2 + 1);
            cr_expect_eq(
                feed(reader, &relay, messages, make((uint16_t)(256 + i / 2), 210, length, 1)), 1);
        }
    }
    cr_assert_eq(p2i_messages_flush(messages, 0, &error), P2I_OK);
    for (uint16_t length = 1; length <= TEMPLATES / 2; length++) {
        cr_expect_eq(count_written(210, length), 2 * ROUNDS, "%u bytes", length);
    }
    p2i_reader_close(reader);
    p2i_messages_free(messages);
}

/* Over UDP templates are sent again and again. */
Test(relay, a_template_that_is_repeated_stays_the_same)
{
    struct p2i_reader *reader;
    struct p2i_read_record record;
    struct p2i_error error;
    cr_assert_eq(p2i_reader_open_messages(&reader, NULL, NULL, &error), P2I_OK);
    uint64_t serial = 0;
    for (int round = 0; round < 3; round++) {
        p2i_reader_feed(reader, make(256, 7, 2, 1));
        cr_assert_eq(p2i_reader_next(reader, &record, &error), P2I_OK);
        uint64_t found = p2i_reader_raw(reader).template->serial;
        cr_expect(round == 0 || found == serial);
        serial = found;
    }
    p2i_reader_feed(reader, make(256, 11, 2, 1));
    cr_assert_eq(p2i_reader_next(reader, &record, &error), P2I_OK);
    cr_expect_neq(p2i_reader_raw(reader).template->serial, serial);
    p2i_reader_close(reader);
}

Test(relay, options_records_stay_options_records)
{
    struct p2i_messages *messages = new_messages();
    struct p2i_reader *reader;
    struct p2i_relay relay = {0};
    struct p2i_error error;
    struct p2i_read_record record;
    wire.size = 0;
    begin_message(0);
    begin_set(3);
    u16(400);
    u16(2);
    u16(1);
    u16(149);
    u16(4);
    u16(0x8000 | 5);
    u16(P2I_VARIABLE);
    u32(6871);
    end_set();
    begin_set(400);
    u32(9);
    text("hello");
    end_set();
    cr_assert_eq(p2i_reader_open_messages(&reader, NULL, NULL, &error), P2I_OK);
    cr_expect_eq(feed(reader, &relay, messages, p2i_view_of(wire.bytes, wire.size)), 1);
    cr_assert_eq(p2i_messages_flush(messages, 0, &error), P2I_OK);
    p2i_reader_close(reader);
    cr_assert_eq(p2i_reader_open_bytes(&reader, written, written_size, NULL, NULL, &error), P2I_OK);
    cr_assert_eq(p2i_reader_next(reader, &record, &error), P2I_OK);
    cr_expect(record.options);
    cr_expect_eq(record.scope_count, 1);
    cr_expect_eq(record.template_id, 400);
    cr_expect_eq(record.domain, DOMAIN);
    cr_expect_eq(record.values[1].pen, 6871);
    cr_expect_eq(record.values[1].size, 5);
    cr_expect_eq(memcmp(record.values[1].data, "hello", 5), 0);
    cr_expect_eq(p2i_reader_next(reader, &record, &error), P2I_END);
    p2i_reader_close(reader);
    p2i_messages_free(messages);
}

/* A message with one record of one variable field that fills it. */
Test(relay, the_longest_record_of_all_goes_on)
{
    static uint8_t longest[65535];
    struct p2i_messages *messages = new_messages();
    struct p2i_reader *reader;
    struct p2i_relay relay = {0};
    struct p2i_error error;
    cr_assert_eq(p2i_reader_open_messages(&reader, NULL, NULL, &error), P2I_OK);
    cr_expect_eq(feed(reader, &relay, messages, make(256, 82, 1, 1)), 1);
    wire.size = 0;
    begin_message(0);
    begin_set(2);
    u16(300);
    u16(1);
    u16(82);
    u16(P2I_VARIABLE);
    end_set();
    cr_expect_eq(feed(reader, &relay, messages, p2i_view_of(wire.bytes, wire.size)), 0);
    memset(longest, 'x', sizeof longest);
    memcpy(longest, wire.bytes, 16);
    (void)p2i_put16(longest + 2, 65535);
    (void)p2i_put16(longest + 16, 300);
    (void)p2i_put16(longest + 18, 65519);
    longest[20] = 255;
    (void)p2i_put16(longest + 21, 65512);
    cr_expect_eq(feed(reader, &relay, messages, p2i_view_of(longest, sizeof longest)), 1);
    cr_assert_eq(p2i_messages_flush(messages, 0, &error), P2I_OK);
    cr_expect_eq(count_written(82, 65512), 1);
    p2i_reader_close(reader);
    p2i_messages_free(messages);
}

/* Templates of id 300 with other fields each time, until no id is left. */
Test(relay, endless_definitions_are_refused)
{
    struct p2i_messages *messages = new_messages();
    uint8_t record[12];
    struct p2i_error error;
    uint16_t id = 0;
    enum p2i_result result = P2I_OK;
    unsigned count = 0;
    for (; result == P2I_OK && count < 70000; count++) {
        uint8_t *at = p2i_put16(record, 300);
        at = p2i_put16(at, 2);
        at = p2i_put16(at, (uint16_t)(1 + count % 30000));
        at = p2i_put16(at, 4);
        at = p2i_put16(at, (uint16_t)(1 + count / 30000));
        (void)p2i_put16(at, 4);
        result =
            p2i_messages_define(messages, 1, 2, p2i_view_of(record, sizeof record), 0, &id, &error);
        written_size = 0;
    }
    cr_expect_eq(result, P2I_DAMAGED);
    cr_expect_eq(count, 65536 - 256 + 1);
    /* Other domains still can, and what is known stays known. */
    cr_expect_eq(
        p2i_messages_define(messages, 2, 2, p2i_view_of(record, sizeof record), 0, &id, &error),
        P2I_OK);
    cr_expect_eq(id, 300);
    cr_expect_eq(
        p2i_messages_define(messages, 2, 2, p2i_view_of(record, sizeof record), 0, &id, &error),
        P2I_OK);
    cr_expect_eq(id, 300);
    p2i_messages_free(messages);
}

Test(relay, more_domains_than_is_sane_are_refused)
{
    struct p2i_messages *messages = new_messages();
    static const uint8_t record[] = {1, 44, 0, 1, 0, 8, 0, 4};
    struct p2i_error error;
    uint16_t id = 0;
    uint32_t domain = 0;
    while (domain < 100000 &&
           p2i_messages_define(messages, domain, 2, p2i_view_of(record, sizeof record), 0, &id,
                               &error) == P2I_OK) {
        domain++;
    }
    cr_expect_eq(domain, 4096);
    cr_expect_eq(
        p2i_messages_define(messages, 7, 2, p2i_view_of(record, sizeof record), 0, &id, &error),
        P2I_OK);
    p2i_messages_free(messages);
}
