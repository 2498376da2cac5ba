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

/* ---- what is wanted beside packets ---- */

static bool are_facts_wanted(const struct p2i_block_decoder *decoder)
{
    return decoder->wanted.packets || decoder->wanted.controls;
}

static void add_result(struct p2i_block_decoder *decoder, enum p2i_result_kind what,
                       uint64_t number, const void *item, size_t size)
{
    decoder->out_of_memory |= !p2i_results_add(decoder->results, what, number, 0, item, size);
}

/* Notes the frames that packet `number` of the run was reassembled from. */
static void note_frames(struct p2i_block_decoder *decoder, uint64_t number)
{
    const struct p2i_frame_places *frames = p2i_decoder_frames(decoder->decoder);
    if (frames->count > 0) {
        add_result(decoder, P2I_RESULT_FRAMES, number, frames->list,
                   frames->count * sizeof *frames->list);
    }
}

static void note_control(struct p2i_block_decoder *decoder, const struct p2i_arrival *arrival,
                         struct p2i_control_result *result)
{
    const struct p2i_packet *packet = &arrival->packet;
    const uint8_t *macs[2] = {packet->source_mac, packet->destination_mac};
    struct p2i_control_facts *facts = &result->facts;
    facts->struct_size = sizeof *facts;
    for (unsigned i = 0; i < 2; i++) {
        facts->mac[i] = macs[i]; /* which the third station replaces */
        if (macs[i] != NULL) {
            memcpy(result->mac[i], macs[i], sizeof result->mac[i]);
        }
    }
    if (facts->packet == 0) {
        facts->packet = packet->number;
        facts->capture = packet->capture;
    }
    add_result(decoder, P2I_RESULT_CONTROL, arrival->number, result, sizeof *result);
}

/* A frame of PPPoE, whatever it binds. */
static void note_pppoe(struct p2i_block_decoder *decoder, const struct p2i_arrival *arrival)
{
    const struct p2i_packet *packet = &arrival->packet;
    bool discovery = packet->ppp_control == P2I_PPPOE_DISCOVERY;
    struct p2i_control_result result = {
        .facts = {.kind = P2I_CONTROL_PPPOE,
                  .scope = discovery && packet->payload_length == 0 ? 0 : packet->scope,
                  .discovery = discovery},
    };
    note_control(decoder, arrival, &result);
}

/* The packet belongs to a session that FTP announced. */
static void note_announced(struct p2i_block_decoder *decoder, const struct p2i_arrival *arrival)
{
    uint64_t place = decoder->dispatch.announced_by;
    struct p2i_control_result result = {
        .facts = {.kind = P2I_CONTROL_FTP,
                  .packet = p2i_place_number(place),
                  .capture = p2i_place_capture(place)},
    };
    note_control(decoder, arrival, &result);
}

/* A login was bound to an address, or is so no longer. */
static void note_binding(void *context, const struct p2i_binding_key *key, uint64_t cause)
{
    struct p2i_block_decoder *decoder = context;
    bool radius = key->kind == P2I_BOUND_RADIUS;
    if (!radius && key->kind != P2I_BOUND_PPPOE) {
        return;
    }
    struct p2i_control_result result = {
        .facts = {.kind = radius ? P2I_CONTROL_RADIUS : P2I_CONTROL_PPPOE,
                  .scope = radius ? 0 : decoder->binding->packet.scope,
                  .ip_version = key->ip_version,
                  .prefix_length = key->length,
                  .request_packet = p2i_place_number(cause),
                  .request_capture = p2i_place_capture(cause)},
        .address = {.words = {key->words[0], key->words[1]}},
    };
    note_control(decoder, decoder->binding, &result);
}

/* ---- decoding ---- */

static void watch(struct p2i_block_decoder *decoder, const struct p2i_wanted *wanted)
{
    decoder->wanted = *wanted;
    if ((wanted->packets || wanted->controls) && decoder->decoder != NULL) {
        p2i_decoder_note_frames(decoder->decoder);
    }
    if (wanted->controls && decoder->bindings != NULL) {
        p2i_bindings_watch(decoder->bindings, note_binding, decoder);
    }
}

