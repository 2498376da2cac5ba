/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/put.h"
#include "pcap2ipfix/cursor.h"
#include "transport/transport_session.h"

static struct p2i_transport_session session;
static struct p2i_buffer out;

static void done(void)
{
    p2i_transport_session_free(&session);
    p2i_buffer_free(&out);
}

/* A template record of `fields` fields of one byte. */
static void define(uint32_t domain, uint16_t set_id, uint16_t id, size_t fields)
{
    uint8_t record[2048] = {0};
    (void)p2i_put16(p2i_put16(record, id), (uint16_t)fields);
    cr_assert(p2i_transport_session_define(&session, domain, set_id,
                                           p2i_view_of(record, 4 + 4 * fields)));
}

/* A message with one data set of `size` bytes; its header has values that the session must replace.
 */
static bool put(uint32_t domain, size_t size, uint32_t records, uint32_t time_s, size_t limit)
{
    static uint8_t message[65535];
    uint8_t *at = p2i_put16(message, 10);
    at = p2i_put16(at, (uint16_t)(20 + size));
    at = p2i_put32(at, 1234);
    at = p2i_put32(at, 99999);
    at = p2i_put32(at, domain);
    at = p2i_put16(at, 300);
    at = p2i_put16(at, (uint16_t)(4 + size));
    memset(at, 'd', size);
    struct p2i_outgoing outgoing = {.message = p2i_view_of(message, 20 + size), .records = records};
    out.size = 0;
    return p2i_transport_session_put(&session, &outgoing, time_s, limit, &out);
}

/* Looks at the message at `at`: its sets are those listed (ending with 0). Returns its end. */
static size_t expect_message(size_t at, uint32_t time_s, uint32_t sequence, uint32_t domain,
                             const uint16_t *sets)
{
    const uint8_t *header = out.data + at;
    size_t size = p2i_load_be16(header + 2);
    cr_assert_leq(at + size, out.size);
    cr_expect_eq(p2i_load_be16(header), 10);
    cr_expect_eq(p2i_load_be32(header + 4), time_s);
    cr_expect_eq(p2i_load_be32(header + 8), sequence);
    cr_expect_eq(p2i_load_be32(header + 12), domain);
    size_t set = 16;
    for (; set < size; set += p2i_load_be16(header + set + 2)) {
        cr_assert_gt(p2i_load_be16(header + set + 2), 4);
        cr_expect_eq(p2i_load_be16(header + set), *sets);
        sets++;
    }
    cr_expect_eq(set, size);
    cr_expect_eq(*sets, 0);
    return at + size;
}

static const uint16_t data_only[] = {300, 0};
static const uint16_t one_template[] = {2, 300, 0};

Test(transport_session, templates_go_in_front_once, .fini = done)
{
    define(1, 2, 300, 3);
    define(1, 3, 301, 2);
    define(9, 2, 300, 4);
    static const uint16_t both[] = {2, 3, 300, 0};
    cr_assert(put(1, 8, 5, 0, 65535));
    cr_expect_eq(expect_message(0, 1234, 0, 1, both), out.size);
    cr_assert(put(1, 8, 2, 0, 65535));
    cr_expect_eq(expect_message(0, 1234, 5, 1, data_only), out.size);
    cr_assert(put(9, 8, 1, 77, 65535));
    cr_expect_eq(expect_message(0, 77, 0, 9, one_template), out.size);
    define(1, 2, 302, 1);
    cr_assert(put(1, 8, 1, 0, 65535));
    cr_expect_eq(expect_message(0, 1234, 7, 1, one_template), out.size);
}

Test(transport_session, a_new_session_starts_over, .fini = done)
{
    define(1, 2, 300, 3);
    cr_assert(put(1, 8, 5, 0, 65535));
    p2i_transport_session_begin(&session);
    cr_assert(put(1, 8, 5, 0, 65535));
    cr_expect_eq(expect_message(0, 1234, 0, 1, one_template), out.size);
}

