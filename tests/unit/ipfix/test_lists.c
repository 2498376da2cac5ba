/* SPDX-License-Identifier: MIT */
/* Lists in records (RFC 6313): which templates they use, what of them cannot be read, and that they
 * stay readable when their records go on. */
#include "ipfix_wire.h"

#include "base/put.h"
#include "ipfix/lists.h"
#include "ipfix/relay.h"
#include "pcap2ipfix/cursor.h"

enum { FLOW = 400, WORD = 401, TREE = 402, OPAQUE = 403 };

/* Templates of one field of variable length. */
static void put_list_template(unsigned id, uint32_t pen, unsigned element)
{
    begin_set(2);
    u16(id);
    u16(1);
    u16(element | (pen != 0 ? 0x8000U : 0));
    u16(P2I_VARIABLE);
    if (pen != 0) {
        u32(pen);
    }
    end_set();
}

/* A flow is any list, a word a string, a tree a subTemplateList. */
static void put_templates(unsigned flow_element)
{
    put_list_template(FLOW, 0, flow_element);
    put_list_template(WORD, 0, 82);
    put_list_template(TREE, 0, 292);
}

static void put_flow(const uint8_t *list, size_t size)
{
    begin_set(FLOW);
    u8(255);
    u16((unsigned)size);
    octets(list, size);
    end_set();
}

static void read_flow(unsigned flow_element, const uint8_t *list, size_t size)
{
    start();
    put_templates(flow_element);
    put_flow(list, size);
    read_all();
    cr_expect_eq(seen.result, P2I_END);
    cr_expect_eq(seen.counts.records, 1);
    cr_expect_eq(seen.losses.lists, seen.counts.defects);
}

#define LIST(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

/* 401 is 1, 145; 402 is 1, 146. */
Test(lists, good_ones_are_no_defect)
{
    read_flow(292, LIST(3, 1, 145, 2, 'a', 'b', 0, 1, 'c'));
    expect_clean(1);
    read_flow(292, LIST(3, 1, 146, 5, 3, 1, 145, 1, 'x', 3, 255, 1, 145));
    expect_clean(1);
    read_flow(293, LIST(3, 1, 145, 0, 6, 1, 'a', 1, 146, 0, 9, 4, 3, 1, 145, 0));
    expect_clean(1);
    read_flow(291, LIST(3, 0, 4, 0, 1, 6, 17));
    expect_clean(1);
    read_flow(291, LIST(3, 0x80 | 26, 0xd7, 255, 255, 0, 0, 0x1a, 0xd7, 1, 'a', 0));
    expect_clean(1);
    read_flow(291, LIST(3, 1, 36, 255, 255, 4, 3, 1, 145, 0, 3, 3, 1, 146));
    expect_clean(1);
}

Test(lists, empty_ones_need_no_template)
{
    read_flow(292, LIST(0));
    expect_defect("subTemplateList is cut");
    read_flow(292, LIST(255, 0, 0));
    expect_clean(1);
    read_flow(292, LIST(255, 9, 9));
    expect_clean(1);
    read_flow(293, LIST(255));
    expect_clean(1);
    read_flow(293, LIST(255, 9, 9, 0, 4));
    expect_clean(1);
    read_flow(291, LIST(255, 0, 4, 0, 0));
    expect_clean(1);
    start();
    put_templates(292);
    put_flow(wire.bytes, 0);
    read_all();
    expect_clean(1);
}

Test(lists, damage_is_reported_with_its_place)
{
    read_flow(292, LIST(3, 1, 145, 2, 'a', 'b', 3, 'c'));
    expect_defect("record of template 401 is cut by the end of its list");
    cr_expect_eq(seen.offsets[0], wire.size - 2);
    read_flow(292, LIST(3, 9, 9, 1));
    expect_defect("list of template 2313, which is not defined");
    read_flow(293, LIST(3, 1, 145, 0, 3));
    expect_defect("subTemplateMultiList is cut");
    read_flow(293, LIST(3, 1, 145, 0, 6, 1, 'a', 9, 9, 0, 5, 1, 1, 145, 0, 5, 0));
    expect_defect("list of template 2313, which is not defined");
    read_flow(293, LIST(3, 1, 145, 0, 7, 1, 'a', 0, 4));
    expect_defect("subTemplateMultiList is cut");
    read_flow(291, LIST(3, 0, 4, 0, 2, 6, 6, 6));
    expect_defect("basicList is cut");
    read_flow(291, LIST(3, 0, 4, 0, 0, 6));
    expect_defect("basicList is cut");
    read_flow(291, LIST(3, 0x80, 4, 0, 1, 0, 0));
    expect_defect("basicList is cut");
}

