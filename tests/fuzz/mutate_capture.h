/* SPDX-License-Identifier: MIT */
/* Damages captures: their bytes, or their frames, in ways that a mutator of bytes does not find,
 * because lengths and checksums stay right. The same seed gives the same capture. */
#ifndef FUZZ_MUTATE_CAPTURE_H
#define FUZZ_MUTATE_CAPTURE_H

#include "pcap2ipfix/view.h"

/* The ways, with what each does. `other` is another capture, or the same. */
#define MUTATIONS(X)                                                                               \
    X(cut, "the file ends early")                                                                  \
    X(flip, "some bytes of the file are changed")                                                  \
    X(drop, "frames are lost")                                                                     \
    X(twice, "frames come twice")                                                                  \
    X(swap, "frames change places, with or without their times")                                   \
    X(stamp, "frames have other times, some or all from one on")                                   \
    X(snaplen, "frames are cut")                                                                   \
    X(lengths, "length fields, or lengths on the wire, are changed")                               \
    X(interleave, "frames of the other capture come between")                                      \
    X(header, "fields of IP, TCP and UDP headers are changed, and checksums right")                \
    X(payload, "bytes of payload are changed, and checksums right")                                \
    X(graft, "payload of other frames in its place, and lengths and checksums right")              \
    X(split, "TCP segments come in two, which may overlap")                                        \
    X(mixture, "several of these, one after the other")

enum mutation {
#define MUTATION(name, text) MUTATE_##name,
    MUTATIONS(MUTATION)
#undef MUTATION
        MUTATION_COUNT,
};

/* The name of a way; static. */
const char *mutation_name(enum mutation mutation);

/* Writes a damaged capture of at most `most` bytes to `out`, which may be the memory of `capture`.
 * Returns its size; 0: nothing is left, or `capture` is no capture and its frames were to be
 * changed. Aborts when out of memory. */
size_t mutate_capture_as(enum mutation mutation, struct p2i_view capture, struct p2i_view other,
                         uint64_t seed, uint8_t *out, size_t most);

#endif
