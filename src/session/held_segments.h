/* SPDX-License-Identifier: MIT */
/* Lists of held TCP segments of one direction. A segment is held while it is open whether and where
 * it belongs to the stream: out of order, doubtful, or outside the window. */
#ifndef P2I_SESSION_HELD_SEGMENTS_H
#define P2I_SESSION_HELD_SEGMENTS_H

#include "base/pool.h"
#include "packet/packet_info.h"
#include "pcap2ipfix/view.h"

/* Reason not to accept a segment at once. */
enum p2i_doubt {
    P2I_DOUBT_NONE,
    P2I_DOUBT_CHECKSUM, /* wrong checksum: dropped by the receiver, or the capture is wrong */
    P2I_DOUBT_SYN,      /* payload in a SYN: the receiver may ignore it */
    P2I_DOUBT_PADDING,  /* a few zero bytes: may be padding of the frame */
    P2I_DOUBT_PROBE,    /* one byte: may be a zero-window probe */
};

/* A TCP segment, or a part of one, with its position in the stream. */
struct p2i_segment {
    uint32_t sequence;
    uint32_t length;       /* length in the stream */
    struct p2i_view bytes; /* captured bytes; bytes.size <= length; valid during the call */
    const struct p2i_packet_info *info; /* valid during the call */
    enum p2i_doubt doubt;
};

struct p2i_held_segment {
    struct p2i_held_segment *next;
    struct p2i_packet_info info;
    uint32_t sequence;
    uint32_t length;
    uint32_t size; /* number of captured bytes */
    uint8_t doubt; /* enum p2i_doubt */
    uint8_t bytes[];
};

/* Segments sorted by sequence number, without overlaps. Start zeroed. */
struct p2i_held_list {
    struct p2i_held_segment *first, *last; /* `last` is valid when `first` is not NULL */
    uint32_t bytes;                        /* captured bytes in the list */
    uint16_t count;
    uint16_t doubtful_count; /* number of doubtful ones */
};

/* Allocator of a list. */
struct p2i_held_memory {
    struct p2i_pool *pool;
    struct p2i_account *account;
};

/* Captured bytes that were not added to the list. */
struct p2i_held_losses {
    size_t repeated; /* held already, or displaced by others */
    size_t ignored;  /* lost for want of memory */
    bool differ;     /* some of the repeated bytes differ from those that are held */
};

/* a - b for sequence numbers (RFC 9293 section 3.4). */
static inline int32_t p2i_sequence_distance(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

/* Adds copies of those parts of a segment that the list does not have yet. The first copy wins,
 * with these exceptions: doubtful segments give way to one without doubt, a probe to a longer
 * segment with the same number, and padding to any segment with the same number. */
struct p2i_held_losses p2i_held_add(struct p2i_held_list *list, struct p2i_held_memory memory,
                                    struct p2i_segment segment);

/* Removes and returns the first segment; free it with p2i_held_free(). The list must not be empty.
 */
struct p2i_held_segment *p2i_held_take(struct p2i_held_list *list);
void p2i_held_free(struct p2i_held_memory memory, struct p2i_held_segment *held);

/* Drops the first segment if it is padding at `sequence`. Returns the bytes dropped. */
size_t p2i_held_drop_padding(struct p2i_held_list *list, struct p2i_held_memory memory,
                             uint32_t sequence);

/* Empties the list. Returns the bytes dropped. */
size_t p2i_held_clear(struct p2i_held_list *list, struct p2i_held_memory memory);

/* View of a held segment; valid as long as it is held. */
struct p2i_segment p2i_held_segment(const struct p2i_held_segment *held);

/* Cuts the first `length` bytes off a segment and returns them. */
struct p2i_segment p2i_segment_split(struct p2i_segment *segment, uint32_t length);

#endif
