/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include "protocol/quic/stream.h"

enum { MODEL_SIZE = 5000 };

struct setup {
    struct p2i_pool *pool;
    struct p2i_account account;
    struct p2i_quic_stream *stream;
};

static struct setup start(void)
{
    return (struct setup){.pool = p2i_pool_new()};
}

static bool add(struct setup *setup, uint64_t offset, struct p2i_view bytes, uint64_t time)
{
    struct p2i_packet_info info = {.time_ns = time};
    return p2i_quic_stream_add(&setup->stream, setup->pool, &setup->account, offset, bytes, &info);
}

static void finish(struct setup *setup)
{
    p2i_quic_stream_free(&setup->stream, setup->pool, &setup->account);
    cr_assert_null(setup->stream);
    cr_assert_eq(setup->account.used, 0);
    p2i_pool_free(setup->pool);
}

static void expect_begin(const struct setup *setup, struct p2i_view expected)
{
    struct p2i_view begin = p2i_quic_stream_begin(setup->stream);
    cr_assert(p2i_view_equals(begin, expected), "%zu bytes instead of %zu, or others", begin.size,
              expected.size);
}

Test(quic_stream, empty)
{
    struct setup setup = start();
    expect_begin(&setup, (struct p2i_view){0});
    cr_assert_null(p2i_quic_stream_info(setup.stream));
    cr_assert_not(add(&setup, 0, (struct p2i_view){0}, 1));
    cr_assert_null(setup.stream);
    finish(&setup);
}

Test(quic_stream, gap_is_filled)
{
    struct setup setup = start();
    cr_assert(add(&setup, 3, P2I_VIEW("def"), 1));
    expect_begin(&setup, (struct p2i_view){0});
    cr_assert_null(p2i_quic_stream_info(setup.stream));
    cr_assert(add(&setup, 0, P2I_VIEW("abc"), 2));
    expect_begin(&setup, P2I_VIEW("abcdef"));
    cr_assert_eq(p2i_quic_stream_info(setup.stream)->time_ns, 2);
    cr_assert(add(&setup, 0, P2I_VIEW("......g"), 3));
    expect_begin(&setup, P2I_VIEW("abcdefg"));
    cr_assert_eq(p2i_quic_stream_info(setup.stream)->time_ns, 2);
    finish(&setup);
}

Test(quic_stream, the_first_bytes_stay)
{
    struct setup setup = start();
    cr_assert(add(&setup, 2, P2I_VIEW("CD"), 1));
    cr_assert(add(&setup, 6, P2I_VIEW("GH"), 1));
    cr_assert(add(&setup, 0, P2I_VIEW("abcdefghij"), 1)); /* over both and beyond */
    expect_begin(&setup, P2I_VIEW("abCDefGHij"));
    cr_assert_not(add(&setup, 1, P2I_VIEW("xxxx"), 1));
    cr_assert_not(add(&setup, 0, P2I_VIEW("xxxxxxxxxx"), 1));
    expect_begin(&setup, P2I_VIEW("abCDefGHij"));
    finish(&setup);
}

Test(quic_stream, limits)
{
    static uint8_t large[P2I_QUIC_STREAM_MAX + 1];
    struct setup setup = start();
    cr_assert_not(add(&setup, 0, p2i_view_of(large, sizeof large), 1));
    cr_assert_not(add(&setup, P2I_QUIC_STREAM_MAX, P2I_VIEW("x"), 1));
    cr_assert_not(add(&setup, UINT64_MAX, P2I_VIEW("x"), 1));
    cr_assert_null(setup.stream);
    cr_assert(add(&setup, P2I_QUIC_STREAM_MAX - 1, P2I_VIEW("x"), 1));
    cr_assert(add(&setup, 0, p2i_view_of(large, P2I_QUIC_STREAM_MAX - 1), 1));
    cr_assert_eq(p2i_quic_stream_begin(setup.stream).size, P2I_QUIC_STREAM_MAX);
    finish(&setup);
}

Test(quic_stream, too_many_islands_are_left_out)
{
    struct setup setup = start();
    unsigned taken = 0;
    for (uint64_t i = 1; i <= 1000; i++) {
        taken += add(&setup, 2 * i, P2I_VIEW("x"), 1);
    }
    cr_assert(taken >= 32 && taken < 1000, "%u", taken);
    /* What touches an island still gets in. */
    cr_assert(add(&setup, 3, P2I_VIEW("y"), 1));
    cr_assert(add(&setup, 0, P2I_VIEW("ab"), 2));
    expect_begin(&setup, P2I_VIEW("abxyx"));
    finish(&setup);
}

/* Segments at random, against an array in which each byte is set once. */
Test(quic_stream, like_a_model)
{
    static uint8_t model[MODEL_SIZE + 1], known[MODEL_SIZE + 1], bytes[256];
    uint32_t seed = 1;
    for (unsigned round = 0; round < 200; round++) {
        struct setup setup = start();
        memset(known, 0, sizeof known);
        for (unsigned segment = 0; segment < 60; segment++) {
            seed = seed * 1664525 + 1013904223;
            size_t size = 1 + (seed >> 9) % sizeof bytes;
            size_t offset = (seed >> 17) % (round < 100 ? 1000 : MODEL_SIZE - sizeof bytes);
            memset(bytes, (int)(segment + 1), size);
            bool fresh = false;
            for (size_t i = offset; i < offset + size; i++) {
                model[i] = known[i] ? model[i] : (uint8_t)(segment + 1);
                fresh |= !known[i];
                known[i] = 1;
            }
            cr_assert_eq(add(&setup, offset, p2i_view_of(bytes, size), segment), fresh);
            size_t end = (size_t)((uint8_t *)memchr(known, 0, sizeof known) - known);
            expect_begin(&setup, p2i_view_of(model, end));
        }
        finish(&setup);
    }
}
