/* SPDX-License-Identifier: MIT */
/* Recognition of XMPP, and resynchronisation behind a loss. */
#ifndef P2I_PROTOCOL_IM_XMPP_PROBE_H
#define P2I_PROTOCOL_IM_XMPP_PROBE_H

#include "protocol/protocol.h"

/* As in struct p2i_protocol. */
enum p2i_match p2i_xmpp_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                              struct p2i_view bytes);

/* True for ports of XMPP servers. */
bool p2i_xmpp_is_port(uint16_t port);

/* Returns the start of the first part of a stream that is known by its name, anywhere in
 * `bytes`, which may end before the name does; the size of `bytes` when there is none. */
size_t p2i_xmpp_find(struct p2i_view bytes, bool *certain);

/* Returns the name of the outermost element of a part, with its prefix; an end tag's begins with
 * "/". */
struct p2i_view p2i_xmpp_name(struct p2i_view part);

#endif
