/* SPDX-License-Identifier: MIT */
#include "engine/decode_block.h"

#include <stdlib.h>

#include "engine/budget.h"
#include "enrich/radius.h"

void p2i_decoded_block_free(struct p2i_decoded_block *decoded)
{
    p2i_arrivals_free(&decoded->arrivals);
    p2i_joined_buffers_free(&decoded->joined);
    free(decoded->bindings);
    *decoded = (struct p2i_decoded_block){0};
}

bool p2i_block_decoder_init(struct p2i_block_decoder *decoder, const struct p2i_settings *settings)
{
    bool flows = (settings->records &
                  (UINT32_C(1) << P2I_RECORD_FLOW | UINT32_C(1) << P2I_RECORD_BIFLOW)) != 0;
    *decoder = (struct p2i_block_decoder){
        .decoder = p2i_decoder_new(p2i_budget_split(settings->memory_bytes).fragments),
        .radius = settings->subscriber_radius,
        .pppoe = settings->subscriber_pppoe,
    };
    p2i_dispatch_init(&decoder->dispatch, settings->threads,
                      settings->shard > 0 ? settings->shard - 1 : 0, settings->shard_count, flows);
    return decoder->decoder != NULL;
}

void p2i_block_decoder_free(struct p2i_block_decoder *decoder)
{
    p2i_decoder_free(decoder->decoder);
    p2i_dispatch_free(&decoder->dispatch);
}

static void decode_frame(struct p2i_block_decoder *decoder, const struct p2i_frame *frame,
                         struct p2i_packet *packet)
{
    packet->capture = frame->capture;
    packet->untimed = frame->untimed || frame->skip != P2I_FATE_HANDLED;
    packet->number = frame->number;
    if (frame->skip != P2I_FATE_HANDLED) {
        packet->fate = (uint8_t)frame->skip;
        packet->time_ns = 0;
        packet->ppp_control = 0;
    } else {
        p2i_decode(decoder->decoder, frame->link_type, p2i_view_of(frame->data, frame->size),
                   frame->original_size, frame->time_ns, frame->interface_id, packet);
    }
    decoder->fates[packet->fate]++;
}

static bool is_radius(const struct p2i_block_decoder *decoder, const struct p2i_packet *packet)
{
    return p2i_has_radius_port(packet->source_port, packet->destination_port) &&
           packet->fate == P2I_FATE_HANDLED && packet->transport == P2I_PROTO_UDP &&
           decoder->radius;
}

static bool is_binding(const struct p2i_block_decoder *decoder, const struct p2i_packet *packet)
{
    return packet->ppp_control != 0 ? decoder->pppoe : is_radius(decoder, packet);
}

/* Keeps a copy of the packet, whose ends are not sorted yet. */
static void keep_binding(struct p2i_block_decoder *decoder, struct p2i_decoded_block *decoded,
                         const struct p2i_packet *packet, uint64_t number)
{
    if (decoded->binding_count == decoded->binding_capacity) {
        size_t capacity = decoded->binding_capacity > 0 ? 2 * decoded->binding_capacity : 16;
        struct p2i_binding_packet *bindings =
            realloc(decoded->bindings, capacity * sizeof *bindings);
        if (bindings == NULL) {
            decoder->out_of_memory = true;
            return;
        }
        decoded->bindings = bindings;
        decoded->binding_capacity = capacity;
    }
    struct p2i_binding_packet *binding = &decoded->bindings[decoded->binding_count++];
    *binding = (struct p2i_binding_packet){number, *packet};
}

/* Gives the last binding packet the clock's time: with a wrong stamp, a binding would begin too
 * early or be unknown for long. */
static void correct_time(struct p2i_block_decoder *decoder, struct p2i_decoded_block *decoded)
{
    if (decoded->binding_count > 0) {
        struct p2i_packet *packet = &decoded->bindings[decoded->binding_count - 1].packet;
        packet->time_ns = p2i_clock_time_ns(&decoder->dispatch.clock, packet->time_ns);
    }
}

/* Decodes the frames of a batch, then dispatches them: bytes that were just written in small pieces
 * can't be read in larger ones without waiting. */
static void decode_batch(struct p2i_block_decoder *decoder, const struct p2i_frame *frames,
                         size_t count, uint64_t first_number, struct p2i_decoded_block *decoded)
{
    struct p2i_arrivals *arrivals = &decoded->arrivals;
    struct p2i_arrival *batch = &arrivals->list[arrivals->count];
    for (size_t i = 0; i < count; i++) {
        decode_frame(decoder, &frames[i], &batch[i].packet);
    }
    for (size_t i = 0; i < count; i++) {
        bool binding = is_binding(decoder, &batch[i].packet);
        if (binding) {
            keep_binding(decoder, decoded, &batch[i].packet, first_number + i);
        }
        p2i_dispatch_packet(&decoder->dispatch, arrivals, first_number + i);
        if (binding) {
            correct_time(decoder, decoded);
        }
    }
}

void p2i_decode_block(struct p2i_block_decoder *decoder, const struct p2i_block *block, size_t *at,
                      size_t most, struct p2i_decoded_block *decoded)
{
    struct p2i_arrivals *arrivals = &decoded->arrivals;
    size_t left = block->frame_count - *at;
    size_t end = *at + (left < most ? left : most);
    p2i_arrivals_clear(arrivals);
    p2i_joined_buffers_clear(&decoded->joined);
    decoded->binding_count = 0;
    if (!p2i_arrivals_reserve(arrivals, end - *at)) {
        decoder->out_of_memory = true;
        *at = end;
        return;
    }
    p2i_decoder_join_into(decoder->decoder, &decoded->joined);
    while (*at < end) {
        size_t count = end - *at < P2I_BATCH ? end - *at : P2I_BATCH;
        decode_batch(decoder, &block->frames[*at], count, block->first_number + *at, decoded);
        *at += count;
    }
    decoded->last_number = decoder->last_number = block->first_number + *at - 1;
    decoder->out_of_memory |= arrivals->out_of_memory;
    p2i_dispatch_group(&decoder->dispatch, arrivals);
}
