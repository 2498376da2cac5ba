/* SPDX-License-Identifier: MIT */
/* Headers of links and tunnels: of what stands between the headers that headers.c changes, only
 * numbers that the decoder names and bytes that decoding needs are kept, and the rest is cleared:
 * link addresses that are no MAC address, names of processes and interfaces, positions, options. */
#include <stdlib.h>

#include "rewrite/internal.h"
#include "rewrite/trial.h"

enum { HEADER = P2I_CLEARED + 1 }; /* for the time of the trials: headers.c handles the byte */
enum { TRIES = 1024 /* for a frame */ };
enum { LINK_RAW = 101, TRIED_BEHIND = 64 /* bytes that may decide why a frame has no packet */ };

/* A frame, or a reassembled packet, and how it is decoded. */
struct frame {
    struct p2i_decoder *decoder; /* reassembles nothing */
    struct p2i_rewrite_area *area;
    uint32_t original_size;
    uint16_t link_type;
    struct p2i_packet packet; /* as it is */
    struct p2i_trace trace;
    struct p2i_trace other; /* of a change */
    bool reaches_packet;    /* or a control frame: then headers behind decide what becomes of it */
    size_t end;             /* of the bytes that are tried */
};

static void decode(struct frame *frame, struct p2i_trace *trace, struct p2i_packet *packet)
{
    *packet = (struct p2i_packet){0};
    p2i_decode_traced(frame->decoder, frame->link_type,
                      p2i_view_of(frame->area->data, frame->area->size), frame->original_size, 0,
                      trace, packet);
}

static bool same_view(struct p2i_view a, struct p2i_view b)
{
    return a.data == b.data && a.size == b.size;
}

static bool same_trace(const struct p2i_trace *a, const struct p2i_trace *b)
{
    if (a->count != b->count || a->full != b->full) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        const struct p2i_trace_header *one = &a->headers[i];
        const struct p2i_trace_header *other = &b->headers[i];
        if (!same_view(one->bytes, other->bytes) || one->length != other->length ||
            one->identification != other->identification || one->kind != other->kind ||
            one->protocol != other->protocol) {
            return false;
        }
    }
    return true;
}

/* True when the frame is decoded as it was. */
static bool is_same(void *context)
{
    struct frame *frame = context;
    struct p2i_packet packet;
    decode(frame, &frame->other, &packet);
    const struct p2i_packet *was = &frame->packet;
    return same_trace(&frame->trace, &frame->other) && packet.scope == was->scope &&
           packet.vlan_id == was->vlan_id && packet.post_vlan_id == was->post_vlan_id &&
           packet.source_mac == was->source_mac && packet.destination_mac == was->destination_mac &&
           packet.ppp_control == was->ppp_control && same_view(packet.payload, was->payload) &&
           packet.payload_length == was->payload_length &&
           (frame->reaches_packet || packet.fate == was->fate);
}

/* Offset of bytes in the area; its size if they are outside of it. */
static size_t offset_of(const struct p2i_rewrite_area *area, const uint8_t *bytes)
{
    uintptr_t first = (uintptr_t)area->data;
    uintptr_t place = (uintptr_t)bytes;
    return place >= first && place - first <= area->size ? place - first : area->size;
}

static void mark(struct p2i_rewrite_area *area, size_t at, size_t size, uint8_t claim)
{
    if (at < area->size) {
        memset(area->claimed + at, claim, size < area->size - at ? size : area->size - at);
    }
}

/* Bytes of a header that headers.c handles, and behind which its contents begin. */
static size_t size_of(const struct p2i_trace_header *header)
{
    enum { UDP_SIZE = 8 };
    switch (header->kind) {
    case P2I_TRACE_MAC:
        return header->bytes.size;
    case P2I_TRACE_IPV4:
    case P2I_TRACE_IPV6:
        return header->length;
    case P2I_TRACE_UDP:
        return UDP_SIZE;
    default:
        return 0;
    }
}

