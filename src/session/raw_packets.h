/* SPDX-License-Identifier: MIT */
/* Packets of protocols that are recognised and not parsed, for whoever reads them later. */
#ifndef P2I_SESSION_RAW_PACKETS_H
#define P2I_SESSION_RAW_PACKETS_H

#include "session/table.h"

/* Which packets; one for a run. */
struct p2i_raw_settings {
    bool wanted[P2I_PROTOCOL_COUNT]; /* by enum p2i_protocol_id */
    uint16_t bytes;                  /* of a packet, from its IP header on */
    uint8_t packets;                 /* of a session */
};

/* Emits the packet if its session speaks a protocol that is wanted, and counts it. */
void p2i_raw_emit(const struct p2i_raw_settings *settings, struct p2i_session *session,
                  enum p2i_direction direction, const struct p2i_packet *packet,
                  const struct p2i_sink *sink);

#endif
