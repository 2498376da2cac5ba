/* SPDX-License-Identifier: MIT */
/* Zello's channel API, version 1.0: JSON objects in text messages. Emits an im message (protocol
 * 106) for each `logon` and for each text message sent (`send_text_message`) or received
 * (`on_text_message`), and one with nothing but the protocol for each TLS or QUIC session to a
 * Zello host, whose content is encrypted.
 *
 * - login and screen_name: the user that logs on or writes; other users see Zello's user names. For
 *   `send_text_message` the user of the logon. Empty for anonymous users.
 * - receivers: of a logon its channels, separated by commas; of a text message the user in `for`,
 *   else the channel, else the channels of the logon (a session with one channel need not name it).
 * - result_code of a logon: 0 when it was accepted or no answer was seen, 401 when it was refused
 *   (Zello reports errors in words, all of which concern the right to log on). A logon is emitted
 *   with its answer, at the next logon, or at the end of the session.
 * - A user name, password or channel that is not a string counts as missing.
 * - Of a cut message the members in front of the cut are read. A logon needs its user name, a text
 *   message all of its names, `for` among them: only at the end of a message is it certain that
 *   `for` is missing. */
#ifndef P2I_PROTOCOL_IM_ZELLO_H
#define P2I_PROTOCOL_IM_ZELLO_H

#include "protocol/text_protocol.h"

extern const struct p2i_text_protocol p2i_zello;

/* Returns true if `host` is zello.com, zello.io, zellowork.com or zellowork.io, or a host below one
 * of them. */
bool p2i_zello_is_host(struct p2i_view host);

/* Emits the message of a session to `host` and returns true if that is a Zello host; else returns
 * false. */
bool p2i_zello_session(const struct p2i_parser *parser, enum p2i_direction client,
                       const struct p2i_packet_info *info, struct p2i_view host);

#endif
