/* SPDX-License-Identifier: MIT */
/* Changes of headers and payload, with the checksums behind them right: those of IPv4, and of TCP
 * and UDP where all their bytes were captured. */
#include <stdlib.h>

#include "base/put.h"
#include "mutate_internal.h"
#include "packet/trace.h"
#include "pcap2ipfix/cursor.h"

/* Headers of a frame whose bytes are its own, and may be changed. */
struct place {
    uint8_t *data; /* `size` bytes: the header and what belongs to it */
    size_t size;
    bool whole; /* captured to its end */
    uint8_t kind;
};

struct places {
    struct place list[P2I_TRACE_MAX];
    size_t count;
};

/* Owns the frame and finds its headers, outermost first. */
static void find_places(struct frames *frames, struct frame *frame, struct places *places)
{
    static struct p2i_trace trace;
    struct p2i_packet packet = {0};
    struct p2i_decoder *decoder = p2i_decoder_new(1 << 16);
    if (decoder == NULL) {
        abort();
    }
    frames_own(frames, frame, 0);
    uint32_t original = frame->original_size > frame->size ? frame->original_size : frame->size;
    p2i_decode_traced(decoder, frame->link_type, p2i_view_of(frame->data, frame->size), original,
                      frame->time_ns, &trace, &packet);
    places->count = 0;
    for (size_t i = 0; i < trace.count; i++) {
        const struct p2i_trace_header *header = &trace.headers[i];
        bool wanted = header->kind == P2I_TRACE_IPV4 || header->kind == P2I_TRACE_IPV6 ||
                      header->kind == P2I_TRACE_TCP || header->kind == P2I_TRACE_UDP;
        size_t at = (size_t)(header->bytes.data - frame->data);
        if (wanted && header->bytes.data >= frame->data && at < frame->size) {
            places->list[places->count++] = (struct place){
                .data = frame->data + at,
                .size = header->bytes.size,
                .whole = header->bytes.size == header->length,
                .kind = header->kind,
            };
        }
    }
    p2i_decoder_free(decoder);
}

/* ---- Checksums --------------------------------------------------------------------------- */

