/* SPDX-License-Identifier: MIT */
#include "settings/statistics.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/counts.h"

/* `statistics` is first, so that a pointer to it is one to the whole. */
struct owned_statistics {
    struct p2i_statistics statistics;
    struct p2i_arena arena;
};

struct p2i_statistics *p2i_statistics_new(void)
{
    struct owned_statistics *owned = calloc(1, sizeof *owned);
    if (owned == NULL) {
        return NULL;
    }
    uint64_t *counters =
        p2i_arena_take(&owned->arena, (P2I_FATE_COUNT + P2I_PROTOCOL_COUNT + 2 * P2I_RECORD_KINDS) *
                                          sizeof *counters);
    if (counters == NULL) {
        free(owned);
        return NULL;
    }
    owned->statistics = (struct p2i_statistics){
        .struct_size = sizeof owned->statistics,
        .fate_count = P2I_FATE_COUNT,
        .fates = counters,
        .protocol_count = P2I_PROTOCOL_COUNT,
        .protocols = counters + P2I_FATE_COUNT,
        .kind_count = P2I_RECORD_KINDS,
        .records = counters + P2I_FATE_COUNT + P2I_PROTOCOL_COUNT,
        .messages_cut = counters + P2I_FATE_COUNT + P2I_PROTOCOL_COUNT + P2I_RECORD_KINDS,
    };
    return &owned->statistics;
}

void p2i_statistics_free(struct p2i_statistics *statistics)
{
    struct owned_statistics *owned = (struct owned_statistics *)statistics;
    if (owned != NULL) {
        p2i_arena_free(&owned->arena);
        free(owned);
    }
}

const char *p2i_fate_name(enum p2i_fate fate)
{
#define FATE_NAME(id, name, text) name,
    static const char *const names[] = {P2I_FATES(FATE_NAME)};
    return (unsigned)fate < sizeof names / sizeof *names ? names[fate] : NULL;
}

const char *p2i_fate_text(enum p2i_fate fate)
{
#define FATE_TEXT(id, name, text) text,
    static const char *const texts[] = {P2I_FATES(FATE_TEXT)};
    return (unsigned)fate < sizeof texts / sizeof *texts ? texts[fate] : NULL;
}

static const char *copy_text(struct p2i_arena *arena, const char *text)
{
    return p2i_arena_text(arena, text, strlen(text));
}

/* Appends `added` to an array of pointers, which doubles when a power of two is full. */
static bool append(struct p2i_arena *arena, const void ***all, size_t *count, const void *added)
{
    if ((*count & (*count - 1)) == 0) {
        const void **larger = p2i_arena_take(arena, (*count > 0 ? 2 * *count : 1) * sizeof *larger);
        if (larger == NULL) {
            return false;
        }
        if (*count > 0) {
            memcpy(larger, *all, *count * sizeof *larger);
        }
        *all = larger;
    }
    (*all)[(*count)++] = added;
    return true;
}

bool p2i_statistics_add_capture(struct p2i_statistics *statistics,
                                const struct p2i_capture_summary *capture)
{
    struct p2i_arena *arena = &((struct owned_statistics *)statistics)->arena;
    struct p2i_capture_summary *copy = p2i_arena_take(arena, sizeof *copy);
    if (copy == NULL) {
        return false;
    }
    *copy = *capture;
    copy->struct_size = sizeof *copy;
    copy->path = copy_text(arena, capture->path);
    return copy->path != NULL &&
           append(arena, (const void ***)&statistics->captures, &statistics->capture_count, copy);
}

struct p2i_collector_summary *p2i_statistics_add_collector(struct p2i_statistics *statistics,
                                                           const char *url)
{
    struct p2i_arena *arena = &((struct owned_statistics *)statistics)->arena;
    struct p2i_collector_summary *collector = p2i_arena_take(arena, sizeof *collector);
    if (collector == NULL) {
        return NULL;
    }
    collector->struct_size = sizeof *collector;
    collector->url = copy_text(arena, url);
    collector->spool = p2i_arena_take(arena, P2I_SPOOL_PATH_MAX);
    bool added = collector->url != NULL && collector->spool != NULL &&
                 append(arena, (const void ***)&statistics->collectors,
                        &statistics->collector_count, collector);
    return added ? collector : NULL;
}

/* The plain counters, which are added up. */
static const size_t sums[] = {
    offsetof(struct p2i_statistics, frames),
    offsetof(struct p2i_statistics, read_bytes),
    offsetof(struct p2i_statistics, tunneled_packets),
    offsetof(struct p2i_statistics, encrypted_tunnel_packets),
    offsetof(struct p2i_statistics, joined_fragments),
    offsetof(struct p2i_statistics, dropped_fragments),
    offsetof(struct p2i_statistics, overlapping_fragments),
    offsetof(struct p2i_statistics, tcp_sessions),
    offsetof(struct p2i_statistics, udp_sessions),
    offsetof(struct p2i_statistics, evicted_sessions),
    offsetof(struct p2i_statistics, other_sessions),
    offsetof(struct p2i_statistics, payload_bytes),
    offsetof(struct p2i_statistics, parsed_bytes),
    offsetof(struct p2i_statistics, ignored_bytes),
    offsetof(struct p2i_statistics, retransmitted_bytes),
    offsetof(struct p2i_statistics, lost_bytes),
    offsetof(struct p2i_statistics, cut_bytes),
    offsetof(struct p2i_statistics, out_of_order_segments),
    offsetof(struct p2i_statistics, gaps),
    offsetof(struct p2i_statistics, overfull_heads),
    offsetof(struct p2i_statistics, out_of_window_segments),
    offsetof(struct p2i_statistics, out_of_window_ends),
    offsetof(struct p2i_statistics, unanswered_syns),
    offsetof(struct p2i_statistics, doubtful_segments),
    offsetof(struct p2i_statistics, doubtful_taken),
    offsetof(struct p2i_statistics, padding_bytes),
    offsetof(struct p2i_statistics, urgent_bytes),
    offsetof(struct p2i_statistics, wrong_udp_checksums),
    offsetof(struct p2i_statistics, strings_cut),
    offsetof(struct p2i_statistics, strings_escaped),
    offsetof(struct p2i_statistics, written_bytes),
    offsetof(struct p2i_statistics, refused_bindings),
};

static void add_array(uint64_t *all, const uint64_t *one, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        all[i] += one[i];
    }
}

bool p2i_statistics_add(struct p2i_statistics *statistics, const struct p2i_statistics *one)
{
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        *(uint64_t *)(void *)((char *)statistics + sums[i]) +=
            *(const uint64_t *)(const void *)((const char *)one + sums[i]);
    }
    add_array(statistics->fates, one->fates, P2I_FATE_COUNT);
    add_array(statistics->protocols, one->protocols, P2I_PROTOCOL_COUNT);
    add_array(statistics->records, one->records, P2I_RECORD_KINDS);
    add_array(statistics->messages_cut, one->messages_cut, P2I_RECORD_KINDS);
    if (one->live_sessions_peak > statistics->live_sessions_peak) {
        statistics->live_sessions_peak = one->live_sessions_peak;
    }
    bool added = true;
    for (size_t i = 0; i < one->capture_count && added; i++) {
        added = p2i_statistics_add_capture(statistics, one->captures[i]);
    }
    return added;
}

struct p2i_arena *p2i_statistics_arena(struct p2i_statistics *statistics)
{
    return &((struct owned_statistics *)statistics)->arena;
}
