/* SPDX-License-Identifier: MIT */
/* RADIUS (RFC 2865, 2866, 3162, 4818, 6911) in a capture: which user has which address, from
 * when on. */
#ifndef P2I_ENRICH_RADIUS_H
#define P2I_ENRICH_RADIUS_H

#include "enrich/bindings.h"
#include "enrich/prefix_ranges.h"
#include "packet/packet.h"

/* True when one of the ports is one of RADIUS: 1812, 1813; once 1645, 1646. Called for every
 * packet, so most are sorted out by one comparison each. */
static inline bool p2i_has_radius_port(uint16_t source, uint16_t destination)
{
    enum { FIRST = 1645, LAST = 1813 };
    if ((source - (unsigned)FIRST > LAST - FIRST) &
        (destination - (unsigned)FIRST > LAST - FIRST)) {
        return false;
    }
    return source - 1645U <= 1 || source - 1812U <= 1 || destination - 1645U <= 1 ||
           destination - 1812U <= 1;
}

/* Reads a UDP packet and binds P2I_BOUND_RADIUS: Accounting-Request (Start and Interim-Update
 * bind, Stop ends the binding) and Access-Accept, which takes the user name from its request if it
 * has none. Packets that are not RADIUS, or malformed, change nothing; nor do those whose client is
 * not in `nas` (NULL: any client counts). */
void p2i_radius_take(struct p2i_bindings *bindings, const struct p2i_prefix_ranges *nas,
                     const struct p2i_packet *packet);

#endif
