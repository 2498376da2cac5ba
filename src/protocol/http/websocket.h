/* SPDX-License-Identifier: MIT */
/* WebSocket (RFC 6455) with permessage-deflate (RFC 7692), from the first frame behind the HTTP
 * upgrade. Puts frames together into messages; text messages go to the known text protocols
 * (text_protocol.h), binary ones are skipped.
 *
 * - Of a longer text message the first P2I_WEBSOCKET_TEXT_MAX inflated bytes are read: a limited
 *   message. One that is cut by a loss or the end is read up to there.
 * - A connection that uses P2I_WEBSOCKET_PATIENCE up before a message is recognised is given up:
 *   that is 8 text messages, or 64 others, of both sides together.
 * - A loss inside a frame ends its message. After any other loss the bytes behind it are taken
 *   for a frame if they follow the standard exactly and are not large, since most losses end
 *   where a segment, and a frame, begins. Otherwise the parser searches for the next text
 *   message in one frame that begins as a JSON object does; it gives a direction up that has
 *   none in P2I_WEBSOCKET_SEARCH bytes. */
#ifndef P2I_PROTOCOL_HTTP_WEBSOCKET_H
#define P2I_PROTOCOL_HTTP_WEBSOCKET_H

enum {
    P2I_WEBSOCKET_TEXT_MAX = 64 << 10,
    P2I_WEBSOCKET_SEARCH = 256 << 10,
    P2I_WEBSOCKET_PATIENCE = 64,
};

#endif
