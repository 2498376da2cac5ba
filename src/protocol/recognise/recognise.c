/* SPDX-License-Identifier: MIT */
#include "protocol/recognise/recognise.h"

enum p2i_match p2i_recognise(const struct p2i_ends *ends, enum p2i_direction direction,
                             struct p2i_view bytes, uint64_t *note,
                             const struct p2i_recogniser **found)
{
    static const struct p2i_recogniser *const lists[] = {
        p2i_recognise_remote, p2i_recognise_files,   p2i_recognise_data,  p2i_recognise_network,
        p2i_recognise_tunnel, p2i_recognise_sharing, p2i_recognise_calls, p2i_recognise_voice,
    };
    enum p2i_match match = P2I_MATCH_NO;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (const struct p2i_recogniser *at = lists[i]; at->id != P2I_ID_UNKNOWN; at++) {
            size_t too_few = (size_t)at->least[ends->transport] - 1; /* never asked: SIZE_MAX */
            enum p2i_match answer =
                bytes.size > too_few ? at->probe(ends, direction, bytes, note) : P2I_MATCH_NO;
            if (answer == P2I_MATCH_YES) {
                *found = at;
                return P2I_MATCH_YES;
            }
            if (answer == P2I_MATCH_MORE) {
                match = P2I_MATCH_MORE;
            }
        }
    }
    return match;
}
