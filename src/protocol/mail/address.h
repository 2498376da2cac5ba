/* SPDX-License-Identifier: MIT */
/* Addresses and hosts in header fields and envelopes (RFC 5322 section 3.4, RFC 5321 section 4.1.2,
 * RFC 5322 section 3.6.7). */
#ifndef P2I_PROTOCOL_MAIL_ADDRESS_H
#define P2I_PROTOCOL_MAIL_ADDRESS_H

#include "protocol/mail/text.h"

/* Appends the addresses of an unfolded address list to a comma-separated `list`: no names,
 * comments or group names. */
void p2i_mail_addresses(const struct p2i_parser *parser, struct p2i_text *list,
                        struct p2i_view value, size_t limit);

/* Cuts the beginning of an address list after its last whole address, which only the bytes
 * behind it can confirm. */
struct p2i_view p2i_mail_whole_addresses(struct p2i_view value);

/* The same for a field made of words. */
struct p2i_view p2i_mail_whole_words(struct p2i_view value);

/* True when the path in an envelope has its end. In a cut line it may not. */
bool p2i_mail_path_ends(struct p2i_view path);

/* Returns the mailbox of a path in an envelope ("<@a,@b:joe@c> SIZE=9"), without its route;
 * empty for "<>". It points into `path`. */
struct p2i_view p2i_mail_path(struct p2i_view path);

/* Returns the host in the "by" clause of a Received field; empty when there is none. It points
 * into `value`. */
struct p2i_view p2i_mail_received_by(struct p2i_view value);

/* Returns the word of a server's greeting that is a full host name ("+OK
 * <1.2@pop.example.org>"); empty when there is none. It points into `text`. */
struct p2i_view p2i_mail_greeting_host(struct p2i_view text);

/* Returns the longest start of `text` that can be a host name or address literal. */
struct p2i_view p2i_mail_host(struct p2i_view text);

#endif
