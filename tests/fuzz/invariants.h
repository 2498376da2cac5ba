/* SPDX-License-Identifier: MIT */
/* What holds for the conversion of any captures, whatever their bytes are:
 *
 * - It ends well, damaged or refused, and memory stays within the budget.
 * - The counters close: every frame has a fate, every byte of payload was parsed, ignored or
 *   retransmitted, every record counted is in the file.
 * - The IPFIX file has no defect, its strings are UTF-8, and the JSON Lines have as many records.
 * - One thread and three give the same bytes and statistics.
 * - The captures up to any frame give the first records of the whole. */
#ifndef FUZZ_INVARIANTS_H
#define FUZZ_INVARIANTS_H

#include "pcap2ipfix/view.h"

/* Bits. */
enum invariants_part {
    INVARIANTS_THREADS = 1, /* compares with three threads */
    INVARIANTS_PREFIX = 2,  /* compares with captures that end at a frame */
    INVARIANTS_JSON = 4,
    INVARIANTS_EXTENDED = 8, /* of extended records */
    INVARIANTS_ALL = 15,
};

struct invariants_counts {
    uint64_t frames, records;
    uint64_t peak_bytes; /* memory allocated by the conversion; 0: not measured */
    bool damaged;
};

/* Converts captures several times, together, as `parts` say. Returns NULL, or which invariant
 * does not hold, until the next call. *counts: of the conversion with one thread. Aborts when
 * memory or files for the test itself are refused. One thread. */
const char *invariants_check(const struct p2i_view *captures, size_t count, unsigned parts,
                             struct invariants_counts *counts);

#endif
