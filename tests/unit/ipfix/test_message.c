/* SPDX-License-Identifier: MIT */
/* Messages against RFC 7011 section 3, read back by a small reader of this test's own. */
#include <criterion/criterion.h>

#include "base/counts.h"
#include "helpers/samples.h"
#include "ipfix/message.h"
#include "ipfix/type_records.h"
#include "pcap2ipfix/cursor.h"
#include "record/decode.h"

enum { SETS_MAX = 4096, DOMAINS_MAX = 8 };

struct set {
    uint32_t domain;
    uint32_t time_s; /* of its message */
    uint16_t id;
    size_t records;
};

/* What came out, checked on the way. */
struct seen {
    size_t messages;
    size_t largest;
    size_t set_count;
    struct set sets[SETS_MAX];
    uint32_t sequence[DOMAINS_MAX];
    bool template_known[DOMAINS_MAX][2048];
    int fail_after; /* messages; 0: never */
};

static size_t count_type_records(struct p2i_cursor *body)
{
    static const uint16_t lengths[] = {4, 2, 1, 1, 2, 1, 8, P2I_VARIABLE, P2I_VARIABLE};
    size_t count = 0;
    while (body->rest.size > 3) {
        for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
            (void)p2i_take_value(body, lengths[i]);
        }
        cr_assert_not(body->failed);
        count++;
    }
    return count;
}

static size_t count_records(uint16_t id, struct p2i_cursor *body)
{
    if (id == P2I_TYPE_TEMPLATE_ID) {
        return count_type_records(body);
    }
    const struct p2i_template *of = p2i_template_by_id(id);
    cr_assert_not_null(of);
    size_t count = 0;
    while (body->rest.size > 3) {
        struct p2i_view values[P2I_FIELDS_MAX];
        size_t size = p2i_decode_record(of, body->rest, values);
        cr_assert_gt(size, 0);
        p2i_skip(body, size);
        count++;
    }
    return count;
}

static void check_padding(const struct p2i_cursor *body)
{
    cr_assert_lt(body->rest.size, 4);
    for (size_t i = 0; i < body->rest.size; i++) {
        cr_assert_eq(body->rest.data[i], 0);
    }
}

static void read_template(struct seen *seen, uint32_t domain, struct p2i_cursor *body)
{
    uint16_t id = p2i_be16(body);
    const struct p2i_template *of = p2i_template_by_id(id);
    cr_assert_not_null(of);
    cr_assert_eq(p2i_be16(body), of->field_count);
    for (size_t i = 0; i < of->field_count; i++) {
        const struct p2i_element *element = of->fields[i].element;
        cr_assert_eq(p2i_be16(body), element->id | (element->pen != 0 ? 0x8000 : 0));
        cr_assert_eq(p2i_be16(body), of->fields[i].length);
        cr_assert(element->pen == 0 || p2i_be32(body) == element->pen);
    }
    cr_assert_not(seen->template_known[domain][id], "a template is sent once");
    seen->template_known[domain][id] = true;
}

static bool is_data(uint16_t set_id)
{
    return set_id >= 256;
}

static void read_set(struct seen *seen, uint32_t domain, uint32_t time_s, struct p2i_cursor *sets)
{
    uint16_t id = p2i_be16(sets);
    uint16_t length = p2i_be16(sets);
    cr_assert_geq(length, 4);
    struct p2i_cursor body = p2i_sub(sets, length - 4U);
    cr_assert_not(body.failed);
    size_t records = 0;
    if (id == 2) {
        read_template(seen, domain, &body);
        cr_assert_eq(body.rest.size, 0, "each template has a set of its own");
    } else if (id == 3) {
        seen->template_known[domain][P2I_TYPE_TEMPLATE_ID] = true;
        p2i_skip(&body, p2i_type_template().size);
        cr_assert_eq(body.rest.size, 0, "template sets are not padded");
    } else {
        cr_assert(seen->template_known[domain][id], "set %u in front of its template", id);
        records = count_records(id, &body);
        cr_assert_gt(records, 0);
        seen->sequence[domain] += (uint32_t)records;
    }
    check_padding(&body);
    cr_assert_lt(seen->set_count, SETS_MAX);
    seen->sets[seen->set_count++] = (struct set){domain, time_s, id, records};
}

