/* SPDX-License-Identifier: MIT */
#include "protocol/quic/stream.h"

enum {
    RANGES_MAX = 64, /* clients that scatter their hello use about a dozen */
    CAPACITY_FIRST = 2048,
};

struct range {
    uint32_t begin, end;
};

struct p2i_quic_stream {
    struct p2i_packet_info info;    /* of the first byte */
    struct range range[RANGES_MAX]; /* in order; between two of them bytes are missing */
    uint32_t range_count;
    uint32_t capacity;
    uint8_t bytes[];
};

static size_t size_with(size_t capacity)
{
    return offsetof(struct p2i_quic_stream, bytes) + capacity;
}

/* Makes room for the bytes up to `end`. False: out of memory. */
static bool reserve(struct p2i_quic_stream **stream, struct p2i_pool *pool,
                    struct p2i_account *account, size_t end)
{
    struct p2i_quic_stream *old = *stream;
    if (old != NULL && end <= old->capacity) {
        return true;
    }
    size_t size = 0;
    struct p2i_quic_stream *larger =
        p2i_pool_get(pool, account, size_with(end > CAPACITY_FIRST ? end : CAPACITY_FIRST), &size);
    if (larger == NULL) {
        return false;
    }
    if (old != NULL) {
        memcpy(larger, old, size_with(old->range[old->range_count - 1].end));
        p2i_pool_put(pool, account, old, size_with(old->capacity));
    } else {
        larger->range_count = 0;
    }
    larger->capacity = (uint32_t)(size - size_with(0));
    *stream = larger;
    return true;
}

/* The ranges from `first` up to `last` touch the new one. */
static void join(struct p2i_quic_stream *stream, size_t first, size_t last, struct range added)
{
    if (first < last) {
        const struct range *low = &stream->range[first];
        const struct range *high = &stream->range[last - 1];
        added.begin = low->begin < added.begin ? low->begin : added.begin;
        added.end = high->end > added.end ? high->end : added.end;
    }
    memmove(stream->range + first + 1, stream->range + last,
            (stream->range_count - last) * sizeof stream->range[0]);
    stream->range[first] = added;
    stream->range_count = (uint32_t)(stream->range_count + first + 1 - last);
}

/* Copies the new bytes. False: there are none, or the list of ranges is full. */
static bool fill(struct p2i_quic_stream *stream, struct range added, const uint8_t *bytes)
{
    size_t first = 0;
    while (first < stream->range_count && stream->range[first].end < added.begin) {
        first++;
    }
    size_t last = first;
    uint32_t at = added.begin; /* nothing is missing before it */
    bool fresh = false;
    for (; last < stream->range_count && stream->range[last].begin <= added.end; last++) {
        const struct range *range = &stream->range[last];
        if (at < range->begin) {
            memcpy(stream->bytes + at, bytes + (at - added.begin), range->begin - at);
            fresh = true;
        }
        at = range->end > at ? range->end : at;
    }
    if (first == last && stream->range_count == RANGES_MAX) {
        return false;
    }
    if (at < added.end) {
        memcpy(stream->bytes + at, bytes + (at - added.begin), added.end - at);
        fresh = true;
    }
    join(stream, first, last, added);
    return fresh;
}

bool p2i_quic_stream_add(struct p2i_quic_stream **stream, struct p2i_pool *pool,
                         struct p2i_account *account, uint64_t offset, struct p2i_view bytes,
                         const struct p2i_packet_info *info)
{
    if (bytes.size == 0 || offset > P2I_QUIC_STREAM_MAX ||
        bytes.size > P2I_QUIC_STREAM_MAX - offset ||
        !reserve(stream, pool, account, (size_t)offset + bytes.size)) {
        return false;
    }
    struct range added = {(uint32_t)offset, (uint32_t)(offset + bytes.size)};
    bool begun = p2i_quic_stream_info(*stream) != NULL;
    bool fresh = fill(*stream, added, bytes.data);
    if (fresh && !begun && offset == 0) {
        (*stream)->info = *info;
    }
    return fresh;
}

struct p2i_view p2i_quic_stream_begin(const struct p2i_quic_stream *stream)
{
    if (p2i_quic_stream_info(stream) == NULL) {
        return (struct p2i_view){0};
    }
    return p2i_view_of(stream->bytes, stream->range[0].end);
}

const struct p2i_packet_info *p2i_quic_stream_info(const struct p2i_quic_stream *stream)
{
    bool begun = stream != NULL && stream->range_count > 0 && stream->range[0].begin == 0;
    return begun ? &stream->info : NULL;
}

void p2i_quic_stream_free(struct p2i_quic_stream **stream, struct p2i_pool *pool,
                          struct p2i_account *account)
{
    if (*stream != NULL) {
        p2i_pool_put(pool, account, *stream, size_with((*stream)->capacity));
        *stream = NULL;
    }
}