static uint32_t add(uint32_t sum, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        sum += i % 2 == 0 ? (uint32_t)data[i] << 8 : data[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

static uint32_t pseudo_header(const struct place *ip, size_t size, uint8_t protocol)
{
    uint32_t sum = ip->kind == P2I_TRACE_IPV4 ? add(0, ip->data + 12, 8) : add(0, ip->data + 8, 32);
    return sum + (uint32_t)(size & 0xffff) + (uint32_t)(size >> 16) + protocol;
}

static void right_transport(const struct place *place, const struct place *ip)
{
    bool tcp = place->kind == P2I_TRACE_TCP;
    uint8_t *checksum = place->data + (tcp ? 16 : 6);
    if (ip == NULL || !place->whole || place->size < (tcp ? 20 : 8)) {
        return;
    }
    (void)p2i_put16(checksum, 0);
    uint32_t sum = pseudo_header(ip, place->size, tcp ? P2I_PROTO_TCP : P2I_PROTO_UDP);
    uint16_t right = (uint16_t)~add(sum, place->data, place->size);
    (void)p2i_put16(checksum, right == 0 && !tcp ? 0xffff : right);
}

/* Innermost first, since a datagram of a tunnel has what is inside in its checksum. */
static void right_checksums(const struct places *places)
{
    for (size_t i = places->count; i > 0; i--) {
        const struct place *place = &places->list[i - 1];
        if (place->kind == P2I_TRACE_IPV4) {
            size_t size = (size_t)(place->data[0] & 15) * 4;
            size = size < 20 || size > place->size ? 20 : size;
            (void)p2i_put16(place->data + 10, 0);
            (void)p2i_put16(place->data + 10, (uint16_t)~add(0, place->data, size));
        } else if (place->kind != P2I_TRACE_IPV6) {
            bool has_ip =
                i > 1 && (place[-1].kind == P2I_TRACE_IPV4 || place[-1].kind == P2I_TRACE_IPV6);
            right_transport(place, has_ip ? place - 1 : NULL);
        }
    }
}

/* ---- Headers ----------------------------------------------------------------------------- */

/* A field of a header, in bytes. */
struct field {
    uint8_t at, size;
};

static struct field choose_field(uint8_t kind, struct chance *chance)
{
    static const struct field ipv4[] = {{0, 1}, {1, 1}, {2, 2},  {4, 2},
                                        {6, 2}, {8, 1}, {12, 4}, {16, 4}};
    static const struct field ipv6[] = {{0, 4}, {4, 2}, {6, 1}, {8, 4}, {20, 4}, {24, 4}, {36, 4}};
    static const struct field tcp[] = {{0, 2},  {2, 2},  {4, 4},  {4, 4},  {8, 4},  {8, 4},
                                       {12, 1}, {13, 1}, {13, 1}, {14, 2}, {18, 2}, {20, 4}};
    static const struct field udp[] = {{0, 2}, {2, 2}, {4, 2}};
    switch (kind) {
    case P2I_TRACE_IPV4:
        return ipv4[chance_below(chance, sizeof ipv4 / sizeof *ipv4)];
    case P2I_TRACE_IPV6:
        return ipv6[chance_below(chance, sizeof ipv6 / sizeof *ipv6)];
    case P2I_TRACE_TCP:
        return tcp[chance_below(chance, sizeof tcp / sizeof *tcp)];
    default:
        return udp[chance_below(chance, sizeof udp / sizeof *udp)];
    }
}

static uint32_t choose_value(uint32_t value, struct chance *chance)
{
    const uint32_t values[] = {
        0,
        1,
        value + 1,
        value - 1,
        value + (uint32_t)chance_below(chance, 3000),
        value - (uint32_t)chance_below(chance, 3000),
        value ^ 1U << chance_below(chance, 32),
        value + 0x7fffffff,
        UINT32_MAX,
        (uint32_t)chance_below(chance, UINT32_MAX),
    };
    return values[chance_below(chance, sizeof values / sizeof *values)];
}

static void change_field(const struct place *place, struct chance *chance)
{
    struct field field = choose_field(place->kind, chance);
    uint32_t value = 0;
    if ((size_t)field.at + field.size > place->size) {
        return;
    }
    for (size_t i = 0; i < field.size; i++) {
        value = value << 8 | place->data[field.at + i];
    }
    value = choose_value(value, chance);
    for (size_t i = field.size; i > 0; i--) {
        place->data[field.at + i - 1] = (uint8_t)value;
        value >>= 8;
    }
}

/* Changes one frame, in which the places were found. */
typedef void change_frame(const struct places *places, struct chance *chance);

/* Changes some frames that have headers, and puts their checksums right. */
static void change_some(struct frames *frames, struct chance *chance, change_frame *change)
{
    struct chosen chosen = choose_some(chance);
    struct places places;
    for (size_t i = 0; i < frames->count; i++) {
        if (!is_chosen(&chosen)) {
            continue;
        }
        find_places(frames, &frames->list[i], &places);
        if (places.count > 0) {
            change(&places, chance);
            right_checksums(&places);
        }
    }
}

static void change_header(const struct places *places, struct chance *chance)
{
    change_field(&places->list[chance_below(chance, places->count)], chance);
}

void mutate_header(struct frames *frames, struct frames *other, struct chance *chance)
{
    (void)other;
    change_some(frames, chance, change_header);
}

/* ---- Payload ----------------------------------------------------------------------------- */

/* Offset of the payload behind the innermost header; 0: there is none. */
static size_t payload_at(const struct places *places)
{
    const struct place *last = places->count > 0 ? &places->list[places->count - 1] : NULL;
    size_t at = 0;
    if (last != NULL && last->kind == P2I_TRACE_UDP) {
        at = 8;
    } else if (last != NULL && last->kind == P2I_TRACE_TCP) {
        at = (size_t)(last->data[12] >> 4) * 4;
    }
    return last != NULL && at < last->size ? at : 0;
}

static void change_bytes(uint8_t *data, size_t size, struct chance *chance)
{
    static const uint8_t odd[] = {0, 0xff, 0x7f, 0x80, '\r', '\n', ' ', ':', '"', '<', '0', '9'};
    for (unsigned left = 1U << chance_below(chance, 4); left > 0; left--) {
        uint8_t *at = data + chance_below(chance, size);
        uint64_t way = chance_below(chance, 3);
        *at = way == 0   ? odd[chance_below(chance, sizeof odd)]
              : way == 1 ? (uint8_t)(*at ^ 1U << chance_below(chance, 8))
                         : (uint8_t)chance_below(chance, 256);
    }
}

static void change_payload(const struct places *places, struct chance *chance)
{
    const struct place *last = &places->list[places->count - 1];
    size_t at = payload_at(places);
    if (at > 0) {
        change_bytes(last->data + at, last->size - at, chance);
    }
}

void mutate_payload(struct frames *frames, struct frames *other, struct chance *chance)
{
    (void)other;
    change_some(frames, chance, change_payload);
}

/* Puts bytes of another frame's payload over those of a frame. */
static void graft(struct frames *frames, struct frame *onto, struct frame *from,
                  struct chance *chance)
{
    struct places places;
    struct places given;
    find_places(frames, from, &given);
    find_places(frames, onto, &places);
    size_t at = payload_at(&places);
    size_t given_at = payload_at(&given);
    if (at == 0 || given_at == 0) {
        return;
    }
    const struct place *last = &places.list[places.count - 1];
    const struct place *source = &given.list[given.count - 1];
    at += chance_below(chance, 2) == 0 ? 0 : chance_below(chance, last->size - at);
    size_t room = last->size - at;
    size_t size = source->size - given_at;
    memcpy(last->data + at, source->data + given_at, size < room ? size : room);
    right_checksums(&places);
}

void mutate_graft(struct frames *frames, struct frames *other, struct chance *chance)
{
    struct chosen chosen = choose_some(chance);
    for (size_t i = 0; i < frames->count; i++) {
        if (is_chosen(&chosen)) {
            struct frames *source =
                other->count > 0 && chance_below(chance, 2) == 0 ? other : frames;
            struct frame from = source->list[chance_below(chance, source->count)];
            graft(frames, &frames->list[i], &from, chance);
        }
    }
}

/* ---- Segments ---------------------------------------------------------------------------- */

/* Cuts the payload off from `end` on, and corrects the lengths of the IP headers. */
static void shorten(struct places *places, struct frame *frame, size_t less)
{
    for (size_t i = 0; i < places->count; i++) {
        struct place *place = &places->list[i];
        place->size -= less;
        size_t at = place->kind == P2I_TRACE_IPV4 ? 2 : 4;
        if (place->kind != P2I_TRACE_TCP) {
            (void)p2i_put16(place->data + at, (uint16_t)(p2i_load_be16(place->data + at) - less));
        }
    }
    frame->size -= (uint32_t)less;
    frame->original_size -= (uint32_t)less;
}

/* Makes two segments of one: bytes up to `end`, and those from `begin` on. */
static void split(struct frames *frames, size_t i, struct chance *chance)
{
    struct places places;
    struct frame first = frames->list[i];
    struct frame second = first;
    find_places(frames, &first, &places);
    size_t at = payload_at(&places);
    const struct place *last = places.count > 0 ? &places.list[places.count - 1] : NULL;
    if (at == 0 || last->kind != P2I_TRACE_TCP || !last->whole ||
        last->data + last->size != first.data + first.size) {
        return;
    }
    size_t size = last->size - at;
    size_t begin = chance_below(chance, size);
    size_t end = chance_below(chance, 3) > 0 ? begin : begin + chance_below(chance, size - begin);
    shorten(&places, &first, size - end);
    right_checksums(&places);
    find_places(frames, &second, &places);
    last = &places.list[places.count - 1];
    (void)p2i_put32(last->data + 4, p2i_load_be32(last->data + 4) + (uint32_t)begin);
    memmove(last->data + at, last->data + at + begin, size - begin);
    shorten(&places, &second, begin);
    right_checksums(&places);
    frames->list[i] = first;
    frames_insert(frames, i + 1 + (chance_below(chance, 4) == 0 ? chance_below(chance, 4) : 0),
                  second);
}

void mutate_split(struct frames *frames, struct frames *other, struct chance *chance)
{
    struct chosen chosen = choose_some(chance);
    (void)other;
    for (size_t i = frames->count; i > 0; i--) {
        if (is_chosen(&chosen)) {
            split(frames, i - 1, chance);
        }
    }
}
