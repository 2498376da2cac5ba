/* SPDX-License-Identifier: MIT */
/* Finds by trial which bytes somebody needs: where a range is overwritten and the rest is seen as
 * before, nobody does; else its halves are tried. For headers of links, and for protocols that are
 * recognised and no more. */
#ifndef P2I_REWRITE_TRIAL_H
#define P2I_REWRITE_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct p2i_trial {
    void *context;
    /* True when what the bytes are part of is seen as before. */
    bool (*is_same)(void *context);
    /* Overwrites bytes. */
    void (*blank)(void *context, uint8_t *data, size_t size);
    /* Another byte of the same kind, for one that may not be blank; random. NULL: it stays. */
    uint8_t (*other)(void *context, uint8_t byte);
    unsigned tries_left; /* behind them all bytes are overwritten, needed or not */
};

/* Overwrites the bytes that are not needed of `data`, which equals `original`. */
void p2i_try(struct p2i_trial *trial, uint8_t *data, const uint8_t *original, size_t size);

#endif