Test(lists, records_of_nothing_do_not_go_on_for_ever)
{
    start();
    put_templates(292);
    begin_set(2);
    u16(500);
    u16(1);
    u16(82);
    u16(0);
    end_set();
    put_flow(LIST(3, 1, 244, 1, 1));
    read_all();
    cr_expect_eq(seen.defect_count, 2);
    cr_expect_not_null(strstr(seen.defects[1], "list of template 500, whose records have 0 bytes"));
}

/* A tree so many lists deep, with a word in the last. */
static size_t make_tree(uint8_t *to, unsigned depth)
{
    uint8_t *end = to + 4096;
    uint8_t *at = end;
    *--at = 1;
    *--at = 145;
    *--at = 1;
    *--at = 3;
    at[3] = 0; /* an empty word */
    for (unsigned i = 1; i < depth; i++) {
        size_t size = (size_t)(end - at);
        at -= 6;
        at[0] = 3;
        at[1] = 1;
        at[2] = 146;
        at[3] = 255;
        (void)p2i_put16(at + 4, (uint16_t)size);
    }
    memmove(to, at, (size_t)(end - at));
    return (size_t)(end - at);
}

Test(lists, depth_is_bounded)
{
    static uint8_t tree[8192];
    for (unsigned depth = 1; depth < 100; depth++) {
        read_flow(292, tree, make_tree(tree, depth));
        if (depth <= P2I_LISTS_DEEP) {
            expect_clean(1);
        } else {
            expect_defect("lists within more than 16 lists");
        }
    }
}

/* Whatever a byte is, and wherever the list is cut. */
Test(lists, every_byte_and_every_end)
{
    static uint8_t list[8192];
    size_t size = make_tree(list, 4);
    static const unsigned kinds[] = {291, 292, 293};
    for (size_t kind = 0; kind < 3; kind++) {
        for (size_t cut = 0; cut <= size; cut++) {
            read_flow(kinds[kind], list, cut);
        }
        for (size_t at = 0; at < size; at++) {
            uint8_t kept = list[at];
            for (unsigned value = 0; value < 256; value++) {
                list[at] = (uint8_t)value;
                read_flow(kinds[kind], list, size);
            }
            list[at] = kept;
        }
    }
}

Test(lists, those_of_cert_are_known)
{
    start();
    put_templates(292);
    begin_set(2);
    u16(OPAQUE);
    u16(1);
    u16(0x8000 | 432); /* yafDPIList */
    u16(P2I_VARIABLE);
    u32(6871);
    end_set();
    begin_set(OPAQUE);
    u8(4);
    octets("\x03\x09\x09\x01", 4);
    end_set();
    read_all();
    expect_defect("list of template 2313, which is not defined");
}

Test(lists, a_type_record_behind_its_template_still_counts)
{
    start();
    put_type_template();
    put_list_template(OPAQUE, 32473, 5);
    begin_set(OPAQUE);
    u8(4);
    octets("\x03\x09\x09\x01", 4);
    end_set();
    put_type(32473, 5, P2I_TYPE_SUB_TEMPLATE_LIST, "exampleList");
    read_all();
    expect_clean(2);
    begin_message(2);
    begin_set(OPAQUE);
    u8(4);
    octets("\x03\x09\x09\x01", 4);
    end_set();
    read_all();
    expect_defect("list of template 2313, which is not defined");
}

/* Relays. */

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

/* What is in `wire` goes on. */
static void relay_wire(struct p2i_messages *messages)
{
    struct p2i_reader *reader;
    struct p2i_relay relay = {0};
    struct p2i_read_record record;
    struct p2i_error error;
    cr_assert_eq(p2i_reader_open_bytes(&reader, wire.bytes, wire.size, NULL, NULL, &error), P2I_OK);
    while (p2i_reader_next(reader, &record, &error) == P2I_OK) {
        struct p2i_raw_record raw = p2i_reader_raw(reader);
        cr_assert_eq(p2i_relay_record(&relay, messages, &raw, &error), P2I_OK, "%s", error.text);
    }
    p2i_reader_close(reader);
    p2i_relay_free(&relay);
}

static struct p2i_messages *begin_relays(void)
{
    static const struct p2i_ipfix_settings settings = {.message_limit = 65535};
    written_size = 0;
    return p2i_messages_new(&settings, (struct p2i_message_receiver){take, NULL, NULL});
}

static void end_relays(struct p2i_messages *messages)
{
    struct p2i_error error;
    cr_assert_eq(p2i_messages_flush(messages, 0, &error), P2I_OK);
    p2i_messages_free(messages);
    read_all_of(written, written_size);
}

/* Elements of the templates that lists use in what was written, and how often. */
struct uses {
    const struct p2i_domain *templates;
    size_t words, trees, others, none;
};

static const struct p2i_read_template *note_use(void *context, const uint8_t *id)
{
    struct uses *uses = context;
    const struct p2i_read_template *template =
        p2i_templates_find(uses->templates, p2i_load_be16(id));
    uses->none += template == NULL;
    uses->words += template != NULL && template->fields[0].id == 82;
    uses->trees += template != NULL && template->fields[0].id == 292;
    uses->others +=
        template != NULL && template->fields[0].id != 82 && template->fields[0].id != 292;
    return template;
}

