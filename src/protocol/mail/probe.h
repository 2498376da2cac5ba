/* SPDX-License-Identifier: MIT */
/* How SMTP, POP3 and IMAP are told from each other and from everything else. */
#ifndef P2I_PROTOCOL_MAIL_PROBE_H
#define P2I_PROTOCOL_MAIL_PROBE_H

#include "protocol/mail/mail.h"

/* As in struct p2i_protocol. */
enum p2i_match p2i_smtp_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                              struct p2i_view bytes);
enum p2i_match p2i_pop3_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                              struct p2i_view bytes);
enum p2i_match p2i_imap_probe(const struct p2i_ends *ends, enum p2i_direction direction,
                              struct p2i_view bytes);

/* Which direction is the server's? The one with the port of the protocol; else that of `speaker`
 * if what was said there looks like a server (`looks_so`), or the other. */
enum p2i_direction p2i_mail_server(const struct p2i_ends *ends, enum p2i_mail_protocol protocol,
                                   enum p2i_direction speaker, bool looks_so);

/* Is `bytes` one of these texts (NULL-terminated), in whatever case, or the beginning of one? */
enum p2i_match p2i_mail_match(struct p2i_view bytes, const char *const *texts);

/* True when this begins a TLS record (RFC 8446 section 5.1), which no line of text does. */
static inline bool p2i_mail_is_tls(struct p2i_view bytes)
{
    return bytes.data[0] == 0x16;
}

#endif
