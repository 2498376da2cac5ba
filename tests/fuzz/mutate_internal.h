/* SPDX-License-Identifier: MIT */
/* What the ways of damage share. */
#ifndef FUZZ_MUTATE_INTERNAL_H
#define FUZZ_MUTATE_INTERNAL_H

#include "base/hash.h"
#include "frames.h"
#include "mutate_capture.h"

struct chance {
    uint64_t seed, calls;
};

/* A number below `end`, which is not 0. */
static inline uint64_t chance_below(struct chance *chance, uint64_t end)
{
    return p2i_mix(chance->seed, ++chance->calls) % end;
}

/* Frames that are changed, few or many. */
struct chosen {
    struct chance *chance;
    uint64_t one_in;
};

static inline struct chosen choose_some(struct chance *chance)
{
    static const uint8_t parts[] = {50, 10, 2};
    return (struct chosen){chance, parts[chance_below(chance, sizeof parts)]};
}

static inline bool is_chosen(const struct chosen *chosen)
{
    return chance_below(chosen->chance, chosen->one_in) == 0;
}

typedef void mutate_frames(struct frames *frames, struct frames *other, struct chance *chance);

/* mutate_headers.c: in frames of any link type, within tunnels too. */
mutate_frames mutate_header, mutate_payload, mutate_graft, mutate_split;

#endif
