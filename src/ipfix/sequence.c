/* SPDX-License-Identifier: MIT */
#include "ipfix/sequence.h"

enum { LATE_MAX = 1 << 16 }; /* records by which datagrams may be out of order */

enum p2i_sequence_finding p2i_sequence_begin(struct p2i_sequence *sequence, uint32_t number,
                                             uint32_t *missing)
{
    bool first = !sequence->begun;
    bool known = !first && !sequence->unknown;
    uint32_t ahead = number - sequence->next;
    sequence->begun = true;
    sequence->late = false;
    if (first) {
        return number == 0 ? P2I_SEQUENCE_DUE : P2I_SEQUENCE_MIDWAY;
    }
    if (!known || ahead == 0) {
        return P2I_SEQUENCE_DUE;
    }
    if (ahead <= INT32_MAX) {
        uint32_t room = INT32_MAX - sequence->missing;
        sequence->missing += ahead < room ? ahead : room;
        *missing = ahead;
        return P2I_SEQUENCE_MISSING;
    }
    sequence->late = sequence->missing > 0 && sequence->next - number <= LATE_MAX;
    return P2I_SEQUENCE_BACK;
}

uint32_t p2i_sequence_end(struct p2i_sequence *sequence, uint32_t number, uint32_t records,
                          bool skipped)
{
    if (sequence->late) {
        uint32_t found = records < sequence->missing ? records : sequence->missing;
        sequence->missing -= found;
        return found;
    }
    sequence->next = number + records;
    sequence->unknown = skipped;
    return 0;
}