/* Whether the templates of domain 1 go in front of a message. */
static bool comes_again(uint32_t time_s, uint64_t now_s)
{
    static const struct p2i_template_timer timer = {30, 5};
    out.size = 0;
    p2i_transport_session_age_templates(&session, 1, time_s, now_s * 1000000000, &timer);
    cr_assert(p2i_transport_session_put_templates(&session, 1, time_s, 1000, &out));
    cr_expect(out.size == 0 || p2i_load_be32(out.data + 4) == time_s);
    return out.size > 0;
}

Test(transport_session, templates_age_by_export_time_and_by_the_clock, .fini = done)
{
    define(1, 2, 300, 3);
    cr_expect(comes_again(1000, 50));
    cr_expect_not(comes_again(1000, 50));
    cr_expect_not(comes_again(1029, 79));
    cr_expect(comes_again(1030, 79));
    cr_expect(comes_again(1031, 109));
    cr_expect_not(comes_again(1031, 110));
    /* A message is older than they are: it is described by older ones, and so are the next. */
    cr_expect(comes_again(900, 110));
    cr_expect_not(comes_again(900, 110));
    cr_expect_not(comes_again(929, 110));
    cr_expect(comes_again(4000000000, 110));
}

Test(transport_session, templates_come_again_after_so_many_messages, .fini = done)
{
    define(1, 2, 300, 3);
    cr_expect(comes_again(1000, 50));
    for (int i = 0; i < 4; i++) {
        cr_expect_not(comes_again(1000, 50));
    }
    cr_expect(comes_again(1000, 50));
}

Test(transport_session, a_template_that_is_newer_than_its_domain_ages_too, .fini = done)
{
    define(1, 2, 300, 3);
    cr_expect(comes_again(1000, 50));
    define(1, 2, 301, 3);
    cr_expect(comes_again(1020, 50));
    cr_expect_not(comes_again(1020, 50));
    /* The other template holds here, but not this one. */
    cr_expect(comes_again(1010, 50));
    cr_expect(comes_again(1040, 50));
}

Test(transport_session, each_domain_has_a_time_of_its_own, .fini = done)
{
    define(1, 2, 300, 3);
    define(9, 2, 300, 4);
    cr_expect(comes_again(1000, 50));
    static const struct p2i_template_timer timer = {30, 5};
    p2i_transport_session_age_templates(&session, 9, 9000, UINT64_C(50000000000), &timer);
    cr_assert(p2i_transport_session_put_templates(&session, 9, 9000, 1000, &out));
    cr_expect_not(comes_again(1001, 50));
}

Test(transport_session, templates_that_do_not_fit_go_before, .fini = done)
{
    define(1, 2, 300, 100);
    define(1, 2, 301, 100);
    cr_assert(put(1, 400, 5, 0, 500));
    static const uint16_t template[] = {2, 0};
    size_t at = expect_message(0, 1234, 0, 1, template);
    cr_expect_leq(at, 500);
    at = expect_message(at, 1234, 0, 1, template);
    cr_expect_eq(expect_message(at, 1234, 0, 1, data_only), out.size);
    /* In one message where there is room for both. */
    p2i_transport_session_begin(&session);
    out.size = 0;
    cr_assert(p2i_transport_session_put_templates(&session, 1, 5, 1000, &out));
    static const uint16_t two[] = {2, 2, 0};
    cr_expect_eq(expect_message(0, 5, 0, 1, two), out.size);
    /* Once is enough. */
    out.size = 0;
    cr_assert(p2i_transport_session_put_templates(&session, 1, 5, 1000, &out));
    cr_expect_eq(out.size, 0);
}

Test(transport_session, the_longest_message_keeps_its_length, .fini = done)
{
    define(1, 2, 300, 3);
    cr_assert(put(1, 65500, 1, 0, 65535));
    static const uint16_t template[] = {2, 0};
    size_t at = expect_message(0, 1234, 0, 1, template);
    cr_expect_eq(expect_message(at, 1234, 0, 1, data_only), out.size);
}
