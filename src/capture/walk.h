/* SPDX-License-Identifier: MIT */
/* One pass of a format's walker over bytes in a block's buffer: records become frames that point
 * at them. A walker keeps what it learns from headers and nothing else; it never reads. */
#ifndef P2I_CAPTURE_WALK_H
#define P2I_CAPTURE_WALK_H

#include "base/cursor.h"
#include "capture/capture.h"

struct p2i_walk {
    struct p2i_view bytes;   /* from the border of a record on */
    struct p2i_block *block; /* frames are added to it */
    uint64_t offset;         /* of the first byte, for errors */
    uint64_t frame_count;    /* frames of this file before the block's first, for errors */
    bool tolerant;           /* pass over a bad block without a word */
    bool last;               /* no bytes will follow these */
    size_t used;             /* out: bytes of whole records */
    size_t wanted;           /* out with P2I_WALK_MORE: bytes that the next record needs */
    const char *part;        /* out with P2I_WALK_MORE: what that record is */
    struct p2i_error *error; /* out with P2I_WALK_SKIPPED and P2I_WALK_BROKEN */
};

enum p2i_walk_end {
    P2I_WALK_MORE,    /* the rest is not a whole record (or empty) */
    P2I_WALK_FULL,    /* no room for another frame */
    P2I_WALK_SKIPPED, /* a block was bad, the next one can be walked */
    P2I_WALK_BROKEN,  /* nothing can be read from here on */
    P2I_WALK_GO,      /* all is well; between the functions of a walker only */
};

/* A format of capture files. A row of the table in formats.h. */
struct p2i_container {
    size_t state_size; /* of what a walker keeps; all zeros before the first byte */
    /* Whether a file that begins like this is one; `head` as for p2i_identify(). */
    bool (*is)(struct p2i_view head);
    enum p2i_walk_end (*walk)(void *state, struct p2i_walk *walk);
    /* The time of the record that begins at `rest`, of which not all is there. False: it is no
     * packet, or its time cannot be told yet. */
    bool (*peek_time)(const void *state, struct p2i_view rest, uint64_t *time_ns);
    void (*free)(void *state); /* what the state holds, not itself; NULL: nothing */
};

static inline uint16_t p2i_walk_load16(const uint8_t *data, bool big)
{
    return big ? p2i_load_be16(data) : p2i_load_le16(data);
}

static inline uint32_t p2i_walk_load32(const uint8_t *data, bool big)
{
    return big ? p2i_load_be32(data) : p2i_load_le32(data);
}

/* Says where the error is: at the record that begins at `used`. */
static inline void p2i_walk_place(const struct p2i_walk *walk, size_t used)
{
    walk->error->offset = walk->offset + used;
    walk->error->packet = walk->frame_count + walk->block->frame_count + 1;
}

#endif
