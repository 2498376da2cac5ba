/* SPDX-License-Identifier: MIT */
#include "engine/totals.h"

#include <string.h>

void p2i_decoder_totals_take(struct p2i_decoder_totals *totals,
                             const struct p2i_block_decoder *decoder)
{
    memcpy(totals->fates, decoder->fates, sizeof totals->fates);
    totals->other_shard_packets = decoder->dispatch.other_shard_packets;
    totals->decoded = *p2i_decoder_counts(decoder->decoder);
}

void p2i_worker_totals_take(struct p2i_worker_totals *totals, const struct p2i_worker *worker)
{
    p2i_sessions_counts(worker->sessions, &totals->sessions);
    totals->encoded = worker->encode_counts;
}