static enum p2i_result take(void *context, struct p2i_view message, struct p2i_error *error)
{
    struct seen *seen = context;
    struct p2i_cursor cursor = p2i_cursor_of(message);
    if (seen->fail_after > 0 && seen->messages + 1 >= (size_t)seen->fail_after) {
        return p2i_fail(error, P2I_OUTPUT, "full");
    }
    cr_assert_eq(p2i_be16(&cursor), 10);
    cr_assert_eq(p2i_be16(&cursor), message.size);
    uint32_t time_s = p2i_be32(&cursor);
    uint32_t sequence = p2i_be32(&cursor);
    uint32_t domain = p2i_be32(&cursor);
    cr_assert_lt(domain, DOMAINS_MAX);
    cr_assert_eq(sequence, seen->sequence[domain]);
    while (cursor.rest.size > 0) {
        uint16_t id = p2i_load_be16(cursor.rest.data);
        read_set(seen, domain, time_s, &cursor);
        cr_assert_not(cursor.failed);
        cr_assert(!is_data(id) || (message.size - cursor.rest.size) % 4 == 0, "padding");
    }
    seen->messages++;
    seen->largest = message.size > seen->largest ? message.size : seen->largest;
    return P2I_OK;
}

static size_t records_in(const struct seen *seen, uint16_t id)
{
    size_t count = 0;
    for (size_t i = 0; i < seen->set_count; i++) {
        count += seen->sets[i].id == id ? seen->sets[i].records : 0;
    }
    return count;
}

static size_t element_count(void)
{
    size_t all;
    size_t ours = 0;
    const struct p2i_element *elements = p2i_elements(&all);
    for (size_t i = 0; i < all; i++) {
        ours += elements[i].pen == P2I_PEN || elements[i].pen == P2I_PEN_REVERSE;
    }
    return ours;
}

struct fixture {
    struct seen *seen;
    struct p2i_messages *messages;
    struct p2i_buffer buffer;
    struct p2i_error error;
};

static struct fixture begin(bool element_types, uint16_t limit)
{
    struct p2i_ipfix_settings settings = {.element_types = element_types, .message_limit = limit};
    struct fixture fixture = {.seen = calloc(1, sizeof *fixture.seen)};
    fixture.messages =
        p2i_messages_new(&settings, (struct p2i_message_receiver){take, fixture.seen});
    cr_assert_not_null(fixture.messages);
    return fixture;
}

static void add(struct fixture *fixture, enum p2i_record_kind kind, uint8_t ip_version,
                uint32_t time_s, size_t octets_size)
{
    fixture->buffer.size = 0;
    struct p2i_record record =
        sample_record(&fixture->buffer, kind, ip_version, time_s, octets_size);
    cr_assert_eq(p2i_messages_add(fixture->messages, &record, &fixture->error), P2I_OK);
}

static void flush(struct fixture *fixture, uint32_t time_s)
{
    cr_assert_eq(p2i_messages_flush(fixture->messages, time_s, &fixture->error), P2I_OK);
}

static void end(struct fixture *fixture)
{
    p2i_messages_free(fixture->messages);
    p2i_buffer_free(&fixture->buffer);
    free(fixture->seen);
}

Test(message, sets_are_runs_of_one_template)
{
    struct fixture fixture = begin(false, 65535);
    static const enum p2i_record_kind kinds[] = {P2I_RECORD_SIP, P2I_RECORD_SIP, P2I_RECORD_MAIL,
                                                 P2I_RECORD_SIP, P2I_RECORD_MAIL};
    for (size_t i = 0; i < 5; i++) {
        add(&fixture, kinds[i], 4, 1000, 0);
    }
    flush(&fixture, 0);
    static const uint16_t ids[] = {2, 260, 2, 263, 260, 263};
    static const size_t records[] = {0, 2, 0, 1, 1, 1};
    cr_assert_eq(fixture.seen->set_count, 6);
    for (size_t i = 0; i < 6; i++) {
        cr_expect_eq(fixture.seen->sets[i].id, ids[i]);
        cr_expect_eq(fixture.seen->sets[i].records, records[i]);
    }
    cr_expect_eq(fixture.seen->messages, 1);
    end(&fixture);
}

