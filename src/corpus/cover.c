/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "corpus/candidates.h"

/* A candidate in the heap: the one with most gain for its bytes is the first. A gain only becomes
 * smaller, so one that is still the first after it was counted anew is the best. */
struct entry {
    uint64_t gain; /* combinations that nobody covers, when it was counted last */
    uint64_t bytes;
    uint32_t candidate;
};

struct cover {
    struct p2i_candidates *of;
    uint32_t *covers; /* by combination: number of chosen candidates that have it */
    struct entry *heap;
    size_t heap_count;
};

static bool is_before(const struct entry *a, const struct entry *b)
{
    __extension__ typedef unsigned __int128 wide;
    wide left = (wide)a->gain * (b->bytes + 1);
    wide right = (wide)b->gain * (a->bytes + 1);
    if (left != right) {
        return left > right;
    }
    return a->candidate < b->candidate;
}

static void sink(struct cover *cover, size_t at)
{
    for (;;) {
        size_t first = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++) {
            if (child < cover->heap_count && is_before(&cover->heap[child], &cover->heap[first])) {
                first = child;
            }
        }
        if (first == at) {
            return;
        }
        struct entry moved = cover->heap[at];
        cover->heap[at] = cover->heap[first];
        cover->heap[first] = moved;
        at = first;
    }
}

static uint64_t count_gain(const struct cover *cover, const struct p2i_candidate *candidate)
{
    uint64_t gain = 0;
    for (size_t i = 0; i < candidate->traits.count; i++) {
        const struct p2i_trait *trait = &candidate->traits.list[i];
        gain += cover->covers[trait->combination] == 0 && p2i_trait_counts(&cover->of->all, trait);
    }
    return gain;
}

static void choose(struct cover *cover, struct p2i_candidate *candidate, bool chosen)
{
    candidate->chosen = chosen;
    for (size_t i = 0; i < candidate->traits.count; i++) {
        const struct p2i_trait *trait = &candidate->traits.list[i];
        if (p2i_trait_counts(&cover->of->all, trait)) {
            cover->covers[trait->combination] += chosen ? 1 : (uint32_t)-1;
        }
    }
}

/* Whether all that the candidate covers is also covered by others. */
static bool is_superfluous(const struct cover *cover, const struct p2i_candidate *candidate)
{
    for (size_t i = 0; i < candidate->traits.count; i++) {
        const struct p2i_trait *trait = &candidate->traits.list[i];
        if (cover->covers[trait->combination] == 1 && p2i_trait_counts(&cover->of->all, trait)) {
            return false;
        }
    }
    return true;
}

static void choose_greedily(struct cover *cover, uint64_t size_most)
{
    uint64_t size = 0;
    while (cover->heap_count > 0) {
        struct entry *first = &cover->heap[0];
        struct p2i_candidate *candidate = &cover->of->list[first->candidate];
        uint64_t gain = count_gain(cover, candidate);
        bool fits = size_most == 0 || size + first->bytes <= size_most;
        if (gain == first->gain && gain > 0 && fits) {
            choose(cover, candidate, true);
            size += first->bytes;
            gain = 0;
        }
        first->gain = gain;
        if (gain == 0 || !fits) {
            *first = cover->heap[--cover->heap_count];
        }
        sink(cover, 0);
    }
}

bool p2i_candidates_choose(struct p2i_candidates *of, uint64_t size_most)
{
    struct cover cover = {.of = of,
                          .covers = calloc(of->all.count + 1, sizeof *cover.covers),
                          .heap = calloc(of->count + 1, sizeof *cover.heap),
                          .heap_count = of->count};
    bool done = cover.covers != NULL && cover.heap != NULL;
    if (done) {
        for (size_t i = 0; i < of->count; i++) {
            cover.heap[i] = (struct entry){.gain = count_gain(&cover, &of->list[i]),
                                           .bytes = of->list[i].bytes,
                                           .candidate = (uint32_t)i};
        }
        for (size_t i = of->count / 2 + 1; i-- > 0;) {
            sink(&cover, i);
        }
        choose_greedily(&cover, size_most);
        /* What came early may have become superfluous by what came later. */
        for (size_t i = 0; i < of->count; i++) {
            if (of->list[i].chosen && is_superfluous(&cover, &of->list[i])) {
                choose(&cover, &of->list[i], false);
            }
        }
    }
    free(cover.covers);
    free(cover.heap);
    return done;
}
