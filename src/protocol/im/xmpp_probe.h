/* SPDX-License-Identifier: MIT */
/* How XMPP is told from everything else, and where it goes on behind a loss. */
#ifndef P2I_PROTOCOL_IM_XMPP_PROBE_H
#define P2I_PROTOCOL_IM_XMPP_PROBE_H

#include "protocol/protocol.h"

/* As in struct p2i_protocol. */
enum p2i_match p2i_xmpp_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                              struct p2i_view bytes);

/* Is this a port of XMPP servers? */
bool p2i_xmpp_is_port(uint16_t port);

/* Where the first part of a stream begins that is known by its name, in the middle of anything;
 * `bytes` may end before the name does. Their size when there is none. */
size_t p2i_xmpp_find(struct p2i_view bytes, bool *certain);

/* Name of the outermost element of a part, with its prefix; "/" is the first of an end tag's. */
struct p2i_view p2i_xmpp_name(struct p2i_view part);

#endif
