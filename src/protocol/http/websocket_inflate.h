/* SPDX-License-Identifier: MIT */
/* One direction's permessage-deflate (RFC 7692): messages are parts of one DEFLATE stream, in which
 * each may point up to 32 KiB back into those before it.
 *
 * What was negotiated need not be known: a larger window than the sender's does no harm, and a
 * sender that begins each message with an empty one (no_context_takeover) points nowhere before it.
 * Where something was lost, p2i_inflater_forget() makes a message that points at it an error
 * instead of nonsense.
 *
 * About 50 KiB of the pool. What may come out is bounded by what went in, so that a few bytes
 * cannot cost much time. */
#ifndef P2I_PROTOCOL_HTTP_WEBSOCKET_INFLATE_H
#define P2I_PROTOCOL_HTTP_WEBSOCKET_INFLATE_H

#include "base/view.h"

struct p2i_parser;

struct p2i_inflater;

enum {
    P2I_INFLATED_FREE = 1 << 20, /* bytes that may come out in any case, and ... */
    P2I_INFLATED_RATIO = 32,     /* ... for each that goes in */
};

/* Made from the parser's pool. NULL: out of memory. */
struct p2i_inflater *p2i_inflater_new(const struct p2i_parser *parser);

/* NULL is fine. */
void p2i_inflater_free(const struct p2i_parser *parser, struct p2i_inflater *inflater);

/* The next message stands alone. */
void p2i_inflater_forget(struct p2i_inflater *inflater);

/* Inflates some of `*in` (the payload, unmasked), which is taken off it, into `out`, which has
 * `room`. When `*in` is empty and less than `room` was written, all has come out that will. False
 * when the bytes are no DEFLATE stream, point at what is not known, or are too much; the rest of
 * the message is lost then, and the next one stands alone. */
bool p2i_inflate(const struct p2i_parser *parser, struct p2i_inflater *inflater,
                 struct p2i_view *in, uint8_t *out, size_t room, size_t *written);

/* The bytes that a sender leaves out at the end of a message (RFC 7692 7.2.2), to be inflated
 * behind its payload. Static. */
struct p2i_view p2i_inflate_tail(void);

/* The message has ended, tail and all: is it whole? It is where a block ends; or where the DEFLATE
 * stream itself ended before (RFC 7692 7.2.3.4), even if the tail could not be inflated. */
bool p2i_inflater_end_message(struct p2i_inflater *inflater);

/* Too much came out: nothing more will be inflated. */
bool p2i_inflater_spent(const struct p2i_inflater *inflater);

#endif
