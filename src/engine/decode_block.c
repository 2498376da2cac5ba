/* SPDX-License-Identifier: MIT */
#include "engine/decode_block.h"

#include "engine/budget.h"
#include "enrich/pppoe.h"
#include "enrich/radius.h"

void p2i_decoded_block_free(struct p2i_decoded_block *decoded)
{
    p2i_arrivals_free(&decoded->arrivals);
    p2i_joined_buffers_free(&decoded->joined);
    *decoded = (struct p2i_decoded_block){0};
}

bool p2i_block_decoder_init(struct p2i_block_decoder *decoder, const struct p2i_settings *settings,
                            bool features)
{
    bool flows = (settings->records &
                  (UINT32_C(1) << P2I_RECORD_FLOW | UINT32_C(1) << P2I_RECORD_BIFLOW)) != 0;
    struct p2i_budget budget = p2i_budget_split(settings->memory_bytes);
    *decoder = (struct p2i_block_decoder){
        .decoder = p2i_decoder_new(budget.fragments),
        .features = features,
        .radius = settings->subscriber_radius,
        .pppoe = settings->subscriber_pppoe,
    };
    p2i_dispatch_init(&decoder->dispatch, settings->threads,
                      settings->shard > 0 ? settings->shard - 1 : 0, settings->shard_count, flows);
    bool binds = decoder->radius || decoder->pppoe;
    decoder->bindings = binds ? p2i_bindings_new(budget.bindings) : NULL;
    return decoder->decoder != NULL && (decoder->bindings != NULL || !binds);
}

void p2i_block_decoder_free(struct p2i_block_decoder *decoder)
{
    p2i_decoder_free(decoder->decoder);
    p2i_dispatch_free(&decoder->dispatch);
    p2i_bindings_free(decoder->bindings);
}

void p2i_block_decoder_release(struct p2i_block_decoder *decoder, uint64_t number)
{
    if (decoder->bindings != NULL) {
        p2i_bindings_release(decoder->bindings, number, decoder->last_number);
    }
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

/* Binds subscribers by a packet that has been dispatched. With a wrong stamp a binding would begin
 * too early or be unknown for long, so it gets the time of the clock. */
static void bind(struct p2i_block_decoder *decoder, const struct p2i_arrival *arrival)
{
    struct p2i_packet packet = arrival->packet;
    packet.time_ns = p2i_clock_time_ns(&decoder->dispatch.clock, packet.time_ns);
    p2i_bindings_begin_packet(decoder->bindings, arrival->number);
    if (packet.ppp_control != 0) {
        p2i_pppoe_take(decoder->bindings, &packet);
        return;
    }
    const struct p2i_session_key *key = &arrival->packet.key;
    packet.source = key->end[arrival->from];
    packet.source_port = key->port[arrival->from];
    packet.destination = key->end[1 - arrival->from];
    packet.destination_port = key->port[1 - arrival->from];
    p2i_radius_take(decoder->bindings, &packet);
}

/* Decodes the frames of a batch, then dispatches them: bytes that were just written in small pieces
 * can't be read in larger ones without waiting. */
static void decode_batch(struct p2i_block_decoder *decoder, const struct p2i_frame *frames,
                         size_t count, uint64_t first_number, struct p2i_arrivals *arrivals)
{
    struct p2i_arrival *batch = &arrivals->list[arrivals->count];
    for (size_t i = 0; i < count; i++) {
        if (decoder->features) {
            struct p2i_features *features = &arrivals->features[arrivals->count + i];
            *features = (struct p2i_features){0};
            p2i_decoder_note_features(decoder->decoder, features);
        }
        decode_frame(decoder, &frames[i], &batch[i].packet);
    }
    for (size_t i = 0; i < count; i++) {
        p2i_dispatch_packet(&decoder->dispatch, arrivals, first_number + i);
        if (is_binding(decoder, &batch[i].packet)) {
            bind(decoder, &batch[i]);
        }
    }
}

static uint64_t replaced_bytes(const struct p2i_block_decoder *decoder)
{
    return decoder->bindings != NULL ? p2i_bindings_replaced_bytes(decoder->bindings) : 0;
}

void p2i_decode_block(struct p2i_block_decoder *decoder, const struct p2i_block *block, size_t *at,
                      size_t most, struct p2i_decoded_block *decoded)
{
    struct p2i_arrivals *arrivals = &decoded->arrivals;
    size_t left = block->frame_count - *at;
    size_t end = *at + (left < most ? left : most);
    uint64_t replaced = replaced_bytes(decoder);
    p2i_arrivals_clear(arrivals);
    p2i_joined_buffers_clear(&decoded->joined);
    arrivals->with_features = decoder->features;
    if (!p2i_arrivals_reserve(arrivals, end - *at)) {
        decoder->out_of_memory = true;
        *at = end;
        return;
    }
    p2i_decoder_join_into(decoder->decoder, &decoded->joined);
    while (*at < end) {
        size_t count = end - *at < P2I_BATCH ? end - *at : P2I_BATCH;
        decode_batch(decoder, &block->frames[*at], count, block->first_number + *at, arrivals);
        *at += count;
    }
    decoded->last_number = decoder->last_number = block->first_number + *at - 1;
    decoded->replaced_bytes = replaced_bytes(decoder) - replaced;
    decoder->out_of_memory |= arrivals->out_of_memory;
    p2i_dispatch_group(&decoder->dispatch, arrivals);
}
