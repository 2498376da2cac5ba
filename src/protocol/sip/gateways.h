/* SPDX-License-Identifier: MIT */
/* The hosts that a SIP message and its media pass through. */
#ifndef P2I_PROTOCOL_SIP_GATEWAYS_H
#define P2I_PROTOCOL_SIP_GATEWAYS_H

#include "pcap2ipfix/view.h"

/* Returns true if a body of this type, or a part of it, may be an SDP description (RFC 8866). */
bool p2i_sip_may_hold_sdp(struct p2i_view content_type);

/* Lists the hosts of Via (sent-by), then of Record-Route and Route, then the addresses of o= and
 * c= lines of SDP: separated by commas, each once, without ports and brackets, at most 128. `lines`
 * are the header lines. `body` is empty or may be cut; `whole` is true when it is not cut.
 * `scratch` has room for the bytes of the message and moves behind the bytes used for the list,
 * which lives as long as them. */
struct p2i_view p2i_sip_gateways(struct p2i_view lines, struct p2i_view content_type,
                                 struct p2i_view body, bool whole, uint8_t **scratch);

#endif
