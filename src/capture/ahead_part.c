/* SPDX-License-Identifier: MIT */
#include "capture/ahead_part.h"

#include <stdlib.h>

struct p2i_ahead_piece *p2i_ahead_piece_new(struct p2i_ahead_pieces *pieces)
{
    struct p2i_ahead_piece *piece = pieces->free;
    if (piece != NULL) {
        pieces->free = piece->next;
    } else {
        piece = malloc(sizeof *piece);
    }
    if (piece != NULL) {
        piece->next = NULL;
        piece->size = piece->used = piece->mark_count = 0;
        pieces->count++;
    }
    return piece;
}

void p2i_ahead_piece_free(struct p2i_ahead_pieces *pieces, struct p2i_ahead_piece *piece)
{
    piece->next = pieces->free;
    pieces->free = piece;
    pieces->count--;
}

void p2i_ahead_pieces_free(struct p2i_ahead_pieces *pieces)
{
    while (pieces->free != NULL) {
        struct p2i_ahead_piece *piece = pieces->free;
        pieces->free = piece->next;
        free(piece);
    }
}

struct p2i_ahead_part *p2i_ahead_part_new(const struct p2i_compressed_input *input, uint64_t offset)
{
    struct p2i_ahead_part *part = calloc(1, sizeof *part);
    if (part == NULL) {
        return NULL;
    }
    part->decompressor = p2i_decompressor_new(input, offset);
    if (part->decompressor == NULL) {
        free(part);
        return NULL;
    }
    return part;
}

void p2i_ahead_part_clear(struct p2i_ahead_part *part, struct p2i_ahead_pieces *pieces)
{
    while (part->head != NULL) {
        p2i_ahead_part_drop_head(part, pieces);
    }
    part->byte_count = 0;
}

void p2i_ahead_part_free(struct p2i_ahead_part *part, struct p2i_ahead_pieces *pieces)
{
    if (part == NULL) {
        return;
    }
    p2i_ahead_part_clear(part, pieces);
    pieces->count -= part->charge;
    p2i_decompressor_free(part->decompressor);
    free(part);
}

void p2i_ahead_part_append(struct p2i_ahead_part *part, struct p2i_ahead_piece *piece)
{
    if (part->head == NULL) {
        part->head = piece;
    } else {
        part->tail->next = piece;
    }
    part->tail = piece;
    part->piece_count++;
    part->byte_count += piece->size;
}

void p2i_ahead_part_drop_head(struct p2i_ahead_part *part, struct p2i_ahead_pieces *pieces)
{
    struct p2i_ahead_piece *piece = part->head;
    part->head = piece->next;
    part->piece_count--;
    p2i_ahead_piece_free(pieces, piece);
}

bool p2i_ahead_part_fill(struct p2i_ahead_part *part, struct p2i_ahead_piece *piece,
                         bool (*is_ready)(const void *context), const void *context)
{
    bool put_off = false;
    do {
        size_t got;
        piece->result = p2i_decompress_put_off(part->decompressor, piece->bytes + piece->size,
                                               sizeof piece->bytes - piece->size, &got, &put_off,
                                               &piece->error);
        piece->size += got;
        piece->marks[piece->mark_count++] =
            (struct p2i_ahead_mark){piece->size, p2i_decompressor_position(part->decompressor)};
    } while (piece->result == P2I_OK && !put_off && piece->size < sizeof piece->bytes &&
             piece->mark_count < P2I_AHEAD_MARKS && is_ready(context));
    return !put_off;
}

uint64_t p2i_ahead_piece_position(const struct p2i_ahead_piece *piece)
{
    const struct p2i_ahead_mark *mark = piece->marks;
    while (mark->end < piece->used) {
        mark++;
    }
    return mark->position;
}