static struct uses uses_in_written(void)
{
    struct p2i_reader *reader;
    struct p2i_read_record record;
    struct p2i_error error;
    struct uses uses = {0};
    cr_assert_eq(p2i_reader_open_bytes(&reader, written, written_size, NULL, NULL, &error), P2I_OK);
    while (p2i_reader_next(reader, &record, &error) == P2I_OK) {
        struct p2i_raw_record raw = p2i_reader_raw(reader);
        uses.templates = raw.templates;
        const struct p2i_list_visitor visitor = {note_use, NULL, &uses, raw.names};
        p2i_lists_walk(&visitor, raw.template, raw.bytes);
    }
    p2i_reader_close(reader);
    return uses;
}

Test(lists, templates_of_lists_go_on_under_their_ids)
{
    struct p2i_messages *messages = begin_relays();
    start();
    put_templates(293);
    put_flow(LIST(3, 1, 145, 0, 6, 1, 'a', 1, 146, 0, 9, 4, 3, 1, 145, 0));
    relay_wire(messages);
    end_relays(messages);
    expect_clean(1);
    struct uses uses = uses_in_written();
    cr_expect_eq(uses.words, 2);
    cr_expect_eq(uses.trees, 1);
    cr_expect_not_null(memmem(written, written_size,
                              LIST(3, 1, 145, 0, 6, 1, 'a', 1, 146, 0, 9, 4, 3, 1, 145, 0)));
}

Test(lists, ids_that_are_taken_are_rewritten_in_lists)
{
    struct p2i_messages *messages = begin_relays();
    /* Somebody has those ids for something else. */
    for (unsigned id = FLOW; id <= TREE; id++) {
        start();
        begin_set(2);
        u16(id);
        u16(1);
        u16(1);
        u16(8);
        end_set();
        begin_set(id);
        u32(0);
        u32(7);
        end_set();
        relay_wire(messages);
    }
    for (int i = 0; i < 3; i++) {
        start();
        put_templates(292);
        put_flow(LIST(3, 1, 146, 5, 3, 1, 145, 1, 'x', 3, 255, 1, 145));
        relay_wire(messages);
        start();
        put_templates(291);
        put_flow(LIST(3, 1, 36, 255, 255, 4, 3, 1, 145, 0, 3, 3, 1, 146));
        relay_wire(messages);
    }
    end_relays(messages);
    expect_clean(3 + 6);
    struct uses uses = uses_in_written();
    cr_expect_eq(uses.words, 9);
    cr_expect_eq(uses.trees, 6);
    cr_expect_eq(uses.others, 0);
    cr_expect_eq(uses.none, 0);
}

Test(lists, a_template_that_is_not_defined_stays_so)
{
    for (int taken = 0; taken < 2; taken++) {
        struct p2i_messages *messages = begin_relays();
        if (taken != 0) {
            start();
            put_list_template(WORD, 0, 83);
            begin_set(WORD);
            u8(0);
            end_set();
            relay_wire(messages);
        }
        start();
        put_list_template(FLOW, 0, 292);
        put_flow(LIST(3, 1, 145, 1, 'x'));
        relay_wire(messages);
        end_relays(messages);
        expect_defect(taken != 0 ? "list of template 0, which" : "list of template 401, which");
        cr_expect_eq(uses_in_written().none, 1);
    }
}

/* What may be a list keeps all templates of its domain. */
Test(lists, unknown_fields_keep_the_templates)
{
    struct p2i_messages *messages = begin_relays();
    start();
    put_list_template(OPAQUE, 32473, 5);
    put_list_template(WORD, 0, 82);
    begin_set(OPAQUE);
    u8(5);
    octets("\x03\x01\x91\x01x", 5);
    end_set();
    put_list_template(TREE, 0, 292);
    begin_set(OPAQUE);
    u8(3);
    octets("\x03\x01\x92", 3);
    end_set();
    relay_wire(messages);
    end_relays(messages);
    expect_clean(2);
    cr_expect_eq(seen.counts.templates, 3);
}

Test(lists, a_list_in_a_record_of_many_templates)
{
    struct p2i_messages *messages = begin_relays();
    start();
    put_list_template(OPAQUE, 32473, 5);
    for (unsigned i = 0; i < 600; i++) {
        begin_set(2);
        u16(1000 + i);
        u16(1);
        u16(1 + i);
        u16(P2I_VARIABLE);
        end_set();
    }
    for (unsigned i = 0; i < 100; i++) {
        begin_set(OPAQUE);
        u8(1);
        u8(i);
        end_set();
    }
    relay_wire(messages);
    end_relays(messages);
    cr_expect_eq(seen.counts.templates, 601);
    cr_expect_eq(seen.counts.records, 100);
}
