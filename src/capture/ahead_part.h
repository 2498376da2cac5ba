/* SPDX-License-Identifier: MIT */
/* A part of a compressed capture that is decompressed ahead: its decompressor and the queue of what
 * is not read yet. Only decompress_ahead.c uses it, and holds its mutex except where a function
 * says otherwise. */
#ifndef P2I_CAPTURE_AHEAD_PART_H
#define P2I_CAPTURE_AHEAD_PART_H

#include <stdbool.h>

#include "capture/capture.h"
#include "capture/decompress.h"

enum { P2I_AHEAD_PIECE_BYTES = P2I_BLOCK_BYTES, P2I_AHEAD_MARKS = 16 };

/* Bytes of a piece, from those of the mark before, for which the file was read up to a position. */
struct p2i_ahead_mark {
    size_t end;
    uint64_t position;
};

/* Decompressed bytes that are not read yet. */
struct p2i_ahead_piece {
    struct p2i_ahead_piece *next;
    size_t size, used;
    enum p2i_result result; /* behind the bytes */
    struct p2i_error error;
    struct p2i_ahead_mark marks[P2I_AHEAD_MARKS];
    size_t mark_count;
    uint8_t bytes[P2I_AHEAD_PIECE_BYTES];
};

/* Pieces of all parts; also the unit in which other memory is counted. */
struct p2i_ahead_pieces {
    struct p2i_ahead_piece *free;
    size_t count, limit; /* in use */
};

struct p2i_ahead_part {
    struct p2i_ahead_part *next;
    struct p2i_decompressor *decompressor; /* of the thread that has set `busy` */
    uint64_t end;   /* where the next part begins, if a stream begins there; 0: not known */
    uint64_t place; /* stored bytes up to here are decompressed */
    size_t charge;  /* memory beside the queue, in pieces */
    bool busy;      /* a thread decompresses */
    bool in_order;  /* the next piece is the reader's: it may need memory */
    bool reached;   /* its end: the next part follows the queue */
    bool ended;     /* nothing follows the queue */
    bool dropped;   /* the thread that is at work on it frees it */
    struct p2i_ahead_piece *head, *tail;
    size_t piece_count, byte_count; /* in the queue, not read yet */
};

/* NULL: out of memory. */
struct p2i_ahead_piece *p2i_ahead_piece_new(struct p2i_ahead_pieces *pieces);
/* The next one is taken first: it is in the cache. */
void p2i_ahead_piece_free(struct p2i_ahead_pieces *pieces, struct p2i_ahead_piece *piece);
void p2i_ahead_pieces_free(struct p2i_ahead_pieces *pieces);

/* NULL: out of memory. The mutex need not be held. */
struct p2i_ahead_part *p2i_ahead_part_new(const struct p2i_compressed_input *input,
                                          uint64_t offset);
/* Gives the pieces of its queue back. */
void p2i_ahead_part_clear(struct p2i_ahead_part *part, struct p2i_ahead_pieces *pieces);
void p2i_ahead_part_free(struct p2i_ahead_part *part, struct p2i_ahead_pieces *pieces);
void p2i_ahead_part_append(struct p2i_ahead_part *part, struct p2i_ahead_piece *piece);
void p2i_ahead_part_drop_head(struct p2i_ahead_part *part, struct p2i_ahead_pieces *pieces);

/* Decompresses until the piece is full, without waiting for more than one read of a pipe. Returns
 * false when the rest was put off. The mutex is not held: the part is busy. */
bool p2i_ahead_part_fill(struct p2i_ahead_part *part, struct p2i_ahead_piece *piece,
                         bool (*is_ready)(const void *context), const void *context);

/* Where the file was read up to for the bytes of the piece that were read. */
uint64_t p2i_ahead_piece_position(const struct p2i_ahead_piece *piece);

#endif
