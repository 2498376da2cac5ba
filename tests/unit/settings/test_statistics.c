/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/counts.h"
#include "settings/statistics.h"

static struct p2i_statistics *statistics;

static void begin(void)
{
    statistics = p2i_statistics_new();
    cr_assert_not_null(statistics);
}

static void done(void)
{
    p2i_statistics_free(statistics);
}

Test(statistics, new_ones_count_nothing, .init = begin, .fini = done)
{
    cr_expect_eq(statistics->struct_size, sizeof *statistics);
    cr_expect_eq(statistics->frames, 0);
    cr_expect_eq(statistics->fate_count, P2I_FATE_COUNT);
    cr_expect_eq(statistics->protocol_count, P2I_PROTOCOL_COUNT);
    cr_expect_eq(statistics->kind_count, P2I_RECORD_KINDS);
    cr_expect_eq(statistics->capture_count, 0);
    cr_expect_eq(statistics->collector_count, 0);
}

/* Each array has its own memory. */
Test(statistics, arrays_do_not_overlap, .init = begin, .fini = done)
{
    struct {
        uint64_t *counters;
        size_t count;
    } const arrays[] = {
        {statistics->fates, statistics->fate_count},
        {statistics->protocols, statistics->protocol_count},
        {statistics->records, statistics->kind_count},
        {statistics->messages_cut, statistics->kind_count},
    };
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < arrays[i].count; j++) {
            cr_expect_eq(arrays[i].counters[j], 0);
            arrays[i].counters[j] = i + 1;
        }
    }
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < arrays[i].count; j++) {
            cr_expect_eq(arrays[i].counters[j], i + 1);
        }
    }
}

Test(statistics, captures_are_copied, .init = begin, .fini = done)
{
    char path[32];
    for (uint64_t i = 0; i < 50; i++) {
        (void)snprintf(path, sizeof path, "%d.pcap", (int)i);
        struct p2i_capture_summary capture = {.path = path, .format = "pcap", .frames = i};
        cr_assert(p2i_statistics_add_capture(statistics, &capture));
    }
    cr_assert_eq(statistics->capture_count, 50);
    for (uint64_t i = 0; i < 50; i++) {
        const struct p2i_capture_summary *capture = statistics->captures[i];
        (void)snprintf(path, sizeof path, "%d.pcap", (int)i);
        cr_expect_eq(capture->struct_size, sizeof *capture);
        cr_expect_str_eq(capture->path, path);
        cr_expect_str_eq(capture->format, "pcap");
        cr_expect_eq(capture->frames, i);
    }
}

Test(statistics, collectors_can_be_updated, .init = begin, .fini = done)
{
    char url[] = "tcp://a:1";
    struct p2i_collector_summary *first = p2i_statistics_add_collector(statistics, url);
    memset(url, 'x', sizeof url - 1);
    struct p2i_collector_summary *second = p2i_statistics_add_collector(statistics, "udp://b:2");
    cr_assert(first != NULL && second != NULL);
    first->records = 3;
    cr_expect_eq(first->spool[P2I_SPOOL_PATH_MAX - 1], '\0');
    memset(first->spool, 's', P2I_SPOOL_PATH_MAX - 1);
    cr_assert_eq(statistics->collector_count, 2);
    cr_expect_str_eq(statistics->collectors[0]->url, "tcp://a:1");
    cr_expect_eq(statistics->collectors[0]->struct_size, sizeof *first);
    cr_expect_eq(statistics->collectors[0]->records, 3);
    cr_expect_eq(strlen(statistics->collectors[0]->spool), P2I_SPOOL_PATH_MAX - 1);
    cr_expect_str_eq(statistics->collectors[1]->url, "udp://b:2");
    cr_expect_str_eq(statistics->collectors[1]->spool, "");
}

Test(statistics, fates_have_names_up_to_the_last)
{
    int count = 0;
    while (p2i_fate_name((enum p2i_fate)count) != NULL) {
        count++;
    }
    cr_expect_eq(count, P2I_FATE_COUNT);
    cr_expect_str_eq(p2i_fate_name(P2I_FATE_HANDLED), "handled");
    cr_expect_str_eq(p2i_fate_name(P2I_FATE_OTHER_SHARD), "other_share");
    cr_expect_null(p2i_fate_name((enum p2i_fate) - 1));
}

Test(statistics, none_can_be_freed)
{
    p2i_statistics_free(NULL);
}

Test(statistics, of_two_runs_are_added)
{
    struct p2i_statistics *all = p2i_statistics_new();
    struct p2i_statistics *one = p2i_statistics_new();
    uint64_t *counters[] = {&one->frames,          &one->read_bytes,     &one->tunneled_packets,
                            &one->tcp_sessions,    &one->other_sessions, &one->payload_bytes,
                            &one->strings_escaped, &one->written_bytes,  &one->wrong_udp_checksums,
                            &one->fates[1],        &one->protocols[1],   &one->records[1],
                            &one->messages_cut[1]};
    for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
        *counters[i] = i + 1;
    }
    one->live_sessions_peak = 7;
    cr_assert(p2i_statistics_add_capture(one, &(struct p2i_capture_summary){.path = "a"}));
    cr_assert(p2i_statistics_add(all, one));
    cr_assert(p2i_statistics_add(all, one));
    cr_expect(all->frames == 2 && all->read_bytes == 4 && all->tunneled_packets == 6);
    cr_expect(all->tcp_sessions == 8 && all->other_sessions == 10 && all->payload_bytes == 12);
    cr_expect(all->strings_escaped == 14 && all->written_bytes == 16);
    cr_expect(all->wrong_udp_checksums == 18 && all->fates[1] == 20 && all->protocols[1] == 22);
    cr_expect(all->records[1] == 24 && all->messages_cut[1] == 26);
    cr_expect_eq(all->live_sessions_peak, 7);
    cr_assert_eq(all->capture_count, 2);
    cr_expect_str_eq(all->captures[1]->path, "a");
    p2i_statistics_free(all);
    p2i_statistics_free(one);
}
