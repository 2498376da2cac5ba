/* SPDX-License-Identifier: MIT */
/* Decodes the frames, and notes the headers and the payload of each, and which fragments a
 * reassembled packet was made of. */
#include <stdlib.h>

#include "base/hash.h"
#include "packet/transport.h"
#include "rewrite/internal.h"

enum { FRAGMENT_BYTES = 64 << 20, SHORTEST = 60 /* of an Ethernet frame, padded with zeros */ };

/* The frame being decoded. */
struct decoding {
    struct p2i_rewrite *rewrite;
    struct p2i_rewrite_frame *frame;
    const struct p2i_packet *packet;
    size_t area; /* that the headers are in at present */
    size_t ip;   /* element of the last IP header; SIZE_MAX: none */
};

void p2i_claim(struct p2i_rewrite_area *area, size_t at, size_t size)
{
    if (at < area->size) {
        memset(area->claimed + at, P2I_CLAIMED, size < area->size - at ? size : area->size - at);
    }
}

/* Offset of bytes in the present area; its size if they are outside of it. */
static size_t offset_of(const struct decoding *decoding, const uint8_t *at)
{
    const struct p2i_rewrite_area *area = &decoding->rewrite->areas[decoding->area];
    uintptr_t first = (uintptr_t)area->data;
    uintptr_t place = (uintptr_t)at;
    return place >= first && place - first <= area->size ? place - first : area->size;
}

static bool add_element(struct decoding *decoding, const struct p2i_trace_header *header)
{
    struct p2i_rewrite *rewrite = decoding->rewrite;
    if (!p2i_rewrite_reserve((void **)&rewrite->elements, rewrite->element_count,
                             &rewrite->element_capacity, sizeof *rewrite->elements)) {
        return false;
    }
    bool is_ip = header->kind == P2I_TRACE_IPV4 || header->kind == P2I_TRACE_IPV6;
    size_t at = offset_of(decoding, header->bytes.data);
    size_t left = rewrite->areas[decoding->area].size - at;
    rewrite->elements[rewrite->element_count] = (struct p2i_header_place){
        .area = decoding->area,
        .at = at,
        .size = header->bytes.size < left ? header->bytes.size : left,
        .ip = decoding->ip,
        .length = header->length,
        .kind = header->kind,
        .protocol = header->protocol,
    };
    if (is_ip) {
        decoding->ip = rewrite->element_count;
    }
    rewrite->element_count++;
    return true;
}

/* The addresses of the last IP header. */
static uint8_t addresses_of(const struct decoding *decoding, struct p2i_address *source,
                            struct p2i_address *destination)
{
    *source = (struct p2i_address){0};
    *destination = *source;
    if (decoding->ip == SIZE_MAX) {
        return 0;
    }
    const struct p2i_header_place *ip = &decoding->rewrite->elements[decoding->ip];
    const uint8_t *header = decoding->rewrite->areas[ip->area].data + ip->at;
    if (ip->kind == P2I_TRACE_IPV4) {
        memcpy(source->bytes, header + 12, 4);
        memcpy(destination->bytes, header + 16, 4);
        return 4;
    }
    memcpy(source, header + 8, 16);
    memcpy(destination, header + 24, 16);
    return 6;
}

/* The chain of fragments with the same hash. */
static size_t *chain_of(const struct p2i_rewrite *rewrite, const struct p2i_fragment_place *place)
{
    uint64_t hash = p2i_mix(place->source.words[0], place->source.words[1]);
    hash = p2i_mix(p2i_mix(hash, place->destination.words[0]), place->destination.words[1]);
    hash = p2i_mix(hash, place->identification);
    return &rewrite->chains[hash % P2I_FRAGMENT_CHAINS];
}

static bool add_fragment(struct decoding *decoding, const struct p2i_trace_header *header)
{
    struct p2i_rewrite *rewrite = decoding->rewrite;
    if (!p2i_rewrite_reserve((void **)&rewrite->fragments, rewrite->fragment_count,
                             &rewrite->fragment_capacity, sizeof *rewrite->fragments)) {
        return false;
    }
    struct p2i_fragment_place *place = &rewrite->fragments[rewrite->fragment_count++];
    *place = (struct p2i_fragment_place){.joined = SIZE_MAX,
                                         .area = decoding->area,
                                         .at = offset_of(decoding, header->bytes.data),
                                         .size = header->bytes.size,
                                         .identification = header->identification,
                                         .offset = header->length,
                                         .protocol = header->protocol};
    place->ip_version = addresses_of(decoding, &place->source, &place->destination);
    size_t *chain = chain_of(rewrite, place);
    place->next = *chain;
    *chain = rewrite->fragment_count - 1;
    return true;
}

/* True for fragments of one packet, or of packets that follow each other. */
static bool same_packet(const struct p2i_fragment_place *a, const struct p2i_fragment_place *b)
{
    return a->identification == b->identification && a->ip_version == b->ip_version &&
           (a->ip_version == 6 || a->protocol == b->protocol) &&
           memcmp(&a->source, &b->source, sizeof a->source) == 0 &&
           memcmp(&a->destination, &b->destination, sizeof a->destination) == 0;
}

/* True when the reassembled packet has the bytes of the fragment. */
static bool belongs(const struct p2i_rewrite *rewrite, const struct p2i_fragment_place *place,
                    struct p2i_view data)
{
    return place->offset <= data.size && place->size <= data.size - place->offset &&
           (place->size == 0 ||
            memcmp(data.data + place->offset, rewrite->areas[place->area].data + place->at,
                   place->size) == 0);
}

/* Moves the fragments of the packet that the newest one has completed from its chain to the area.
 * Those with other bytes were given up by the decoder. */