Test(message, every_kind_in_its_domain)
{
    struct fixture fixture = begin(true, 65535);
    for (int kind = 0; kind < P2I_RECORD_KINDS; kind++) {
        add(&fixture, (enum p2i_record_kind)kind, 4, 1000, 0);
        add(&fixture, (enum p2i_record_kind)kind, 6, 1000, 0);
    }
    flush(&fixture, 0);
    cr_expect_eq(fixture.seen->messages, 4);
    for (int kind = 0; kind < P2I_RECORD_KINDS; kind++) {
        for (uint8_t version = 4; version <= 6; version = (uint8_t)(version + 2)) {
            const struct p2i_template *of = p2i_template_of((enum p2i_record_kind)kind, version);
            cr_expect(fixture.seen->template_known[of->domain][of->id]);
            cr_expect_eq(records_in(fixture.seen, of->id), 1);
        }
    }
    cr_expect_eq(records_in(fixture.seen, P2I_TYPE_TEMPLATE_ID), 4 * element_count());
    cr_expect_eq(fixture.seen->sequence[1], 6 + element_count());
    cr_expect_eq(fixture.seen->sequence[4], 2 + element_count());
    cr_expect_eq(fixture.seen->sets[0].id, 3, "type records come first");
    cr_expect_eq(fixture.seen->sets[1].id, P2I_TYPE_TEMPLATE_ID);
    end(&fixture);
}

Test(message, export_time_is_that_of_the_newest_record)
{
    struct fixture fixture = begin(false, 65535);
    add(&fixture, P2I_RECORD_DNS, 4, 1000, 60000);
    add(&fixture, P2I_RECORD_DNS, 4, 3000, 3000); /* joins the first */
    add(&fixture, P2I_RECORD_DNS, 4, 2000, 1000);
    add(&fixture, P2I_RECORD_DNS, 4, 1500, 60000);
    flush(&fixture, 9999);
    cr_assert_eq(fixture.seen->messages, 2);
    cr_assert_eq(fixture.seen->set_count, 3);
    cr_expect_eq(fixture.seen->sets[1].time_s, 3000);
    cr_expect_eq(fixture.seen->sets[1].records, 3);
    cr_expect_eq(fixture.seen->sets[2].time_s, 1500);
    end(&fixture);
}

/* Record sizes that meet the limit from both sides, with every padding. */
Test(message, no_message_is_longer_than_the_limit)
{
    static const uint16_t limits[] = {65535, 65532, 1400, 1401, 1402, 1403, 512};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct fixture fixture = begin(true, limits[i]);
        size_t count = 0;
        size_t most = limits[i] > 1000 ? 700 : 250;
        for (size_t size = 0; size < most; size++) {
            add(&fixture, P2I_RECORD_DNS, size % 50 == 0 ? 4 : 6, 1000, size);
            add(&fixture, P2I_RECORD_CLICKSTREAM, 4, 1000, 0);
            count++;
        }
        flush(&fixture, 0);
        cr_expect_leq(fixture.seen->largest, limits[i]);
        cr_expect_geq(fixture.seen->largest, limits[i] > 1000 ? limits[i] - 300 : 300);
        cr_expect_eq(records_in(fixture.seen, 265) + records_in(fixture.seen, 521), count);
        cr_expect_eq(records_in(fixture.seen, 257), count);
        end(&fixture);
    }
}

Test(message, a_record_over_the_limit_has_a_message_of_its_own)
{
    struct fixture fixture = begin(false, 1400);
    add(&fixture, P2I_RECORD_DNS, 4, 1000, 10);
    add(&fixture, P2I_RECORD_DNS, 4, 1000, 5000);
    add(&fixture, P2I_RECORD_DNS, 4, 1000, 65535); /* the encoder makes it 65,000 */
    add(&fixture, P2I_RECORD_DNS, 4, 1000, 10);
    flush(&fixture, 0);
    cr_expect_eq(fixture.seen->messages, 4);
    cr_expect_eq(records_in(fixture.seen, 265), 4);
    end(&fixture);
}

