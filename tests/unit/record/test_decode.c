/* SPDX-License-Identifier: MIT */
/* The decoder reads records of anyone: cut ones, and lengths that lie. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/message.h"
#include "record/decode.h"
#include "record/record.h"

static const struct p2i_encoding encoding = {.string_limit = 4096};

static struct p2i_buffer sample(void)
{
    static const struct p2i_address address;
    static const struct p2i_packet_info info = {.time_ns = UINT64_C(1700000000000000000)};
    static uint8_t cookie[300];
    memset(cookie, 'c', sizeof cookie);
    struct p2i_record_facts facts = {.source = &address,
                                     .destination = &address,
                                     .info = &info,
                                     .login = P2I_VIEW("me"),
                                     .ip_version = 4};
    struct p2i_clickstream message = {.host = P2I_VIEW("example.com"),
                                      .cookie = p2i_view_of(cookie, sizeof cookie)};
    struct p2i_buffer buffer = {0};
    struct p2i_encode_counts counts = {0};
    cr_assert(p2i_encode(&encoding, P2I_RECORD_CLICKSTREAM, &facts, &message, &buffer, &counts));
    return buffer;
}

/* A block of its own for each length, so that a sanitizer sees one byte too many. */
Test(decode, cut_at_every_byte)
{
    struct p2i_buffer buffer = sample();
    const struct p2i_template *of = p2i_template_of(P2I_RECORD_CLICKSTREAM, 4);
    struct p2i_view values[P2I_FIELDS_MAX];
    for (size_t size = 0; size <= buffer.size; size++) {
        uint8_t *copy = malloc(size > 0 ? size : 1);
        memcpy(copy, buffer.data, size);
        size_t used = p2i_decode_record(of, p2i_view_of(copy, size), values);
        cr_expect_eq(used, size == buffer.size ? size : 0);
        free(copy);
    }
    p2i_buffer_free(&buffer);
}

Test(decode, every_byte_changed)
{
    struct p2i_buffer buffer = sample();
    const struct p2i_template *of = p2i_template_of(P2I_RECORD_CLICKSTREAM, 4);
    uint8_t *copy = malloc(buffer.size);
    for (size_t i = 0; i < buffer.size; i++) {
        memcpy(copy, buffer.data, buffer.size);
        copy[i] = 0xff;
        struct p2i_view values[P2I_FIELDS_MAX];
        size_t used = p2i_decode_record(of, p2i_view_of(copy, buffer.size), values);
        cr_assert_leq(used, buffer.size);
        for (size_t field = 0; used > 0 && field < of->field_count; field++) {
            cr_assert(values[field].size == 0 ||
                      (values[field].data >= copy &&
                       values[field].data + values[field].size <= copy + used));
        }
    }
    free(copy);
    p2i_buffer_free(&buffer);
}

Test(decode, variable_lengths)
{
    static const uint8_t short_form[] = {2, 'a', 'b', 'c'};
    static const uint8_t long_form[] = {255, 0, 2, 'a', 'b', 'c'};
    static const uint8_t lie[] = {3, 'a', 'b'};
    static const uint8_t long_lie[] = {255, 255, 255, 'a', 'b'};
    static const uint8_t half_length[] = {255, 0};
    struct p2i_cursor cursor = p2i_cursor_of(p2i_view_of(short_form, sizeof short_form));
    cr_expect(p2i_view_equals(p2i_take_value(&cursor, P2I_VARIABLE), P2I_VIEW("ab")));
    cr_expect_eq(cursor.rest.size, 1);
    cursor = p2i_cursor_of(p2i_view_of(long_form, sizeof long_form));
    cr_expect(p2i_view_equals(p2i_take_value(&cursor, P2I_VARIABLE), P2I_VIEW("ab")));
    cr_expect_eq(cursor.rest.size, 1);
    cursor = p2i_cursor_of(p2i_view_of(lie, sizeof lie));
    cr_expect_eq(p2i_take_value(&cursor, P2I_VARIABLE).size, 0);
    cr_expect(cursor.failed);
    cursor = p2i_cursor_of(p2i_view_of(long_lie, sizeof long_lie));
    cr_expect_eq(p2i_take_value(&cursor, P2I_VARIABLE).size, 0);
    cr_expect(cursor.failed);
    cursor = p2i_cursor_of(p2i_view_of(half_length, sizeof half_length));
    cr_expect_eq(p2i_take_value(&cursor, P2I_VARIABLE).size, 0);
    cr_expect(cursor.failed);
}

Test(decode, numbers)
{
    static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    cr_expect_eq(p2i_value_number(p2i_view_of(bytes, 0)), 0);
    cr_expect_eq(p2i_value_number(p2i_view_of(bytes, 1)), 1);
    cr_expect_eq(p2i_value_number(p2i_view_of(bytes, 3)), 0x010203);
    cr_expect_eq(p2i_value_number(p2i_view_of(bytes, 8)), UINT64_C(0x0102030405060708));
    cr_expect_eq(p2i_value_number(p2i_view_of(bytes, 9)), 0);
}
