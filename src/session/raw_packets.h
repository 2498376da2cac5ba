/* SPDX-License-Identifier: MIT */
/* Raw records: packets of protocols that are recognised but not parsed, as captured. */
#ifndef P2I_SESSION_RAW_PACKETS_H
#define P2I_SESSION_RAW_PACKETS_H

#include "base/counts.h"
#include "session/table.h"

/* Selects packets; shared by all workers of a run. */
struct p2i_raw_settings {
    bool wanted[P2I_PROTOCOL_COUNT]; /* by enum p2i_protocol_id */
    uint16_t bytes;                  /* maximum bytes of a packet, from the IP header on */
    uint8_t packets;                 /* maximum packets of a session */
};

/* Emits the packet if its session's protocol is selected and the session is below its limit. */
void p2i_raw_emit(const struct p2i_raw_settings *settings, struct p2i_session *session,
                  enum p2i_direction direction, const struct p2i_packet *packet,
                  const struct p2i_message_sink *sink);

#endif
