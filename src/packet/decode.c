/* SPDX-License-Identifier: MIT */
#include "packet/packet.h"

#include <stdlib.h>

#include "packet/internal.h"

struct p2i_decoder {
    struct p2i_fragments *fragments;
    struct p2i_features *features; /* NULL: not wanted */
    struct p2i_decoder_counts counts;
    struct p2i_frame_places frames; /* of the packet decoded last */
    bool frames_noted;
};

struct p2i_decoder *p2i_decoder_new(uint64_t fragment_bytes)
{
    struct p2i_decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder == NULL) {
        return NULL;
    }
    decoder->fragments = p2i_fragments_new(&decoder->counts, fragment_bytes);
    if (decoder->fragments == NULL) {
        free(decoder);
        return NULL;
    }
    return decoder;
}

void p2i_decoder_free(struct p2i_decoder *decoder)
{
    if (decoder != NULL) {
        p2i_fragments_free(decoder->fragments);
        p2i_frame_places_free(&decoder->frames);
        free(decoder);
    }
}

void p2i_decoder_join_into(struct p2i_decoder *decoder, struct p2i_joined_buffers *joined)
{
    p2i_fragments_join_into(decoder->fragments, joined);
}

const struct p2i_decoder_counts *p2i_decoder_counts(const struct p2i_decoder *decoder)
{
    return &decoder->counts;
}

void p2i_decoder_note_frames(struct p2i_decoder *decoder)
{
    decoder->frames_noted = true;
}

const struct p2i_frame_places *p2i_decoder_frames(const struct p2i_decoder *decoder)
{
    return &decoder->frames;
}

void p2i_decoder_note_features(struct p2i_decoder *decoder, struct p2i_features *features)
{
    decoder->features = features;
}

/* Those of a packet that p2i_decode_plain() has read. */
static void note_plain(const struct p2i_packet *packet, struct p2i_features *features)
{
    p2i_features_set(features, P2I_FEATURE_LINK_ETHERNET);
    p2i_features_set(features, packet->ip_version == 4 ? P2I_FEATURE_ETHERTYPE_IPV4
                                                       : P2I_FEATURE_ETHERTYPE_IPV6);
    p2i_features_of_headers(packet, features);
}

static void count(struct p2i_decoder *decoder, const struct p2i_decoding *decoding,
                  enum p2i_fate fate)
{
    const struct p2i_packet *packet = decoding->packet;
    if (fate == P2I_FATE_HANDLED) {
        decoder->counts.cut_count += packet->payload.size < packet->payload_length;
        decoder->counts.tunnel_count += decoding->depth > 0;
        decoder->counts.encrypted_tunnel_count += decoding->encrypted;
    } else if (fate == P2I_FATE_TRANSPORT_OTHER) {
        decoder->counts.tunnel_count += decoding->depth > 0;
    }
}

/* Decodes a frame header by header. */
static void decode_headers(struct p2i_decoder *decoder, uint16_t link_type, struct p2i_view frame,
                           uint32_t original_size, struct p2i_trace *trace,
                           struct p2i_packet *packet)
{
    struct p2i_decoding decoding = {.packet = packet,
                                    .fragments = decoder->fragments,
                                    .frames = decoder->frames_noted ? &decoder->frames : NULL,
                                    .missing = original_size - (uint32_t)frame.size,
                                    .features = decoder->features,
                                    .trace = trace};
    packet->source_mac = NULL;
    packet->destination_mac = NULL;
    enum p2i_fate fate = p2i_decode_link(&decoding, link_type, frame);
    packet->scope = p2i_scope_fold(decoding.scope);
    packet->fate = (uint8_t)fate;
    count(decoder, &decoding, fate);
    if (decoder->features != NULL &&
        (fate == P2I_FATE_HANDLED || fate == P2I_FATE_TRANSPORT_OTHER)) {
        p2i_features_of_headers(packet, decoder->features);
    }
}

/* Sets what headers need not set. */
static void begin(struct p2i_decoder *decoder, struct p2i_packet *packet)
{
    packet->vlan_id = 0;
    packet->post_vlan_id = 0;
    packet->mpls_size = 0;
    packet->mpls = NULL;
    packet->ppp_control = 0;
    decoder->frames.count = 0;
}

void p2i_decode(struct p2i_decoder *decoder, uint16_t link_type, struct p2i_view frame,
                uint32_t original_size, uint64_t time_ns, uint32_t interface_id,
                struct p2i_packet *packet)
{
    enum { ETHERNET = 1 };
    packet->time_ns = time_ns;
    packet->interface_id = interface_id;
    begin(decoder, packet);
    if (link_type != ETHERNET || !p2i_decode_plain(packet, frame)) {
        decode_headers(decoder, link_type, frame, original_size, NULL, packet);
        return;
    }
    packet->scope = 0;
    packet->fate = P2I_FATE_HANDLED;
    decoder->counts.cut_count += packet->payload.size < packet->payload_length;
    if (decoder->features != NULL) {
        note_plain(packet, decoder->features);
    }
}

void p2i_decode_traced(struct p2i_decoder *decoder, uint16_t link_type, struct p2i_view frame,
                       uint32_t original_size, uint64_t time_ns, struct p2i_trace *trace,
                       struct p2i_packet *packet)
{
    packet->time_ns = time_ns;
    packet->interface_id = 0;
    begin(decoder, packet);
    trace->count = 0;
    trace->full = false;
    decode_headers(decoder, link_type, frame, original_size, trace, packet);
}
