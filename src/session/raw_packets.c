/* SPDX-License-Identifier: MIT */
#include "session/raw_packets.h"

#include "protocol/message.h"

void p2i_raw_emit(const struct p2i_raw_settings *settings, struct p2i_session *session,
                  enum p2i_direction direction, const struct p2i_packet *packet,
                  const struct p2i_message_sink *sink)
{
    if (!settings->wanted[session->protocol] || session->raw_count >= settings->packets ||
        packet->payload_length == 0) {
        return;
    }
    session->raw_count++;
    struct p2i_packet_info info;
    p2i_packet_info_of(packet, &info);
    struct p2i_raw message = {
        .data = p2i_view_first(packet->ip, settings->bytes),
        .tcp_flags = packet->tcp_flags,
        .flow_direction = (uint8_t)direction,
        .data_direction = (uint8_t)direction,
    };
    sink->emit(sink->context, P2I_RECORD_RAW, direction, &info, &message, P2I_WHOLE);
}
