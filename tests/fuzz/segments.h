/* SPDX-License-Identifier: MIT */
/* What drivers of parsers share: bytes go to the stream layer in segments, records make a sum. */
#ifndef FUZZ_SEGMENTS_H
#define FUZZ_SEGMENTS_H

#include <stdlib.h>

#include "protocol/stream.h"

/* Gives `bytes` in segments (UDP: datagrams, of which `missing` bytes are cut off) of at most
 * `most` bytes, each in a block of its own, so that a read past its end is caught. */
static inline void segments_give(struct p2i_stream *stream, struct p2i_stream_worker *worker,
                                 enum p2i_direction from, struct p2i_view bytes, size_t most,
                                 size_t missing, const struct p2i_packet_info *info)
{
    while (bytes.size > 0) {
        struct p2i_view segment = p2i_view_first(bytes, most);
        uint8_t *copy = malloc(segment.size);
        if (copy == NULL) {
            abort();
        }
        memcpy(copy, segment.data, segment.size);
        segment.data = copy;
        if (stream->ends.transport == P2I_OVER_TCP) {
            p2i_stream_data(stream, worker, from, segment, info);
        } else {
            p2i_stream_datagram(stream, worker, from, segment, missing, info);
        }
        free(copy);
        bytes = p2i_view_from(bytes, segment.size);
    }
}

/* All records, in their order. */
struct segments_sum {
    uint64_t value;
    uint64_t records;
};

static inline void segments_add(struct segments_sum *sum, uint64_t value)
{
    sum->value = (sum->value ^ value) * UINT64_C(0x100000001b3);
}

static inline void segments_add_view(struct segments_sum *sum, struct p2i_view view)
{
    segments_add(sum, view.size);
    for (size_t i = 0; i < view.size; i++) {
        segments_add(sum, view.data[i]);
    }
}

static inline bool segments_same(struct segments_sum a, struct segments_sum b)
{
    return a.value == b.value && a.records == b.records;
}

#endif