bool p2i_block_decoder_init(struct p2i_block_decoder *decoder, const struct p2i_settings *settings,
                            const struct p2i_prefix_ranges *nas, const struct p2i_wanted *wanted)
{
    bool flows = (settings->records &
                  (UINT32_C(1) << P2I_RECORD_FLOW | UINT32_C(1) << P2I_RECORD_BIFLOW)) != 0;
    struct p2i_budget budget = p2i_budget_split(settings->memory_bytes);
    *decoder = (struct p2i_block_decoder){
        .decoder = p2i_decoder_new(budget.fragments),
        .features = wanted->sessions,
        .radius = settings->subscriber_radius,
        .nas = nas,
        .pppoe = settings->subscriber_pppoe,
    };
    p2i_dispatch_init(&decoder->dispatch, settings->threads,
                      settings->shard > 0 ? settings->shard - 1 : 0, settings->shard_count, flows);
    bool binds = decoder->radius || decoder->pppoe;
    decoder->bindings = binds ? p2i_bindings_new(budget.bindings) : NULL;
    watch(decoder, wanted);
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
    decoder->binding = arrival;
    if (packet.ppp_control != 0) {
        p2i_pppoe_take(decoder->bindings, &packet);
        return;
    }
    const struct p2i_session_key *key = &arrival->packet.key;
    packet.source = key->end[arrival->from];
    packet.source_port = key->port[arrival->from];
    packet.destination = key->end[1 - arrival->from];
    packet.destination_port = key->port[1 - arrival->from];
    p2i_radius_take(decoder->bindings, decoder->nas, &packet);
}

static void note_controls(struct p2i_block_decoder *decoder, const struct p2i_arrival *arrival)
{
    if (arrival->packet.ppp_control != 0) {
        note_pppoe(decoder, arrival);
    }
    if (arrival->worker < P2I_SHARDS && arrival->announced != P2I_ID_UNKNOWN) {
        note_announced(decoder, arrival);
    }
}

/* Decodes the frames of a batch, then dispatches them: bytes that were just written in small pieces
 * can't be read in larger ones without waiting. */
static void decode_batch(struct p2i_block_decoder *decoder, const struct p2i_frame *frames,
                         size_t count, uint64_t first_number, struct p2i_arrivals *arrivals)
{
    struct p2i_arrival *batch = &arrivals->list[arrivals->count];
    for (size_t i = 0; i < count; i++) {
        decode_frame(decoder, &frames[i], &batch[i].packet);
    }
    if (are_facts_wanted(decoder) && frames->skip == P2I_FATE_HANDLED) {
        note_frames(decoder, first_number); /* the batch is one frame */
    }
    for (size_t i = 0; i < count; i++) {
        p2i_dispatch_packet(&decoder->dispatch, arrivals, first_number + i);
        if (decoder->wanted.controls) {
            note_controls(decoder, &batch[i]);
        }
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
    /* One by one, so that the facts of packets are in their order, and to each its features. */
    size_t batch = decoder->features || are_facts_wanted(decoder) ? 1 : P2I_BATCH;
    while (*at < end) {
        size_t count = end - *at < batch ? end - *at : batch;
        if (decoder->features) {
            arrivals->features[arrivals->count] = (struct p2i_features){0};
            p2i_decoder_note_features(decoder->decoder, &arrivals->features[arrivals->count]);
        }
        decode_batch(decoder, &block->frames[*at], count, block->first_number + *at, arrivals);
        *at += count;
    }
    decoded->last_number = decoder->last_number = block->first_number + *at - 1;
    decoded->replaced_bytes = replaced_bytes(decoder) - replaced;
    decoder->out_of_memory |=
        arrivals->out_of_memory || decoded->joined.out_of_memory ||
        decoder->dispatch.expected.out_of_memory ||
        (decoder->bindings != NULL && p2i_bindings_out_of_memory(decoder->bindings));
    p2i_dispatch_group(&decoder->dispatch, arrivals);
}