static void move_fragments(struct p2i_rewrite *rewrite, size_t number, struct p2i_view header,
                           size_t header_size)
{
    struct p2i_rewrite_area *area = &rewrite->areas[number];
    const struct p2i_fragment_place *last = &rewrite->fragments[rewrite->fragment_count - 1];
    struct p2i_view data = p2i_view_from(header, header_size);
    for (size_t *link = chain_of(rewrite, last); *link != P2I_NO_FRAGMENT;) {
        size_t at = *link;
        struct p2i_fragment_place *place = &rewrite->fragments[at];
        if (!same_packet(place, last)) {
            link = &place->next;
            continue;
        }
        *link = place->next;
        if (belongs(rewrite, place, data)) {
            place->joined = number;
            place->joined_at = header_size + (size_t)place->offset;
            place->next = area->fragments;
            area->fragments = at;
        }
    }
}

/* Makes an area of a reassembled packet, which begins with its IP header. */
static bool add_joined(struct decoding *decoding, const struct p2i_trace_header *header)
{
    struct p2i_rewrite *rewrite = decoding->rewrite;
    if (!p2i_rewrite_reserve((void **)&rewrite->areas, rewrite->area_count, &rewrite->area_capacity,
                             sizeof *rewrite->areas)) {
        return false;
    }
    uint8_t *buffer = rewrite->joined.buffers[rewrite->joined.count - 1];
    struct p2i_rewrite_area area = {.data = buffer + (header->bytes.data - buffer),
                                    .claimed = calloc(header->bytes.size + 1, 1),
                                    .size = header->bytes.size,
                                    .fragments = P2I_NO_FRAGMENT};
    if (area.claimed == NULL) {
        return false;
    }
    rewrite->areas[rewrite->area_count] = area;
    decoding->area = rewrite->area_count++;
    move_fragments(rewrite, decoding->area, header->bytes, header->length);
    struct p2i_trace_header ip = {.bytes = header->bytes,
                                  .length = header->length,
                                  .kind = header->bytes.data[0] >> 4 == 4 ? P2I_TRACE_IPV4
                                                                          : P2I_TRACE_IPV6};
    return add_element(decoding, &ip);
}

static bool add_headers(struct decoding *decoding, const struct p2i_trace *trace)
{
    bool done = true;
    for (size_t i = 0; done && i < trace->count; i++) {
        const struct p2i_trace_header *header = &trace->headers[i];
        switch (header->kind) {
        case P2I_TRACE_FRAGMENT:
            done = add_fragment(decoding, header);
            break;
        case P2I_TRACE_JOINED:
            done = add_joined(decoding, header);
            break;
        case P2I_TRACE_NUMBERS: /* see links.c */
            break;
        default:
            done = add_element(decoding, header);
            break;
        }
    }
    return done;
}

static bool is_zero(struct p2i_view bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (bytes.data[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Notes the payload of TCP, UDP and PPP control frames. */
static void note_payload(struct decoding *decoding)
{
    struct p2i_rewrite_frame *frame = decoding->frame;
    const struct p2i_packet *packet = decoding->packet;
    bool handled = packet->fate == P2I_FATE_HANDLED;
    if (!handled && packet->ppp_control == 0) {
        return;
    }
    frame->ppp_control = handled ? 0 : packet->ppp_control;
    frame->area = decoding->area;
    frame->at = offset_of(decoding, packet->payload.data);
    frame->size = packet->payload.size;
    if (!handled) {
        return;
    }
    frame->transport = packet->transport;
    frame->source = packet->source;
    frame->port[0] = packet->source_port;
    frame->port[1] = packet->destination_port;
    bool syn = packet->transport == P2I_PROTO_TCP && (packet->tcp_flags & P2I_TCP_SYN) != 0;
    frame->sequence = packet->tcp_sequence + syn;
    frame->doubtful = packet->transport == P2I_PROTO_TCP &&
                      (p2i_tcp_checksum(packet) == P2I_CHECKSUM_WRONG ||
                       (frame->given.size <= SHORTEST && is_zero(packet->payload)));
}

static bool decode_frame(struct p2i_rewrite *rewrite, struct p2i_decoder *decoder,
                         struct p2i_trace *trace, size_t i)
{
    struct p2i_rewrite_frame *frame = &rewrite->frames[i];
    const struct p2i_engine_frame *given = &frame->given;
    struct p2i_packet packet = {0};
    uint32_t original = given->original_size > given->size ? given->original_size : given->size;
    p2i_decode_traced(decoder, given->link_type, p2i_view_of(given->data, given->size), original,
                      given->time_ns, trace, &packet);
    struct decoding decoding = {
        .rewrite = rewrite, .frame = frame, .packet = &packet, .area = i, .ip = SIZE_MAX};
    if (!add_headers(&decoding, trace)) {
        return false;
    }
    if (!trace->full) {
        note_payload(&decoding);
    }
    return true;
}

bool p2i_rewrite_decode(struct p2i_rewrite *rewrite)
{
    struct p2i_trace *trace = malloc(sizeof *trace);
    struct p2i_decoder *decoder = p2i_decoder_new(FRAGMENT_BYTES);
    rewrite->chains = malloc(P2I_FRAGMENT_CHAINS * sizeof *rewrite->chains);
    bool done = trace != NULL && decoder != NULL && rewrite->chains != NULL;
    for (size_t i = 0; done && i < P2I_FRAGMENT_CHAINS; i++) {
        rewrite->chains[i] = P2I_NO_FRAGMENT;
    }
    if (done) {
        p2i_decoder_join_into(decoder, &rewrite->joined);
    }
    for (size_t i = 0; done && i < rewrite->frame_count; i++) {
        done = decode_frame(rewrite, decoder, trace, i);
    }
    p2i_decoder_free(decoder);
    free(trace);
    return done;
}