Test(message, more_than_one_message)
{
    struct fixture fixture = begin(true, 65535);
    for (uint32_t i = 0; i < 5000; i++) {
        add(&fixture, i % 3 == 0 ? P2I_RECORD_SIP : P2I_RECORD_DNS, i % 2 == 0 ? 4 : 6, i, 100);
    }
    flush(&fixture, 0);
    cr_expect_gt(fixture.seen->messages, 10);
    cr_expect_gt(fixture.seen->largest, 65000);
    cr_expect_eq(fixture.seen->sequence[3] + fixture.seen->sequence[4], 5000 + 2 * element_count());
    end(&fixture);
}

Test(message, without_records)
{
    struct fixture fixture = begin(true, 65535);
    flush(&fixture, 1234);
    cr_assert_eq(fixture.seen->messages, 1);
    cr_assert_eq(fixture.seen->set_count, 2);
    cr_expect_eq(fixture.seen->sets[1].records, element_count());
    cr_expect_eq(fixture.seen->sets[1].domain, 1);
    cr_expect_eq(fixture.seen->sets[1].time_s, 1234);
    flush(&fixture, 1234);
    cr_expect_eq(fixture.seen->messages, 1, "nothing more to flush");
    end(&fixture);

    fixture = begin(false, 65535);
    flush(&fixture, 1234);
    cr_expect_eq(fixture.seen->messages, 1);
    cr_expect_eq(fixture.seen->largest, 16);
    end(&fixture);
}

Test(message, an_error_of_the_receiver_comes_back)
{
    struct fixture fixture = begin(false, 1400);
    fixture.seen->fail_after = 2;
    enum p2i_result result = P2I_OK;
    for (int i = 0; i < 20 && result == P2I_OK; i++) {
        fixture.buffer.size = 0;
        struct p2i_record record = sample_record(&fixture.buffer, P2I_RECORD_DNS, 4, 1000, 500);
        result = p2i_messages_add(fixture.messages, &record, &fixture.error);
    }
    cr_expect_eq(result, P2I_OUTPUT);
    cr_expect_str_eq(fixture.error.text, "full");
    end(&fixture);
}

Test(message, a_record_that_fits_nowhere_is_refused)
{
    struct fixture fixture = begin(false, 65535);
    static uint8_t bytes[65535];
    struct p2i_record record = {
        .bytes = p2i_view_of(bytes, sizeof bytes), .kind = P2I_RECORD_DNS, .ip_version = 4};
    cr_expect_eq(p2i_messages_add(fixture.messages, &record, &fixture.error), P2I_INTERNAL);
    end(&fixture);
}

/* RFC 5610: what a reader must be able to learn. */
Test(message, type_records)
{
    size_t count;
    const struct p2i_element *elements = p2i_elements(&count);
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[P2I_TYPE_RECORD_MAX];
        struct p2i_cursor cursor =
            p2i_cursor_of(p2i_view_of(bytes, p2i_type_record(&elements[i], bytes)));
        cr_expect_eq(p2i_be32(&cursor), elements[i].pen);
        cr_expect_eq(p2i_be16(&cursor), elements[i].id);
        cr_expect_eq(p2i_u8(&cursor), elements[i].type);
        cr_expect_eq(p2i_u8(&cursor), elements[i].semantics);
        cr_expect_eq(p2i_be16(&cursor), 0);
        cr_expect_eq(p2i_u8(&cursor), 0);
        uint64_t end = p2i_be64(&cursor);
        cr_expect_eq(end, elements[i].type == P2I_TYPE_UNSIGNED8    ? 255
                          : elements[i].type == P2I_TYPE_UNSIGNED16 ? 65535
                          : elements[i].type == P2I_TYPE_UNSIGNED32 ? UINT32_MAX
                          : elements[i].type == P2I_TYPE_UNSIGNED64 ? UINT64_MAX
                                                                    : 0);
        struct p2i_view name = p2i_take_value(&cursor, P2I_VARIABLE);
        struct p2i_view meaning = p2i_take_value(&cursor, P2I_VARIABLE);
        cr_expect(p2i_view_equals(name, p2i_view_of(elements[i].name, strlen(elements[i].name))));
        cr_expect(p2i_view_equals(meaning,
                                  p2i_view_of(elements[i].meaning, strlen(elements[i].meaning))));
        cr_expect_not(cursor.failed);
        cr_expect_eq(cursor.rest.size, 0);
    }
}
