/* SPDX-License-Identifier: MIT */
/* Addresses and hosts in header fields and envelopes (RFC 5322 section 3.4, RFC 5321 section 4.1.2,
 * RFC 5322 section 3.6.7). */
#ifndef P2I_PROTOCOL_MAIL_ADDRESS_H
#define P2I_PROTOCOL_MAIL_ADDRESS_H

#include "protocol/mail/text.h"

/* Appends the addresses of an address list (unfolded) to a comma-separated `list`: no names, no
 * comments, no group names. */
void p2i_mail_addresses(const struct p2i_parser *parser, struct p2i_text *list,
                        struct p2i_view value, size_t limit);

/* The beginning of an address list that was cut, up to the end of its last whole address, which
 * only what stands behind it can show. */
struct p2i_view p2i_mail_whole_addresses(struct p2i_view value);

/* The same of a field made of words. */
struct p2i_view p2i_mail_whole_words(struct p2i_view value);

/* Has the path in an envelope its end? Where the line was cut it may not. */
bool p2i_mail_path_ends(struct p2i_view path);

/* The mailbox of a path in an envelope ("<@a,@b:joe@c> SIZE=9"), without its route; it lies in
 * `path`. Empty for "<>". */
struct p2i_view p2i_mail_path(struct p2i_view path);

/* The host that a Received field says the message was received by; empty when there is none. It
 * lies in `value`. */
struct p2i_view p2i_mail_received_by(struct p2i_view value);

/* A word of a server's greeting that is a full host name ("+OK <1.2@pop.example.org>"); empty when
 * there is none. It lies in `text`. */
struct p2i_view p2i_mail_greeting_host(struct p2i_view text);

/* The part of `text` at its start that a host name or address literal can be made of. */
struct p2i_view p2i_mail_host(struct p2i_view text);

#endif
