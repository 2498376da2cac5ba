/* SPDX-License-Identifier: MIT */
/* Inflates one direction of permessage-deflate (RFC 7692): its messages are parts of one DEFLATE
 * stream, in which each may refer up to 32 KiB back into earlier ones.
 *
 * The negotiated parameters are not needed: a larger window than the sender's does no harm, and a
 * sender that starts each message with an empty one (no_context_takeover) never refers back. Behind
 * a loss, p2i_inflater_forget() makes a message that refers to lost bytes an error instead of
 * garbage.
 *
 * Takes about 50 KiB of the pool. Output is bounded by input, so that a few bytes cannot cost
 * much time. */
#ifndef P2I_PROTOCOL_HTTP_WEBSOCKET_INFLATE_H
#define P2I_PROTOCOL_HTTP_WEBSOCKET_INFLATE_H

#include "pcap2ipfix/view.h"

struct p2i_parser;

struct p2i_inflater;

enum {
    P2I_INFLATED_FREE = 1 << 20, /* bytes of output that are always allowed */
    P2I_INFLATED_RATIO = 32,     /* further bytes of output for each byte of input */
};

/* Made from the parser's pool. NULL: out of memory. */
struct p2i_inflater *p2i_inflater_new(const struct p2i_parser *parser);

/* NULL is fine. */
void p2i_inflater_free(const struct p2i_parser *parser, struct p2i_inflater *inflater);

/* The next message must not refer back. */
void p2i_inflater_forget(struct p2i_inflater *inflater);

/* Inflates some of `*in` (the unmasked payload), takes that off it, and writes into `out`, which
 * has `room` bytes. All output is there when `*in` is empty and less than `room` was written.
 * False: no DEFLATE stream, a reference to unknown bytes, or too much output; the rest of the
 * message is lost then, and the next one must not refer back. `parser` pays for the memory. */
bool p2i_inflate(const struct p2i_parser *parser, struct p2i_inflater *inflater,
                 struct p2i_view *in, uint8_t *out, size_t room, size_t *written);

/* The bytes that a sender omits at the end of a message (RFC 7692 7.2.2), to be inflated behind
 * its payload. Static. */
struct p2i_view p2i_inflate_tail(void);

/* Call it behind the tail of a message. True: the message is whole, because it ends with a
 * block; or because the DEFLATE stream ended before (RFC 7692 7.2.3.4), even if the tail was not
 * inflated. */
bool p2i_inflater_end_message(struct p2i_inflater *inflater);

/* True when too much came out: nothing more will be inflated. */
bool p2i_inflater_spent(const struct p2i_inflater *inflater);

#endif
