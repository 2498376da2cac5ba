/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "transport/outbox.h"

static struct p2i_outbox outbox;

static void done(void)
{
    p2i_outbox_free(&outbox);
}

/* Message number n has n % 50 + 1 bytes of that value, and n records. */
static void add(unsigned number)
{
    uint8_t bytes[64];
    memset(bytes, (int)(number % 256), sizeof bytes);
    cr_assert(p2i_outbox_add(&outbox, p2i_view_of(bytes, number % 50 + 1), number));
}

static void expect_next(unsigned number)
{
    struct p2i_outgoing next;
    cr_assert(p2i_outbox_next(&outbox, &next));
    cr_assert_eq(next.records, number);
    cr_assert_eq(next.message.size, number % 50 + 1);
    cr_assert_eq(next.message.data[next.message.size - 1], number % 256);
}

Test(outbox, keeps_until_it_is_confirmed, .fini = done)
{
    struct p2i_outgoing next;
    cr_expect_not(p2i_outbox_next(&outbox, &next));
    for (unsigned i = 1; i <= 4; i++) {
        add(i);
    }
    expect_next(1);
    p2i_outbox_sent(&outbox, 100);
    expect_next(2);
    p2i_outbox_sent(&outbox, 200);
    p2i_outbox_sent(&outbox, 300);
    cr_expect_eq(outbox.sent_count, 3);
    cr_expect_eq(outbox.sent_records, 6);
    cr_expect_eq(p2i_outbox_confirm(&outbox, 99), 0);
    cr_expect_eq(p2i_outbox_confirm(&outbox, 100), 1);
    cr_expect_eq(p2i_outbox_confirm(&outbox, 299), 1);
    cr_expect_eq(outbox.sent_records, 3);
    expect_next(4);
    p2i_outbox_rewind(&outbox);
    cr_expect_eq(outbox.sent_count, 0);
    expect_next(3);
    p2i_outbox_sent(&outbox, 10);
    expect_next(4);
    /* What was not sent is never confirmed. */
    cr_expect_eq(p2i_outbox_confirm(&outbox, UINT64_MAX), 1);
    expect_next(4);
    p2i_outbox_sent(&outbox, 20);
    cr_expect_eq(p2i_outbox_unsent_bytes(&outbox), 0);
    cr_expect_eq(p2i_outbox_confirm(&outbox, UINT64_MAX), 1);
    cr_expect_eq(p2i_outbox_sent_bytes(&outbox), 0);
}

Test(outbox, stays_small_and_in_order, .fini = done)
{
    unsigned added = 0;
    unsigned sent = 0;
    unsigned confirmed = 0;
    for (unsigned step = 0; step < 200000; step++) {
        /* Some hundred are kept, sent ones and others, with a rewind now and then. */
        if (added - confirmed < 300) {
            add(++added);
        }
        if (step % 3 != 0 && sent < added) {
            expect_next(sent + 1);
            p2i_outbox_sent(&outbox, ++sent);
        }
        if (step % 1000 == 999) {
            p2i_outbox_rewind(&outbox);
            sent = confirmed;
        }
        if (sent > confirmed + 100) {
            cr_assert_eq(p2i_outbox_confirm(&outbox, confirmed + 50), 50);
            confirmed += 50;
        }
    }
    cr_expect_gt(confirmed, 10000);
    cr_expect_lt(outbox.buffer.capacity, 128 * 1024);
}
