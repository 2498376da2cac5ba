/* SPDX-License-Identifier: MIT */
#include "mutate_capture.h"

#include <stdlib.h>

#include "base/put.h"
#include "mutate_internal.h"
#include "pcap2ipfix/cursor.h"

#define SECOND_NS UINT64_C(1000000000)

const char *mutation_name(enum mutation mutation)
{
    static const char *const names[] = {
#define MUTATION(name, text) #name,
        MUTATIONS(MUTATION)
#undef MUTATION
    };
    return names[mutation];
}

/* ---- The bytes of the file --------------------------------------------------------------- */

static size_t mutate_cut(uint8_t *bytes, size_t size, struct chance *chance)
{
    (void)bytes;
    return chance_below(chance, size);
}

/* Changes one to sixteen bytes; in one copy of four near the beginning, where the file header is.
 */
static size_t mutate_flip(uint8_t *bytes, size_t size, struct chance *chance)
{
    size_t end = chance_below(chance, 4) == 0 && size > 128 ? 128 : size;
    for (unsigned left = 1U << chance_below(chance, 5); left > 0; left--) {
        size_t at = chance_below(chance, end);
        const uint8_t values[] = {
            0,
            0xff,
            0x7f,
            0x80,
            (uint8_t)(bytes[at] ^ 1U << chance_below(chance, 8)),
            (uint8_t)chance_below(chance, 256),
        };
        bytes[at] = values[chance_below(chance, sizeof values)];
    }
    return size;
}

/* ---- Frames ------------------------------------------------------------------------------ */

static void mutate_drop(struct frames *frames, struct frames *other, struct chance *chance)
{
    struct chosen chosen = choose_some(chance);
    (void)other;
    for (size_t i = frames->count; i > 0; i--) {
        if (is_chosen(&chosen)) {
            frames_remove(frames, i - 1);
        }
    }
}

static void mutate_twice(struct frames *frames, struct frames *other, struct chance *chance)
{
    struct chosen chosen = choose_some(chance);
    (void)other;
    for (size_t i = frames->count; i > 0; i--) {
        if (is_chosen(&chosen)) {
            frames_insert(frames, i + chance_below(chance, 10), frames->list[i - 1]);
        }
    }
}

static void mutate_swap(struct frames *frames, struct frames *other, struct chance *chance)
{
    static const uint8_t distances[] = {1, 1, 1, 2, 3, 10, 70};
    struct chosen chosen = choose_some(chance);
    bool with_times = chance_below(chance, 2) == 0;
    (void)other;
    for (size_t i = 0; i < frames->count; i++) {
        size_t j = i + distances[chance_below(chance, sizeof distances)];
        if (!is_chosen(&chosen) || j >= frames->count) {
            continue;
        }
        struct frame first = frames->list[i];
        struct frame second = frames->list[j];
        if (!with_times) {
            uint64_t time_ns = first.time_ns;
            first.time_ns = second.time_ns;
            second.time_ns = time_ns;
        }
        frames->list[i] = second;
        frames->list[j] = first;
    }
}

static void mutate_stamp(struct frames *frames, struct frames *other, struct chance *chance)
{
    static const uint64_t odd_seconds[] = {0, 1, INT32_MAX, UINT64_C(1) << 31, UINT32_MAX};
    static const int64_t shifts_s[] = {-86400, 86400, -3600, 3600, -301, 301, INT32_MAX};
    struct chosen chosen = choose_some(chance);
    bool all = chance_below(chance, 3) == 0; /* from the first one chosen on */
    bool odd = chance_below(chance, 2) == 0;
    uint64_t second = odd_seconds[chance_below(chance, 5)];
    int64_t shift_s = shifts_s[chance_below(chance, 7)];
    bool begun = false;
    (void)other;
    for (size_t i = 0; i < frames->count; i++) {
        begun = is_chosen(&chosen) || (all && begun);
        uint64_t *time_ns = &frames->list[i].time_ns;
        if (begun && odd) {
            *time_ns = second * SECOND_NS + *time_ns % SECOND_NS;
        } else if (begun) {
            uint64_t moved = *time_ns + (uint64_t)shift_s * SECOND_NS;
            *time_ns = moved > UINT32_MAX * SECOND_NS ? 0 : moved;
        }
    }
}

