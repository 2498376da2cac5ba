/* SPDX-License-Identifier: MIT */
/* Walks the bytes of a capture format in a block's buffer: records become frames that point at
 * them. A walker remembers only what headers say, and does no I/O. */
#ifndef P2I_CAPTURE_WALK_H
#define P2I_CAPTURE_WALK_H

#include "capture/capture.h"
#include "pcap2ipfix/cursor.h"

struct p2i_walk {
    struct p2i_view bytes;   /* begins at a record border */
    struct p2i_block *block; /* receives the frames */
    uint64_t offset;         /* of the first byte, for errors */
    uint64_t frame_count;    /* frames of this file before the block's first, for errors */
    bool tolerant;           /* skip bad blocks without reporting them */
    bool last;               /* no more bytes follow */
    const struct p2i_capture_settings *settings;
    size_t used;             /* out: bytes of complete records */
    size_t wanted;           /* out with P2I_WALK_MORE: size of the next record */
    const char *part;        /* out with P2I_WALK_MORE: name of that record, for messages */
    struct p2i_error *error; /* out with P2I_WALK_SKIPPED and P2I_WALK_BROKEN */
};

enum p2i_walk_end {
    P2I_WALK_MORE,    /* the rest is no complete record (or empty) */
    P2I_WALK_FULL,    /* the block has no room for another frame */
    P2I_WALK_SKIPPED, /* a bad block was skipped; the next can be walked */
    P2I_WALK_BROKEN,  /* nothing more can be read */
    P2I_WALK_GO,      /* success; used inside walkers only */
};

/* A capture file format; a row of the table in formats.h. */
struct p2i_container {
    size_t state_size; /* size of the walker's state, which starts zeroed */
    /* True when a file with these first bytes has this format; `head` as for p2i_identify(). */
    bool (*is)(struct p2i_view head);
    enum p2i_walk_end (*walk)(void *state, struct p2i_walk *walk);
    /* Finds the time of the incomplete record at the beginning of `rest`. False: it is no packet,
     * or its time is not known yet. */
    bool (*peek_time)(const void *state, struct p2i_view rest, uint64_t *time_ns);
    void (*free)(void *state); /* frees members of the state, not the state itself; NULL: none */
};

static inline uint16_t p2i_walk_load16(const uint8_t *data, bool big)
{
    return big ? p2i_load_be16(data) : p2i_load_le16(data);
}

static inline uint32_t p2i_walk_load32(const uint8_t *data, bool big)
{
    return big ? p2i_load_be32(data) : p2i_load_le32(data);
}

/* Sets the position of an error: the record at `used`. */
static inline void p2i_walk_place(const struct p2i_walk *walk, size_t used)
{
    walk->error->offset = walk->offset + used;
    walk->error->packet = walk->frame_count + walk->block->frame_count + 1;
}

#endif
