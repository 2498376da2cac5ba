/* SPDX-License-Identifier: MIT */
/* The input is a capture of any format, which is converted as by the program: the invariants hold
 * (invariants.h). What costs most is done for one input in eight, by a hash; all of it is done by
 * tests/torture. */
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "invariants.h"
#include "mutate_capture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct p2i_view capture = p2i_view_of(data, size);
    struct invariants_counts counts;
    uint64_t chance = p2i_hash_bytes(capture);
    unsigned parts = (chance & 7) == 0 ? INVARIANTS_THREADS : 0;
    parts |= (chance >> 3 & 7) == 0 ? INVARIANTS_PREFIX : 0;
    parts |= (chance >> 6 & 7) == 0 ? INVARIANTS_JSON : 0;
    parts |= (chance >> 9 & 1) == 0 ? INVARIANTS_EXTENDED : 0;
    const char *fault = invariants_check(&capture, 1, parts, &counts);
    if (fault != NULL) {
        (void)fprintf(stderr, "%s\n", fault);
        abort();
    }
    return 0;
}

#ifdef FUZZ_LIBFUZZER
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *first, size_t first_size, const uint8_t *second,
                                 size_t second_size, uint8_t *out, size_t most, unsigned seed);

/* Changes frames, or bytes of one input in three, and of those that are no captures. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    struct p2i_view capture = p2i_view_of(data, size);
    size_t changed = seed % 3 == 0 ? 0
                                   : mutate_capture_as((enum mutation)(seed / 3 % MUTATION_COUNT),
                                                       capture, capture, seed, data, most);
    return changed > 0 ? changed : LLVMFuzzerMutate(data, size, most);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *first, size_t first_size, const uint8_t *second,
                                 size_t second_size, uint8_t *out, size_t most, unsigned seed)
{
    return mutate_capture_as(seed % 2 == 0 ? MUTATE_interleave : MUTATE_graft,
                             p2i_view_of(first, first_size), p2i_view_of(second, second_size), seed,
                             out, most);
}
#endif