static void mutate_snaplen(struct frames *frames, struct frames *other, struct chance *chance)
{
    static const uint16_t ends[] = {100, 300, 1500};
    uint64_t most = 1 + chance_below(chance, ends[chance_below(chance, 3)]);
    (void)other;
    for (size_t i = 0; i < frames->count; i++) {
        struct frame *frame = &frames->list[i];
        frame->size = frame->size < most ? frame->size : (uint32_t)most;
    }
}

static void change_length(struct frames *frames, struct frame *frame, struct chance *chance)
{
    /* Of IPv4 and IPv6 over Ethernet, UDP, the TCP header; or anywhere. */
    static const uint8_t places[] = {16, 18, 38, 46, 58, 66};
    size_t at = places[chance_below(chance, sizeof places)];
    if (frame->size < 16 || chance_below(chance, 5) == 0) {
        const uint32_t sizes[] = {0, frame->size / 2, frame->size + 1, 65535, UINT32_MAX};
        frame->original_size = sizes[chance_below(chance, 5)];
        return;
    }
    if (at + 2 > frame->size || chance_below(chance, 4) == 0) {
        at = chance_below(chance, frame->size < 100 ? frame->size - 1 : 99);
    }
    frames_own(frames, frame, 0);
    unsigned value = p2i_load_be16(frame->data + at);
    const unsigned values[] = {0,         1,         value - 1,   value + 1, value - 20,
                               value / 2, value * 2, frame->size, 0x7fff,    0xffff};
    (void)p2i_put16(frame->data + at, (uint16_t)values[chance_below(chance, 10)]);
}

static void mutate_lengths(struct frames *frames, struct frames *other, struct chance *chance)
{
    struct chosen chosen = choose_some(chance);
    (void)other;
    for (size_t i = 0; i < frames->count; i++) {
        if (is_chosen(&chosen)) {
            change_length(frames, &frames->list[i], chance);
        }
    }
}

/* With the times of the other capture, or those of the frames before. */
static void mutate_interleave(struct frames *frames, struct frames *other, struct chance *chance)
{
    bool own_times = chance_below(chance, 2) == 0;
    size_t at = 0;
    for (size_t i = 0; i < other->count; i++) {
        at += chance_below(chance, 3);
        struct frame frame = other->list[i];
        if (!own_times && at > 0 && at <= frames->count) {
            frame.time_ns = frames->list[at - 1].time_ns;
        }
        frames_insert(frames, at++, frame);
    }
}

static mutate_frames mutate_mixture;

static mutate_frames *const ways[] = {
    [MUTATE_drop] = mutate_drop,       [MUTATE_twice] = mutate_twice,
    [MUTATE_swap] = mutate_swap,       [MUTATE_stamp] = mutate_stamp,
    [MUTATE_snaplen] = mutate_snaplen, [MUTATE_lengths] = mutate_lengths,
    [MUTATE_header] = mutate_header,   [MUTATE_interleave] = mutate_interleave,
    [MUTATE_payload] = mutate_payload, [MUTATE_graft] = mutate_graft,
    [MUTATE_split] = mutate_split,     [MUTATE_mixture] = mutate_mixture,
};

static void mutate_mixture(struct frames *frames, struct frames *other, struct chance *chance)
{
    for (unsigned i = 0; i < 3; i++) {
        uint64_t way = MUTATE_drop + chance_below(chance, MUTATE_mixture - MUTATE_drop);
        ways[way](frames, other, chance);
    }
}

size_t mutate_capture_as(enum mutation mutation, struct p2i_view capture, struct p2i_view other,
                         uint64_t seed, uint8_t *out, size_t most)
{
    struct chance chance = {.seed = p2i_mix(seed, mutation)};
    struct frames frames = {0};
    struct frames others = {0};
    size_t size = capture.size < most ? capture.size : most;
    if (mutation == MUTATE_cut || mutation == MUTATE_flip) {
        if (size > 0) {
            memmove(out, capture.data, size);
            size = (mutation == MUTATE_cut ? mutate_cut : mutate_flip)(out, size, &chance);
        }
        return size;
    }
    frames_read(&frames, capture);
    if (mutation == MUTATE_interleave || mutation == MUTATE_graft || mutation == MUTATE_mixture) {
        frames_read(&others, other);
    }
    ways[mutation](&frames, &others, &chance);
    size = frames_write(&frames, out, most);
    frames_free(&frames);
    frames_free(&others);
    return size;
}
