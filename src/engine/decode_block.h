/* SPDX-License-Identifier: MIT */
/* The first station: decodes the frames of a block, once, and distributes the packets to the
 * workers. State across blocks (fragments, clock, announcements, bindings of subscribers) is here
 * alone, so blocks come in order, from one thread at a time. */
#ifndef P2I_ENGINE_DECODE_BLOCK_H
#define P2I_ENGINE_DECODE_BLOCK_H

#include "capture/capture.h"
#include "engine/results.h"
#include "enrich/bindings.h"
#include "packet/packet.h"
#include "session/dispatch.h"
#include "settings/settings.h"

/* The packets of a block, or of a part of it. Start zeroed. Written by p2i_decode_block(), then
 * only read, by all workers. */
struct p2i_decoded_block {
    struct p2i_arrivals arrivals;
    uint64_t last_number; /* of the last frame */
    struct p2i_joined_buffers joined;
    uint64_t replaced_bytes; /* bindings that these packets replaced; they are freed when all
                                workers have handled the packets */
};

void p2i_decoded_block_free(struct p2i_decoded_block *decoded);

struct p2i_block_decoder {
    struct p2i_decoder *decoder;
    struct p2i_dispatch dispatch;
    struct p2i_bindings *bindings; /* of subscribers, for all workers to look up; NULL: none */
    bool features;                 /* of packets are wanted */
    bool radius, pppoe;            /* packets that bind subscribers are wanted */
    const struct p2i_prefix_ranges *nas; /* see p2i_radius_take() */
    struct p2i_wanted wanted;
    struct p2i_worker_results *results; /* facts of packets go here; set before each block */
    const struct p2i_arrival *binding;  /* the packet that binds a subscriber at present */
    bool out_of_memory;                 /* packets were lost */
    uint64_t fates[P2I_FATE_COUNT];
    uint64_t last_number; /* of the last frame in the run */
};

/* `nas`: see p2i_radius_take(); it must outlive the decoder. False: out of memory;
 * p2i_block_decoder_free() must still be called. */
bool p2i_block_decoder_init(struct p2i_block_decoder *decoder, const struct p2i_settings *settings,
                            const struct p2i_prefix_ranges *nas, const struct p2i_wanted *wanted);
void p2i_block_decoder_free(struct p2i_block_decoder *decoder);

/* Frees what only packets up to `number` needed: all workers have handled these. */
void p2i_block_decoder_release(struct p2i_block_decoder *decoder, uint64_t number);

/* Replaces the packets in `decoded` by those of the block's frames from *at on, at most `most`
 * frames. Moves *at behind the last frame. Appends to decoder->results what is wanted of them. */
void p2i_decode_block(struct p2i_block_decoder *decoder, const struct p2i_block *block, size_t *at,
                      size_t most, struct p2i_decoded_block *decoded);

#endif