/* Marks headers and numbers, and finds the end of what is to be tried. */
static void mark_headers(struct frame *frame)
{
    struct p2i_rewrite_area *area = frame->area;
    for (size_t i = 0; i < frame->trace.count; i++) {
        const struct p2i_trace_header *header = &frame->trace.headers[i];
        size_t at = offset_of(area, header->bytes.data);
        mark(area, at, size_of(header), HEADER);
        if (header->kind == P2I_TRACE_NUMBERS) {
            mark(area, at, header->bytes.size, P2I_CLAIMED);
        }
        size_t behind = at + size_of(header);
        frame->end = behind > frame->end ? behind : frame->end;
    }
    const struct p2i_packet *packet = &frame->packet;
    frame->reaches_packet = packet->fate == P2I_FATE_HANDLED || packet->ppp_control != 0 ||
                            packet->fate == P2I_FATE_TRANSPORT_OTHER ||
                            packet->fate == P2I_FATE_FRAGMENT;
    if (packet->ppp_control != 0 && packet->payload.data != NULL) {
        frame->end = offset_of(area, packet->payload.data);
    }
    frame->end += frame->reaches_packet ? 0 : TRIED_BEHIND;
    frame->end = frame->end < area->size ? frame->end : area->size;
}

static void clear(void *context, uint8_t *data, size_t size)
{
    (void)context;
    memset(data, 0, size);
}

/* Marks the bytes of headers of links and tunnels as claimed or cleared. The data is unchanged
 * behind it. */
static void try_area(struct frame *frame, uint8_t *original)
{
    struct p2i_rewrite_area *area = frame->area;
    decode(frame, &frame->trace, &frame->packet);
    if (frame->trace.full) {
        return;
    }
    frame->end = 0;
    mark_headers(frame);
    if (frame->end > 0) {
        memcpy(original, area->data, frame->end);
    }
    struct p2i_trial trial = {
        .context = frame, .is_same = is_same, .blank = clear, .tries_left = TRIES};
    for (size_t at = 0; at < frame->end;) {
        size_t size = 0;
        while (at + size < frame->end && area->claimed[at + size] == P2I_UNCLAIMED) {
            size++;
        }
        p2i_try(&trial, area->data + at, original + at, size);
        for (size_t i = at; i < at + size; i++) {
            area->claimed[i] = area->data[i] == 0 ? P2I_CLEARED : P2I_CLAIMED;
        }
        at += size > 0 ? size : 1;
    }
    for (size_t at = 0; at < frame->end; at++) {
        area->data[at] = original[at];
        area->claimed[at] = area->claimed[at] == HEADER ? P2I_UNCLAIMED : area->claimed[at];
    }
}

bool p2i_rewrite_links(struct p2i_rewrite *rewrite)
{
    size_t largest = 1;
    for (size_t i = 0; i < rewrite->area_count; i++) {
        largest = rewrite->areas[i].size > largest ? rewrite->areas[i].size : largest;
    }
    struct frame *frame = calloc(1, sizeof *frame);
    uint8_t *original = malloc(largest);
    struct p2i_decoder *decoder = p2i_decoder_new(0);
    bool done = frame != NULL && original != NULL && decoder != NULL;
    for (size_t i = 0; done && i < rewrite->area_count; i++) {
        bool captured = i < rewrite->frame_count;
        const struct p2i_engine_frame *given = &rewrite->frames[captured ? i : 0].given;
        frame->decoder = decoder;
        frame->area = &rewrite->areas[i];
        frame->link_type = captured ? given->link_type : LINK_RAW;
        frame->original_size = (uint32_t)frame->area->size;
        if (captured && given->original_size > frame->original_size) {
            frame->original_size = given->original_size;
        }
        try_area(frame, original);
    }
    p2i_decoder_free(decoder);
    free(original);
    free(frame);
    return done;
}
