/* SPDX-License-Identifier: MIT */
/* Zello's channel API, version 1.0: JSON objects in text messages. An im message (protocol 106) for
 * each `logon`, and for each text message sent (`send_text_message`) or received
 * (`on_text_message`); and one with nothing but the protocol for each TLS or QUIC session to a host
 * of Zello's, in which there is nothing to be read.
 *
 * - login and screen_name: who logs on or writes; Zello's user names are what others are shown. For
 *   `send_text_message` the user of the logon. Empty for those who are anonymous.
 * - receivers: the channels of a logon, with commas between them; of a text message the user it is
 *   `for`, else the channel, else (with one channel it need not be named) those of the logon.
 * - result_code of a logon: 0 when it was accepted, 401 when it was refused (Zello tells errors in
 *   words, none of which is about anything but the right to log on), 0 when no answer was seen. A
 *   logon goes out with its answer, with the logon that follows it, or at the end.
 * - A user name, password or channel that is not a string counts as missing.
 * - Of a message that is not whole, what stands in front of the cut is read. A logon is one with
 * its user name; a text message with all of its names, `for` among them, which can only be told to
 * be missing at the end. */
#ifndef P2I_PROTOCOL_IM_ZELLO_H
#define P2I_PROTOCOL_IM_ZELLO_H

#include "protocol/text_protocol.h"

extern const struct p2i_text_protocol p2i_zello;

/* Is this zello.com, zello.io, zellowork.com or zellowork.io, or a host below one of them? */
bool p2i_zello_is_host(struct p2i_view host);

/* The message of a session to `host`, if that is one of Zello's; tells whether it is. */
bool p2i_zello_session(const struct p2i_parser *parser, enum p2i_direction client,
                       const struct p2i_packet_info *info, struct p2i_view host);

#endif
