/* SPDX-License-Identifier: MIT */
/* Segments of a direction of which it is not known yet whether, or where, they are part of its
 * stream: out of order, doubtful, or out of the window. */
#ifndef P2I_SESSION_HELD_SEGMENTS_H
#define P2I_SESSION_HELD_SEGMENTS_H

#include "base/pool.h"
#include "base/view.h"
#include "packet/packet_info.h"

/* Why a segment in its turn is not taken at once. */
enum p2i_doubt {
    P2I_DOUBT_NONE,
    P2I_DOUBT_CHECKSUM, /* its checksum is wrong: the receiver has dropped it, or the capture is
                           wrong about it */
    P2I_DOUBT_SYN,      /* payload of a SYN: the receiver need not take it */
    P2I_DOUBT_PADDING,  /* a few zero bytes: perhaps padding of the frame */
    P2I_DOUBT_PROBE,    /* one byte: perhaps a probe of a closed window */
};

/* A TCP segment, or a part of one, by its place in the stream. */
struct p2i_segment {
    uint32_t sequence;
    uint32_t length;                    /* in the stream */
    struct p2i_view bytes;              /* as captured: bytes.size <= length; call */
    const struct p2i_packet_info *info; /* call */
    enum p2i_doubt doubt;
};

struct p2i_held_segment {
    struct p2i_held_segment *next;
    struct p2i_packet_info info;
    uint32_t sequence;
    uint32_t length;
    uint32_t size; /* captured: bytes[0..size) */
    uint8_t doubt; /* enum p2i_doubt */
    uint8_t bytes[];
};

/* In the order of sequence numbers, without overlaps. Starts zeroed. */
struct p2i_held_list {
    struct p2i_held_segment *first, *last; /* `last` is valid when there is a first */
    uint32_t bytes;                        /* captured */
    uint16_t count;
    uint16_t doubtful_count; /* of these */
};

/* Where the memory of a list comes from. */
struct p2i_held_memory {
    struct p2i_pool *pool;
    struct p2i_account *account;
};

/* Captured bytes that did not get into the list. */
struct p2i_held_losses {
    size_t repeated; /* they were held already, or gave way to others */
    size_t ignored;  /* out of memory */
};

/* a - b of sequence numbers (RFC 9293 section 3.4). */
static inline int32_t p2i_sequence_distance(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

/* Keeps a copy of those parts of a segment that are not held yet. What came first wins, but
 * doubtful segments give way to one that is not, a probe to a longer segment with the same
 * number, and padding to any with the same number. */
struct p2i_held_losses p2i_held_add(struct p2i_held_list *list, struct p2i_held_memory memory,
                                    struct p2i_segment segment);

/* Takes the first segment off the list; free it with p2i_held_free(). The list must not be empty.
 */
struct p2i_held_segment *p2i_held_take(struct p2i_held_list *list);
void p2i_held_free(struct p2i_held_memory memory, struct p2i_held_segment *held);

/* Drops the first segment if it is padding in front of `sequence`. Returns its bytes. */
size_t p2i_held_drop_padding(struct p2i_held_list *list, struct p2i_held_memory memory,
                             uint32_t sequence);

/* Empties the list. Returns the bytes dropped. */
size_t p2i_held_clear(struct p2i_held_list *list, struct p2i_held_memory memory);

/* The held segment as a segment; lives as long as it is held. */
struct p2i_segment p2i_held_segment(const struct p2i_held_segment *held);

/* Takes the first `length` bytes of a segment off it. */
struct p2i_segment p2i_segment_split(struct p2i_segment *segment, uint32_t length);

#endif
