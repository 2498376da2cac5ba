/* SPDX-License-Identifier: MIT */
/* The first station: decodes the frames of a block, once, and distributes the packets to the
 * workers. State across blocks (fragments, clock, announcements) is here alone, so blocks come in
 * order, from one thread at a time. */
#ifndef P2I_ENGINE_DECODE_BLOCK_H
#define P2I_ENGINE_DECODE_BLOCK_H

#include "capture/capture.h"
#include "packet/packet.h"
#include "session/dispatch.h"
#include "settings/settings.h"

/* A packet that binds subscribers to addresses or sessions (RADIUS, PPPoE). It takes effect behind
 * packet `number`. */
struct p2i_binding_packet {
    uint64_t number;
    struct p2i_packet packet;
};

/* The packets of a block, or of a part of it. Start zeroed. Written by p2i_decode_block(), then
 * only read, by all workers. */
struct p2i_decoded_block {
    struct p2i_arrivals arrivals;
    struct p2i_binding_packet *bindings;
    size_t binding_count, binding_capacity;
    uint64_t last_number; /* of the last frame */
    struct p2i_joined_buffers joined;
};

void p2i_decoded_block_free(struct p2i_decoded_block *decoded);

struct p2i_block_decoder {
    struct p2i_decoder *decoder;
    struct p2i_dispatch dispatch;
    bool radius, pppoe; /* binding packets are wanted */
    bool out_of_memory; /* packets were lost */
    uint64_t fates[P2I_FATE_COUNT];
    uint64_t last_number; /* of the last frame in the run */
};

/* False: out of memory; p2i_block_decoder_free() must still be called. */
bool p2i_block_decoder_init(struct p2i_block_decoder *decoder, const struct p2i_settings *settings);
void p2i_block_decoder_free(struct p2i_block_decoder *decoder);

/* Replaces the packets in `decoded` by those of the block's frames from *at on, at most `most`
 * frames. Moves *at behind the last frame. */
void p2i_decode_block(struct p2i_block_decoder *decoder, const struct p2i_block *block, size_t *at,
                      size_t most, struct p2i_decoded_block *decoded);

#endif
