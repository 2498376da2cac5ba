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
#define FATE_NAME(name, text) text,
    static const char *const names[] = {P2I_FATES(FATE_NAME)};
    return (unsigned)fate < P2I_FATE_COUNT ? names[fate] : NULL;
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
