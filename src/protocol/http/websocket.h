/* SPDX-License-Identifier: MIT */
/* WebSocket (RFC 6455) with permessage-deflate (RFC 7692), from the frame behind the HTTP upgrade
 * on. Frames become messages; text messages go to the text protocols that are known
 * (text_protocol.h), binary ones are stepped over unseen.
 *
 * - Of a text message of more than P2I_WEBSOCKET_TEXT_MAX bytes, inflated, so many are read: a
 *   limited message. One that is cut by a loss or the end is read as far as it goes.
 * - A connection of which P2I_WEBSOCKET_PATIENCE is used up before any message was recognised is
 *   given up: that is 8 text messages, or 64 others, of both sides together.
 * - A loss inside a frame that has begun ends its message. After any other, what stands right
 *   behind it is believed to be a frame if it is one to the letter and not large, as losses mostly
 *   end where a segment begins, and a frame with it. Else, and where a frame cannot be one, the
 *   next text message in one frame that begins as a JSON object does is looked for; a direction
 *   that has none in P2I_WEBSOCKET_SEARCH bytes is given up. */
#ifndef P2I_PROTOCOL_HTTP_WEBSOCKET_H
#define P2I_PROTOCOL_HTTP_WEBSOCKET_H

enum {
    P2I_WEBSOCKET_TEXT_MAX = 64 << 10,
    P2I_WEBSOCKET_SEARCH = 256 << 10,
    P2I_WEBSOCKET_PATIENCE = 64,
};

#endif
