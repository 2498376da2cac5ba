/* SPDX-License-Identifier: MIT */
/* What the first two stations have counted up to a block. Copies are taken with each block, so that
 * statistics can be given while the stations count on. */
#ifndef P2I_ENGINE_TOTALS_H
#define P2I_ENGINE_TOTALS_H

#include "engine/decode_block.h"
#include "engine/worker.h"

struct p2i_decoder_totals {
    uint64_t fates[P2I_FATE_COUNT];
    uint64_t other_shard_packets;
    struct p2i_decoder_counts decoded;
};

struct p2i_worker_totals {
    struct p2i_session_counts sessions;
    struct p2i_encode_counts encoded;
};

struct p2i_totals {
    struct p2i_decoder_totals decoder;
    struct p2i_worker_totals *workers; /* by number */
};

/* Copy the present counts; to be called by the thread that counts. */
void p2i_decoder_totals_take(struct p2i_decoder_totals *totals,
                             const struct p2i_block_decoder *decoder);
void p2i_worker_totals_take(struct p2i_worker_totals *totals, const struct p2i_worker *worker);

#endif
